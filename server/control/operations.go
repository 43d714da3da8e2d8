package control

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"satchel/backend"
	"satchel/server/presence"
	"satchel/server/printable"
)

// request is the first frame of a connection.
type request struct {
	Op   string
	Args json.RawMessage
}

// Names of the operations.
const (
	opAccounts   = "accounts"
	opAccount    = "account"
	opAdd        = "account.add"
	opPassword   = "account.password"
	opDisable    = "account.disable"
	opRemove     = "account.remove"
	opAddrAdd    = "address.add"
	opAddrRemove = "address.remove"
	opAppAdd     = "app.add"
	opApps       = "app.list"
	opAppRevoke  = "app.revoke"
	opQuota      = "quota"
	opQuotaSet   = "quota.set"
	opDeliver    = "deliver"
	opMailboxes  = "mailboxes"
	opImport     = "import"
	opExport     = "export"
	opUpstreams  = "upstreams"
	opUpRename   = "upstream.rename"
	opUpMessages = "upstream.messages"
	opMessageIDs = "messageids"
	opCheck      = "check"
	opIndex      = "index.status"
	opRebuild    = "index.rebuild"
	opExpunged   = "expunged"
	opUndelete   = "undelete"
	opErase      = "erase"
	opStatus     = "status"
	opReady      = "ready"
	opSessions   = "sessions"
	opKick       = "sessions.end"
	opAdopt      = "account.adopt"
	opPresent    = "present"
	opTrace      = "sessions.trace"
)

// Arguments of the operations that take several.
type (
	nameAnd struct {
		Name  string
		Value string // a password, an address, a label, an upstream or a mailbox
	}
	disableArgs struct {
		Name     string
		Disabled bool
	}
	quotaArgs struct {
		Account string
		Own     backend.Limits
	}
	exportArgs   struct{ Account, Mailbox string }
	upstreamArgs struct{ Account, From, To, Mailbox string }
	checkArgs    struct {
		Accounts []string
		Deep     bool
	}
	importReady struct {
		KeepsUIDs bool
		Mailbox   string
		Limit     int64
	}
	nothing struct{}
)

// operation answers one request on a stream, the last frame excepted when it fails.
type operation func(l *Local, s *stream, args json.RawMessage) error

// operations is the table of all that can be asked.
func operations() map[string]operation {
	return map[string]operation{
		opAccounts: reply(func(l *Local, _ nothing) ([]backend.AccountInfo, error) { return l.Accounts() }),
		opAccount:  reply(func(l *Local, name string) (backend.AccountInfo, error) { return l.Account(name) }),
		opAdd:      reply(func(l *Local, a nameAnd) (backend.AccountInfo, error) { return l.AddAccount(a.Name, a.Value) }),
		opPassword: done(func(l *Local, a nameAnd) error { return l.SetPassword(a.Name, a.Value) }),
		opDisable:  done(func(l *Local, a disableArgs) error { return l.SetDisabled(a.Name, a.Disabled) }),
		opRemove:   done(func(l *Local, name string) error { return l.RemoveAccount(name) }),

		opAddrAdd:    done(func(l *Local, a nameAnd) error { return l.AddAddress(a.Name, a.Value) }),
		opAddrRemove: done(func(l *Local, a nameAnd) error { return l.RemoveAddress(a.Name, a.Value) }),

		opAppAdd:    reply(func(l *Local, a nameAnd) (string, error) { return l.AddAppPassword(a.Name, a.Value) }),
		opApps:      reply(func(l *Local, name string) ([]backend.AppPassword, error) { return l.AppPasswords(name) }),
		opAppRevoke: done(func(l *Local, a nameAnd) error { return l.RevokeAppPassword(a.Name, a.Value) }),

		opQuota:    reply(func(l *Local, account string) (backend.AccountQuota, error) { return l.AccountQuota(account) }),
		opQuotaSet: done(func(l *Local, a quotaArgs) error { return l.SetQuota(a.Account, a.Own) }),

		opMailboxes: reply(func(l *Local, account string) ([]Mailbox, error) { return l.Mailboxes(account) }),
		opDeliver:   deliver,
		opImport:    importMessages,
		opAdopt:     reply(func(l *Local, a Adoption) (Adopted, error) { return l.AdoptAccount(a) }),
		opPresent:   reply(func(l *Local, c Copies) ([]Presence, error) { return l.Present(c) }),
		opExport:    export,
		opUpstreams: reply(func(l *Local, account string) ([]backend.Upstream, error) { return l.Upstreams(account) }),
		opUpRename: done(func(l *Local, a upstreamArgs) error {
			return l.RenameUpstream(a.Account, a.From, a.To, a.Mailbox)
		}),
		opUpMessages: items(func(l *Local, a nameAnd, each func([]backend.UpstreamMessage) error) error {
			return l.UpstreamMessages(a.Name, a.Value, each)
		}),
		opMessageIDs: items(func(l *Local, a nameAnd, each func([]MessageID) error) error {
			return l.MessageIDs(a.Name, a.Value, each)
		}),
		opCheck: items(func(l *Local, a checkArgs, each func(backend.Problem) error) error {
			return l.Check(a.Accounts, a.Deep, each)
		}),
		opIndex:    reply(func(l *Local, account string) (backend.IndexStatus, error) { return l.IndexStatus(account) }),
		opRebuild:  rebuildIndex,
		opExpunged: expunged,
		opUndelete: undelete,
		opErase:    erase,
		opTrace:    traceSessions,
		opStatus:   reply(func(l *Local, _ nothing) (Status, error) { return l.Status() }),
		opReady:    done(func(l *Local, _ nothing) error { return l.Ready() }),
		opSessions: items(func(l *Local, w Which, each func(presence.Session) error) error { return l.Sessions(w, each) }),
		opKick:     reply(func(l *Local, w Which) (int, error) { return l.EndSessions(w) }),
	}
}

