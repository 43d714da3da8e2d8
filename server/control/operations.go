package control

import (
	"context"
	"encoding/json"

	"satchel/backend"
	"satchel/server/presence"
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
	opErase      = "erase.agreed"
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
		opDeliver:   with(deliver),
		opImport:    with(importMessages),
		opAdopt:     reply(func(l *Local, a Adoption) (Adopted, error) { return l.AdoptAccount(a) }),
		opPresent:   reply(func(l *Local, c Copies) ([]Presence, error) { return l.Present(c) }),
		opExport:    with(export),
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
		opCheck: attended(func(ctx context.Context, l *Local, a checkArgs, each func(backend.Problem) error) error {
			return l.Backend.Check(ctx, a.Accounts, a.Deep, each)
		}),
		opIndex: reply(func(l *Local, account string) (backend.IndexStatus, error) { return l.IndexStatus(account) }),
		opRebuild: attended(func(ctx context.Context, l *Local, account string, each func(backend.IndexStatus) error) error {
			return l.RebuildIndex(ctx, account, each)
		}),
		opExpunged: with(expunged),
		opUndelete: with(undelete),
		opErase:    with(erase),
		opTrace:    with(traceSessions),
		opStatus:   reply(func(l *Local, _ nothing) (Status, error) { return l.Status() }),
		opReady:    done(func(l *Local, _ nothing) error { return l.Ready() }),
		opSessions: items(func(l *Local, w Which, each func(presence.Session) error) error { return l.Sessions(w, each) }),
		opKick:     reply(func(l *Local, w Which) (int, error) { return l.EndSessions(w) }),
	}
}
