package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"satchel/backend"
	"satchel/server/presence"
)

// Local does the work on a backend of this process.
type Local struct {
	*backend.Backend
	fronts Fronts // nil where no sessions are served
	log    *slog.Logger
}

// NewLocal gives an Admin over be, which Close closes. fronts are where its clients are, nil where none are served.
func NewLocal(be *backend.Backend, fronts Fronts) *Local {
	return &Local{Backend: be, fronts: fronts, log: slog.New(slog.DiscardHandler)}
}

// SetPassword implements Admin. Whoever is logged in by the old password has to log in again.
func (l *Local) SetPassword(name, password string) error {
	return l.ending(name, "The password was changed", func() (int64, error) {
		return backend.MainPassword, l.Backend.SetPassword(name, password)
	})
}

// SetDisabled implements Admin. The sessions of a disabled account end.
func (l *Local) SetDisabled(name string, disabled bool) error {
	if !disabled {
		return l.Backend.SetDisabled(name, false)
	}
	return l.ending(name, "The account is disabled", func() (int64, error) { return 0, l.Backend.SetDisabled(name, true) })
}

// RemoveAccount implements Admin. Its sessions end.
func (l *Local) RemoveAccount(name string) error {
	return l.ending(name, "The account was removed", func() (int64, error) { return 0, l.Backend.RemoveAccount(name) })
}

// RevokeAppPassword implements Admin. The sessions that it let in end.
func (l *Local) RevokeAppPassword(account, label string) error {
	return l.ending(account, "The password was revoked", func() (int64, error) { return l.Backend.RevokeAppPassword(account, label) })
}

// Check implements Admin.
func (l *Local) Check(accounts []string, deep bool, each func(backend.Problem) error) error {
	return l.Backend.Check(context.Background(), accounts, deep, each)
}

// ending changes how an account may be used, and when that is done ends the sessions that a credential let in, or all
// when that is 0.
func (l *Local) ending(name, text string, change func() (credential int64, err error)) error {
	info, err := l.AccountByName(name)
	if err != nil {
		return err
	}
	credential, err := change()
	if err != nil {
		return err
	}
	if l.fronts != nil {
		l.fronts.EndSessions(presence.Filter{AccountID: info.ID, Credential: credential}, text)
	}
	return nil
}

// Account implements Admin.
func (l *Local) Account(name string) (backend.AccountInfo, error) { return l.AccountByName(name) }

// open opens an account's mail. The caller releases it.
func (l *Local) open(name string) (*backend.Account, error) {
	info, err := l.AccountByName(name)
	if err != nil {
		return nil, err
	}
	return l.Backend.Account(info.ID, info.Name)
}

// Deliver implements Admin.
func (l *Local) Deliver(to Destination, msg io.Reader) (backend.Receipt, error) {
	spool := l.NewSpool()
	defer spool.Close()
	if _, err := spool.ReadFrom(msg); err != nil {
		return backend.Receipt{}, fmt.Errorf("read message: %w", err)
	}
	d, err := l.NewDelivery(to.From, to.Received, spool)
	if err != nil {
		return backend.Receipt{}, err
	}
	defer d.Close()
	if to.Address != "" {
		return d.To(to.Address)
	}
	a, err := l.open(to.Account)
	if err != nil {
		return backend.Receipt{}, err
	}
	defer a.Release()
	if to.Mailbox == "" {
		to.Mailbox = "INBOX"
	}
	return d.Into(a, to.Mailbox)
}

// Mailboxes implements Admin.
func (l *Local) Mailboxes(account string) ([]Mailbox, error) {
	a, err := l.open(account)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	var list []Mailbox
	for _, info := range a.List() {
		if !info.Exists && !info.Subscribed {
			continue // a level above some mailbox
		}
		m := Mailbox{Name: info.Name, SpecialUse: info.SpecialUse, Subscribed: info.Subscribed, Exists: info.Exists}
		if info.Exists {
			st, err := a.Status(info.Name)
			if errors.Is(err, backend.ErrNotFound) {
				continue // deleted since the listing
			}
			if err != nil {
				return nil, err
			}
			m.Messages, m.Size, m.UIDValidity, m.UIDNext = st.Messages, st.Size, st.UIDValidity, st.UIDNext
		}
		list = append(list, m)
	}
	return list, nil
}

// Export implements Admin.
func (l *Local) Export(account, mailbox string, each func(m *Message, body io.Reader) error) error {
	a, err := l.open(account)
	if err != nil {
		return err
	}
	defer a.Release()
	v, err := a.Open(mailbox, true, func() {})
	if err != nil {
		return err
	}
	defer v.Close()
	all := v.All()
	r := &rowReader{v: v}
	var rows []backend.Row
	for from := 0; from < all.Len(); from += len(rows) {
		rows = v.Rows(all, from, exportRows, rows[:0])
		for i := range rows {
			if err := exportRow(r, &rows[i], each); err != nil {
				return err
			}
		}
	}
	return nil
}

// exportRows is how many rows Export holds at a time.
const exportRows = 256

func exportRow(r *rowReader, row *backend.Row, each func(m *Message, body io.Reader) error) error {
	r.reset(row)
	m := &Message{UID: row.UID, Flags: row.Flags, Keywords: row.Keywords, Date: time.Unix(row.Date, 0).UTC(), Size: int64(row.Size)}
	return each(m, r)
}