// reply makes an operation of a function with one answer.
func reply[A, R any](f func(*Local, A) (R, error)) operation {
	return func(l *Local, s *stream, raw json.RawMessage) error {
		var args A
		if err := json.Unmarshal(raw, &args); err != nil {
			return errProtocol
		}
		r, err := f(l, args)
		if err != nil {
			return err
		}
		return s.send(kindResult, r)
	}
}

// done makes an operation of a function without an answer.
func done[A any](f func(*Local, A) error) operation {
	return reply(func(l *Local, args A) (nothing, error) { return nothing{}, f(l, args) })
}

// items makes an operation of a function with any number of answers.
func items[A, R any](f func(*Local, A, func(R) error) error) operation {
	return func(l *Local, s *stream, raw json.RawMessage) error {
		var args A
		if err := json.Unmarshal(raw, &args); err != nil {
			return errProtocol
		}
		if err := f(l, args, func(r R) error { return s.sendItem(r) }); err != nil {
			return err
		}
		return s.send(kindResult, nothing{})
	}
}

func deliver(l *Local, s *stream, raw json.RawMessage) error {
	var to Destination
	if err := json.Unmarshal(raw, &to); err != nil {
		return errProtocol
	}
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

func export(l *Local, s *stream, raw json.RawMessage) error {
	var args exportArgs
	if err := json.Unmarshal(raw, &args); err != nil {
		return errProtocol
	}
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

func rebuildIndex(l *Local, s *stream, raw json.RawMessage) error {
	var account string
	if err := json.Unmarshal(raw, &account); err != nil {
		return errProtocol
	}
	if err := l.RebuildIndex(s.attended(), account, func(st backend.IndexStatus) error { return s.sendItem(st) }); err != nil {
		return err
	}
	return s.send(kindResult, nothing{})
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

// importMessages takes messages until the client says that there are no more.
func importMessages(l *Local, s *stream, raw json.RawMessage) error {
	var to Target
	if err := json.Unmarshal(raw, &to); err != nil {
		return errProtocol
	}
	imp, err := l.Import(to)
	if err != nil {
		return err
	}
	defer imp.Abort()
	if err := s.send(kindItem, importReady{imp.KeepsUIDs(), imp.Mailbox(), imp.Limit()}); err != nil {
		return err
	}
	for {
		if err := s.flush(); err != nil {
			return err
		}
		k, b, err := s.next()
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		if k == kindFinish {
			return finishImport(imp, s, b)
		}
		if err := importFrame(imp, s, k, b); err != nil {
			return err
		}
	}
}

// importFrame answers a question about keys, or takes changes or a message.
func importFrame(imp Import, s *stream, k kind, b []byte) error {
	switch k {
	case kindKeys:
		var keys [][]byte
		if json.Unmarshal(b, &keys) != nil {
			return errProtocol
		}
		known, err := imp.Known(keys)
		if err != nil {
			return err
		}
		return s.send(kindItem, known)
	case kindChanges:
		var c Changes
		if json.Unmarshal(b, &c) != nil {
			return errProtocol
		}
		n, err := imp.Change(c)
		if err != nil {
			return err
		}
		return s.send(kindItem, n)
	case kindMessage:
		m := &Message{}
		if json.Unmarshal(b, m) != nil {
			return errProtocol
		}
		msg := &body{s: s}
		if err := imp.Add(m, msg); err != nil {
			return err
		}
		return msg.drain()
	}
	return errProtocol
}

func finishImport(imp Import, s *stream, b []byte) error {
	var end End
	if json.Unmarshal(b, &end) != nil {
		return errProtocol
	}
	tally, err := imp.Finish(end)
	if err != nil {
		return err
	}
	return s.send(kindResult, tally)
}
