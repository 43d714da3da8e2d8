package backend

import (
	"strings"
	"time"

	"github.com/emersion/go-imap"
	imapbackend "github.com/emersion/go-imap/backend"
)

// imapMailbox is a mailbox of an Account as go-imap's backend.MoveMailbox. Each
// call opens a view of its own.
type imapMailbox struct {
	a    *Account
	name string
}

// IMAPMailbox is a mailbox as go-imap sees it. It need not exist.
func (a *Account) IMAPMailbox(name string) imapbackend.Mailbox { return &imapMailbox{a, name} }

var _ imapbackend.MoveMailbox = (*imapMailbox)(nil)

// view runs f with a view of the mailbox.
func (m *imapMailbox) view(readOnly bool, f func(*View) error) error {
	v, err := m.a.Open(m.name, readOnly, func() {})
	if err != nil {
		return imapError(err)
	}
	defer v.Close()
	return imapError(f(v))
}

// messages runs f with a view and the messages of a set in it.
func (m *imapMailbox) messages(uid bool, set *imap.SeqSet, readOnly bool, f func(*View, Selection) error) error {
	return m.view(readOnly, func(v *View) error {
		s, err := v.Resolve(rangesOf(set), uid)
		if err != nil {
			return err
		}
		return f(v, s)
	})
}

func rangesOf(set *imap.SeqSet) []Range {
	ranges := make([]Range, 0, len(set.Set))
	for _, s := range set.Set {
		ranges = append(ranges, Range{s.Start, s.Stop})
	}
	return ranges
}

func (m *imapMailbox) Name() string { return m.name }

func (m *imapMailbox) Info() (*imap.MailboxInfo, error) {
	info := &imap.MailboxInfo{Delimiter: "/", Name: m.name, Attributes: []string{imap.NoSelectAttr}}
	for _, i := range m.a.List() {
		if i.Name != m.name {
			continue
		}
		if i.Exists {
			info.Attributes = nil
		}
		if i.SpecialUse != "" {
			info.Attributes = append(info.Attributes, i.SpecialUse)
		}
		if i.HasChildren {
			info.Attributes = append(info.Attributes, imap.HasChildrenAttr)
		}
	}
	return info, nil
}

func (m *imapMailbox) Status(items []imap.StatusItem) (*imap.MailboxStatus, error) {
	status := imap.NewMailboxStatus(m.name, items)
	err := m.view(true, func(v *View) error {
		counters := v.mailbox.status()
		status.Flags = append(flagNames(allFlags), v.Keywords()...)
		status.PermanentFlags = append(append([]string{}, status.Flags...), imap.TryCreateFlag)
		status.UnseenSeqNum = v.FirstUnseen()
		status.Messages, status.Recent, status.Unseen = counters.Messages, counters.Recent, counters.Unseen
		status.UidNext, status.UidValidity = uint32(counters.UIDNext), counters.UIDValidity
		return nil
	})
	return status, err
}

func (m *imapMailbox) SetSubscribed(on bool) error { return imapError(m.a.Subscribe(m.name, on)) }

// Check has nothing to do: a change is on disk before it is answered.
func (m *imapMailbox) Check() error { return nil }

func (m *imapMailbox) CreateMessage(flags []string, date time.Time, body imap.Literal) error {
	spool := m.a.backend.NewSpool()
	defer spool.Close()
	if _, err := spool.ReadFrom(body); err != nil {
		return imapError(err)
	}
	in := &Incoming{Date: date, Body: spool}
	in.Flags, in.Keywords = flagsOf(flags)
	_, _, err := m.a.Append(m.name, in)
	return imapError(err)
}

func (m *imapMailbox) UpdateMessagesFlags(uid bool, set *imap.SeqSet, op imap.FlagsOp, flags []string) error {
	ops := map[imap.FlagsOp]StoreOp{imap.SetFlags: StoreSet, imap.AddFlags: StoreAdd, imap.RemoveFlags: StoreRemove}
	system, keywords := flagsOf(flags)
	return m.messages(uid, set, false, func(v *View, s Selection) error {
		_, err := v.Store(s, StoreRequest{Op: ops[op], Flags: system, Keywords: keywords})
		return err
	})
}

func (m *imapMailbox) CopyMessages(uid bool, set *imap.SeqSet, dst string) error {
	return m.messages(uid, set, true, func(v *View, s Selection) error {
		_, err := v.Copy(s, dst, !uid)
		return err
	})
}

func (m *imapMailbox) MoveMessages(uid bool, set *imap.SeqSet, dst string) error {
	return m.messages(uid, set, false, func(v *View, s Selection) error {
		_, err := v.Move(s, dst, !uid)
		return err
	})
}

func (m *imapMailbox) Expunge() error {
	return m.view(false, func(v *View) error { return v.Expunge(nil) })
}

// systemFlags are go-imap's names of the system flags.
var systemFlags = [...]struct {
	flag Flags
	name string
}{
	{FlagSeen, imap.SeenFlag}, {FlagAnswered, imap.AnsweredFlag}, {FlagFlagged, imap.FlaggedFlag},
	{FlagDeleted, imap.DeletedFlag}, {FlagDraft, imap.DraftFlag},
}

const allFlags = FlagSeen | FlagAnswered | FlagFlagged | FlagDeleted | FlagDraft

func flagNames(set Flags) []string {
	var names []string
	for _, f := range systemFlags {
		if set&f.flag != 0 {
			names = append(names, f.name)
		}
	}
	return names
}

// flagsOf sorts names into system flags and keywords. \Recent cannot be set.
func flagsOf(names []string) (set Flags, keywords []string) {
next:
	for _, name := range names {
		for _, f := range systemFlags {
			if strings.EqualFold(f.name, name) {
				set |= f.flag
				continue next
			}
		}
		if !strings.HasPrefix(name, `\`) {
			keywords = append(keywords, name)
		}
	}
	return set, keywords
}
