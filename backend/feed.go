package backend

import (
	"errors"
	"fmt"

	"satchel/backend/message"
	"satchel/storage"
)

// Feed brings the messages of an upstream into its mailbox: those that are new go
// through AppendBatch with the Key that it gives; what has changed there goes
// through its methods. It belongs to one goroutine.
type Feed struct {
	account  *Account
	mailbox  *mailbox
	upstream storage.Upstream
}

// Feed opens an upstream. One that is not known becomes known as u.Mailbox's, which
// must be there; one that is keeps the mailbox it has. Under another UIDVALIDITY
// none of its messages is known.
func (a *Account) Feed(u Upstream) (*Feed, error) {
	stored, err := a.upstream(u.Name)
	if errors.Is(err, ErrNotFound) {
		stored = storage.Upstream{Name: u.Name}
	} else if err != nil {
		return nil, err
	}
	m := a.byMailboxID(stored.Mailbox)
	if m == nil {
		if m, err = a.mailbox(u.Mailbox); err != nil {
			return nil, err
		}
	}
	if stored.ID == 0 || stored.UIDValidity != u.UIDValidity {
		stored.Mailbox, stored.UIDValidity, stored.ModSeq = m.id, u.UIDValidity, 0
		if err := a.setUpstream(&stored); err != nil {
			return nil, err
		}
	}
	return &Feed{a, m, stored}, nil
}

// Mailbox is the name of the mailbox that gets the messages.
func (f *Feed) Mailbox() string { return f.mailbox.name() }

// Key is the ImportKey of a message that has a UID in the upstream.
func (f *Feed) Key(source UID) []byte { return f.upstream.Key(source) }

// Numbering is how the upstream numbers its messages, of which none has a UID from next
// on. It stays the upstream's when that has another name.
func (f *Feed) Numbering(next UID) Numbering {
	return Numbering{Source: fmt.Sprint("upstream ", f.upstream.ID), UIDValidity: f.upstream.UIDValidity, UIDNext: next}
}

// Reached notes that the changes of the upstream up to a mod-sequence have been
// brought over.
func (f *Feed) Reached(modseq uint64) error {
	f.upstream.ModSeq = modseq
	return f.account.setUpstream(&f.upstream)
}

// Claim notes that messages of the upstream are messages that the mailbox has
// already. Those that are known are left out.
func (f *Feed) Claim(list []UpstreamMessage) error {
	return f.note(func(tx *storage.Tx) error {
		for _, m := range list {
			if err := tx.ClaimUpstreamMessage(&f.upstream, m); err != nil && !errors.Is(err, ErrExists) {
				return err
			}
		}
		return nil
	})
}

func (f *Feed) note(run func(tx *storage.Tx) error) error {
	if err := f.account.write(&change{run: run}); err != nil {
		return fmt.Errorf("upstream %q: %w", f.upstream.Name, err)
	}
	return nil
}

// SourceFlags is a message of an upstream whose flags are others there now.
type SourceFlags struct {
	Source   UID // there
	UID      UID // here; 0 when it has been expunged
	Flags    Flags
	Keywords []string
	Was      int64 // its SourceState when it was last looked at; 0 when that is not known
}

// merging is the change of a message's flags here that brings over what has changed
// there: what was changed here alone stays.
func (m *SourceFlags) merging() StoreRequest {
	mask, keywords := changedThere(m.Was, SourceState(m.Flags, m.Keywords))
	req := StoreRequest{Op: StoreMerge, Flags: m.Flags & mask, Mask: mask}
	if keywords {
		req.Keywords = append([]string{}, m.Keywords...)
	}
	return req
}

// SetFlags gives messages those of their flags that have changed in the upstream, and
// reports how many had others. Keywords go together. They are left out where the
// mailbox has as many as it can have.
func (f *Feed) SetFlags(list []SourceFlags) (changed int, err error) {
	err = f.look(func(v *View) error {
		for _, same := range bySameFlags(list) {
			req := list[same[0]].merging()
			alt, err := v.alter(held(v, list, same), req)
			if errors.Is(err, ErrLimit) {
				req.Keywords = nil
				alt, err = v.alter(held(v, list, same), req)
			}
			if err != nil {
				return err
			}
			changed += len(alt.uids)
		}
		return nil
	})
	if err != nil {
		return changed, err
	}
	return changed, f.note(func(tx *storage.Tx) error {
		for _, m := range list {
			if err := tx.NoteUpstreamState(&f.upstream, m.Source, SourceState(m.Flags, m.Keywords)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *Feed) look(do func(*View) error) error { return f.account.Look(f.mailbox.name(), do) }

// bySameFlags groups the places of messages whose flags change alike.
func bySameFlags(list []SourceFlags) (groups [][]int) {
	number := map[string]int{}
	for i := range list {
		req := list[i].merging()
		key := fmt.Sprintf("%d %d %t %q", req.Flags, req.Mask, req.Keywords != nil, req.Keywords)
		n, ok := number[key]
		if !ok {
			n = len(groups)
			number[key], groups = n, append(groups, nil)
		}
		groups[n] = append(groups[n], i)
	}
	return groups
}

// held gives the UIDs of those messages that the view has, ascending.
func held(v *View, list []SourceFlags, places []int) []UID {
	set := make([]Range, 0, len(places))
	for _, i := range places {
		if uid := uint32(list[i].UID); uid != 0 {
			set = append(set, Range{uid, uid})
		}
	}
	s, _ := v.Resolve(set, true) // of UIDs, which may be missing
	return v.selected(s)
}

// Expunge removes messages, by their UIDs in the mailbox, and reports how many
// there were.
func (f *Feed) Expunge(uids []UID) (removed int, err error) {
	set := make([]Range, len(uids))
	for i, uid := range uids {
		set[i] = Range{uint32(uid), uint32(uid)}
	}
	err = f.look(func(v *View) error {
		s, _ := v.Resolve(set, true) // of UIDs, which may be missing
		removed, err = v.mailbox.expunge(func() []storage.Entry { return v.mailbox.entries(v.selected(s)) })
		return err
	})
	return removed, err
}

// MessageIDs gives the Message-ID of each message of a mailbox that has a valid
// one, in the order of UIDs.
func (a *Account) MessageIDs(mailbox string, each func(UID, message.ID) error) error {
	return a.Look(mailbox, func(v *View) error {
		var rows []Row
		var msgs []Message
		var err error
		all := v.All()
		for from := 0; from < all.Len(); from += len(rows) {
			rows = v.Rows(all, from, MaxBatch, rows[:0])
			if msgs, err = v.Messages(rows, ColHeader, msgs[:0]); err != nil {
				return err
			}
			for i := range msgs {
				if id := message.Parse(msgs[i].Header).SortKeys.ID(); id != 0 {
					if err := each(rows[i].UID, id); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}
