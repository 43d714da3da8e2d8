package control

import (
	"context"
	"encoding/json"
	"io"

	"satchel/backend"
	"satchel/server/printable"
)

// with makes an operation of a function that answers by itself.
func with[A any](f func(*Local, *stream, A) error) operation {
	return func(l *Local, s *stream, raw json.RawMessage) error {
		args, err := parse[A](raw)
		if err != nil {
			return err
		}
		return f(l, s, args)
	}
}

// parse reads what a frame says.
func parse[A any](b []byte) (a A, err error) {
	if json.Unmarshal(b, &a) != nil {
		err = errProtocol
	}
	return a, err
}

// reply makes an operation of a function with one answer.
func reply[A, R any](f func(*Local, A) (R, error)) operation {
	return with(func(l *Local, s *stream, args A) error {
		r, err := f(l, args)
		if err != nil {
			return err
		}
		return s.send(kindResult, r)
	})
}

// done makes an operation of a function without an answer.
func done[A any](f func(*Local, A) error) operation {
	return reply(func(l *Local, args A) (nothing, error) { return nothing{}, f(l, args) })
}

// items makes an operation of a function with any number of answers.
func items[A, R any](f func(*Local, A, func(R) error) error) operation {
	return with(func(l *Local, s *stream, args A) error {
		return s.finish(f(l, args, func(r R) error { return s.sendItem(r) }))
	})
}

// attended is items for what may take long: it ends when nobody waits for the answers any more.
func attended[A, R any](f func(context.Context, *Local, A, func(R) error) error) operation {
	return with(func(l *Local, s *stream, args A) error {
		return s.finish(f(s.attended(), l, args, func(r R) error { return s.sendItem(r) }))
	})
}

// finish ends an answer of any number of items, unless err has.
func (s *stream) finish(err error) error {
	if err != nil {
		return err
	}
	return s.send(kindResult, nothing{})
}

func export(l *Local, s *stream, args exportArgs) error {
	buf := make([]byte, dataFrame)
	err := l.Export(args.Account, args.Mailbox, func(m *Message, body io.Reader) error {
		_, err := s.sendMessage(m, body, buf)
		return err
	})
	if err != nil {
		return err
	}
	return s.send(kindResult, nothing{})
}

func deliver(l *Local, s *stream, to Destination) error {
	msg := &body{s: s}
	receipt, err := l.Deliver(to, msg)
	if lost := msg.drain(); lost != nil {
		return lost
	}
	if err != nil {
		return err
	}
	l.log.Info("delivered", "front", "control", "from", printable.Text(to.From, 320),
		"account", receipt.Account, "mailbox", receipt.Mailbox, "uid", receipt.UID)
	return s.send(kindResult, receipt)
}

// attended gives a context that ends when nobody waits for the answer any more. Nothing can be read from the stream then.
func (s *stream) attended() context.Context {
	ctx, end := context.WithCancelCause(context.Background())
	go func() { // the client says no more: it has gone, or the server stops
		s.in.ReadByte()
		end(backend.ErrClosed)
	}()
	return ctx
}
