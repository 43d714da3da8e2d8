package backend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"satchel/storage"
)

// undeleteBatch is how many messages one transaction brings back.
const undeleteBatch = 500

// Undeleted says what Undelete did.
type Undeleted struct {
	Into     []UndeletedInto
	Present  []MessageID // asked for by their IDs, and in a mailbox already
	Unknown  []MessageID // asked for by their IDs, and not there, or not any more
	Stripped int         // came back without their keywords: the mailbox has as many as it can have
}

// UndeletedInto is a mailbox into which messages came back.
type UndeletedInto struct {
	Mailbox  string
	Made     bool // it was not there
	Messages int
}

// Undelete brings back the expunged messages that a filter picks, into the mailboxes
// where they were, or all into one. A mailbox that is not there is made, with the
// subscription and the special use that it had. They come as new messages with the
// flags, keywords and dates, and under the object identifiers, that they had; nothing
// is copied. each is told how many have come, now and then; its error or ctx's ends
// it, and what has come by then stays.
func (a *Account) Undelete(ctx context.Context, f ExpungedFilter, into string, each func(done, total int) error) (u Undeleted, err error) {
	if into != "" {
		into, err = newName(into)
	}
	var lost []lostMessage
	if err == nil {
		lost, err = a.lost(ctx, &f, &u)
	}
	for done := 0; err == nil && done < len(lost); {
		n := sameMailbox(lost[done:])
		if err = a.restore(lost[done:done+n], into, &u); err == nil {
			done += n
			err = errors.Join(ctx.Err(), each(done, len(lost)))
		}
	}
	if err != nil {
		err = fmt.Errorf("undelete mail of %s: %w", a.name, err)
	}
	return u, err
}

// lostMessage is a message and the entry that it had.
type lostMessage struct {
	mailbox MailboxID
	uid     UID
	id      MessageID
}

// sameMailbox is how many of the first ones are of one mailbox, and not too many.
func sameMailbox(lost []lostMessage) int {
	n := 1
	for n < min(len(lost), undeleteBatch) && lost[n].mailbox == lost[0].mailbox {
		n++
	}
	return n
}

// lost finds the messages to bring back, mailbox by mailbox in their old order, and
// notes which are none.
func (a *Account) lost(ctx context.Context, f *ExpungedFilter, u *Undeleted) (list []lostMessage, err error) {
	ids, err := a.expungedIDs(ctx, f, 0)
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(ids, MaxBatch) {
		orphans, err := a.mail.OrphansOf(some)
		if err != nil {
			return nil, err
		}
		for _, o := range orphans {
			if o.Message != 0 {
				list = append(list, lostMessage{o.Mailbox, o.UID, o.Message})
			}
		}
	}
	slices.SortFunc(list, func(x, y lostMessage) int {
		return cmp.Or(cmp.Compare(x.mailbox, y.mailbox), cmp.Compare(x.uid, y.uid), cmp.Compare(x.id, y.id))
	})
	return list, a.notExpunged(f.IDs, u)
}

// notExpunged tells those of some messages that are in a mailbox from those that are
// not there.
func (a *Account) notExpunged(ids []MessageID, u *Undeleted) error {
	for some := range slices.Chunk(ids, MaxBatch) {
		orphans, err := a.mail.OrphansOf(some)
		if err != nil {
			return err
		}
		stored, err := a.mail.Messages(some, 0, nil)
		if err != nil {
			return err
		}
		for i, id := range some {
			switch {
			case orphans[i].Message != 0:
			case stored[i].ID != 0:
				u.Present = append(u.Present, id)
			default:
				u.Unknown = append(u.Unknown, id)
			}
		}
	}
	return nil
}

// restoration brings messages of one mailbox back in one transaction.
type restoration struct {
	account *Account
	lost    []lostMessage
	into    string // "" for where they were

	target   destination
	added    []storage.Entry
	stripped int
}

func (a *Account) restore(lost []lostMessage, into string, u *Undeleted) error {
	r := restoration{account: a, lost: lost, into: into}
	if err := a.write(&change{alters: []any{a}, run: r.run, apply: r.apply}); err != nil {
		return err
	}
	if len(r.added) == 0 {
		return nil
	}
	u.Stripped += r.stripped
	i := slices.IndexFunc(u.Into, func(o UndeletedInto) bool { return o.Mailbox == r.target.name })
	if i < 0 {
		i = len(u.Into)
		u.Into = append(u.Into, UndeletedInto{Mailbox: r.target.name})
	}
	u.Into[i].Made = u.Into[i].Made || r.target.made
	u.Into[i].Messages += len(r.added)
	return nil
}

func (r *restoration) run(tx *storage.Tx) error {
	ids := make([]MessageID, len(r.lost))
	for i := range r.lost {
		ids[i] = r.lost[i].id
	}
	orphans, err := tx.OrphansOf(ids)
	if err != nil {
		return err
	}
	// Some may have been brought back or erased meanwhile.
	orphans = slices.DeleteFunc(orphans, func(o storage.Orphan) bool { return o.Mailbox != r.lost[0].mailbox })
	if len(orphans) == 0 {
		return nil
	}
	if r.target, err = r.account.destinationOf(tx, r.lost[0].mailbox, r.into); err != nil {
		return err
	}
	rows := make([]storage.Entry, len(orphans))
	for i, o := range orphans {
		rows[i] = storage.Entry{Message: o.Message, Flags: o.Flags, Size: o.Size, Date: o.Date}
		rows[i].Keywords, err = adoptKeywords(tx, r.target.id, splitKeywords(o.Keywords))
		if errors.Is(err, ErrLimit) {
			r.stripped, err = r.stripped+1, nil
		}
		if err != nil {
			return err
		}
	}
	r.added, err = tx.Restore(r.target.id, rows)
	return err
}

func (r *restoration) apply() {
	if len(r.added) == 0 {
		return
	}
	a := r.account
	a.byMailboxID(r.target.id).added(r.added)
	if r.target.subscribed {
		a.replant(func() { a.subscribed[r.target.name] = true })
	}
}

// destination is the mailbox into which messages come back.
type destination struct {
	id         MailboxID
	name       string
	made       bool // by this transaction
	subscribed bool // likewise
}

// destinationOf finds the mailbox for messages that were in one, or in which they are
// wanted, and makes it if need be.
func (a *Account) destinationOf(tx *storage.Tx, was MailboxID, into string) (destination, error) {
	m := a.byMailboxID(was)
	if into == "" && m != nil {
		return destination{id: was, name: m.name()}, nil
	}
	former := storage.FormerMailbox{Name: into, Subscribed: true}
	if into == "" {
		all, err := a.mail.FormerMailboxes()
		if err != nil {
			return destination{}, err
		}
		former = all[was]
	}
	if former.Name == "" {
		return destination{}, fmt.Errorf("mailbox %d: %w", was, ErrNotFound)
	}
	if m, err := a.mailbox(former.Name); err == nil {
		return destination{id: m.id, name: former.Name}, nil
	}
	return a.rebuild(tx, former)
}

// rebuild makes a mailbox that was deleted.
func (a *Account) rebuild(tx *storage.Tx, former storage.FormerMailbox) (destination, error) {
	if err := a.plant(tx, former.Name); err != nil {
		return destination{}, err
	}
	if a.usedBy(former.SpecialUse, 0) {
		former.SpecialUse = ""
	}
	b, err := tx.CreateMailbox(former.Name, former.SpecialUse)
	if err == nil && former.Subscribed {
		err = tx.SetSubscribed(former.Name, true)
	}
	return destination{id: b.ID, name: former.Name, made: true, subscribed: former.Subscribed}, err
}
