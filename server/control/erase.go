package control

import (
	"context"

	"satchel/backend"
)

type eraseArgs struct {
	Account string
	Filter  backend.ExpungedFilter
}

// Erase implements Admin.
func (l *Local) Erase(ctx context.Context, account string, f backend.ExpungedFilter, agree func(n int) error, each func(done, total int) error) (n int, err error) {
	err = l.with(account, func(a *backend.Account) error {
		n, err = a.Erase(ctx, f, agree, each)
		return err
	})
	return n, err
}

// erase answers with steps. The first one, in which nothing is done yet, asks, and goes on after kindAgreed.
func erase(l *Local, s *stream, args eraseArgs) error {
	agreed := make(chan struct{})
	ctx, end := context.WithCancelCause(context.Background())
	go func() {
		if k, _, err := s.next(); err == nil && k == kindAgreed {
			close(agreed)
			s.in.ReadByte() // no more is said: the client has gone, or the server stops
		}
		end(backend.ErrClosed)
	}()
	agree := func(n int) error {
		if err := s.sendItem(step[int]{Total: n}); err != nil {
			return err
		}
		select {
		case <-agreed:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return steps(s, func(each func(done, total int) error) (int, error) {
		return l.Erase(ctx, args.Account, args.Filter, agree, each)
	})
}

// Erase implements Admin.
func (r *Remote) Erase(ctx context.Context, account string, f backend.ExpungedFilter, agree func(n int) error, each func(done, total int) error) (int, error) {
	asked := func(s *stream, n int) error {
		if err := agree(n); err != nil {
			return err
		}
		if err := s.write(kindAgreed, nil); err != nil {
			return err
		}
		return s.flush()
	}
	result := 0
	err := askWith(ctx, r, opErase, eraseArgs{account, f}, func(s *stream, st step[int]) error {
		switch {
		case st.Result != nil:
			result = *st.Result
		case st.Done == 0:
			return asked(s, st.Total)
		default:
			return each(st.Done, st.Total)
		}
		return nil
	})
	return result, err
}
