package backend

import (
	"context"
	"fmt"
	"slices"
	"time"

	"satchel/backend/message"
	"satchel/storage"
)

// ExpungedFilter picks among the messages that are in no mailbox any more and are
// kept for a while. The zero value picks all; what is set must hold together.
type ExpungedFilter struct {
	IDs     []MessageID // only these
	Mailbox string      // expunged from it; a deleted one goes by its last name
	Since   time.Time   // expunged then or later
	// From, Subject and Text are looked for as SEARCH does, Text in all of a message.
	From, Subject, Text string
}

// ExpungedMessage is an expunged message as it would come back.
type ExpungedMessage struct {
	ID       MessageID
	Expunged time.Time
	Cause    Cause
	Mailbox  string    // where it was, by its present name or its last
	Gone     bool      // that mailbox was deleted
	Date     time.Time // INTERNALDATE
	Size     int64     // RFC822.SIZE, bytes
	Flags    Flags     // without \Deleted
	Keywords []string
	From     string // its author, by name if there is one; decoded, one line, no control characters
	Subject  string // likewise
}

// ExpungedPage is some expunged messages, and what there is in all.
type ExpungedPage struct {
	Messages []ExpungedMessage // that were picked, those expunged last first
	More     bool              // others were picked as well
	Kept     int               // expunged messages of the account
	Bytes    int64             // that these have
	For      time.Duration     // how long each is kept
}

// MaxExpungedPage is how many messages Expunged lists at most.
const MaxExpungedPage = 1000

// Expunged lists expunged messages, those expunged last first, at most so many. A
// message of which another copy is left in some mailbox is none.
func (a *Account) Expunged(ctx context.Context, f ExpungedFilter, most int) (p ExpungedPage, err error) {
	most = min(max(most, 1), MaxExpungedPage)
	ids, err := a.expungedIDs(ctx, &f, most+1)
	if err == nil {
		p.More = len(ids) > most
		p.Messages, err = a.describeExpunged(ids[:min(most, len(ids))])
	}
	if err == nil {
		p.Kept, p.Bytes, err = a.mail.OrphanTotal()
	}
	if err != nil {
		return ExpungedPage{}, fmt.Errorf("expunged messages of %s: %w", a.name, err)
	}
	p.For = max(a.backend.cfg.KeepGone, 0)
	return p, nil
}

// describeExpunged reads what there is to say of some messages. Those that are
// expunged no longer are left out.
func (a *Account) describeExpunged(ids []MessageID) (list []ExpungedMessage, err error) {
	names, err := a.expungedFrom()
	if err != nil {
		return nil, err
	}
	var stored []Message
	for some := range slices.Chunk(ids, MaxBatch) {
		orphans, err := a.mail.OrphansOf(some)
		if err == nil {
			stored, err = a.mail.Messages(some, ColHeader, stored)
		}
		if err != nil {
			return nil, err
		}
		for i := range orphans {
			if orphans[i].Message != 0 && stored[i].ID != 0 {
				list = append(list, describe(&orphans[i], names[orphans[i].Mailbox], stored[i].Header))
			}
		}
	}
	return list, nil
}

func describe(o *storage.Orphan, from place, header []byte) ExpungedMessage {
	m := ExpungedMessage{ID: o.Message, Expunged: time.Unix(o.Since, 0), Cause: o.Cause, Mailbox: from.name, Gone: from.gone,
		Date: time.Unix(o.Date, 0), Size: int64(o.Size), Flags: o.Flags, Keywords: splitKeywords(o.Keywords)}
	m.From, m.Subject = message.Caption(header)
	return m
}

// place is a mailbox, or one that was deleted.
type place struct {
	name string
	gone bool
}

// expungedFrom names all mailboxes that expunged messages may have been in.
func (a *Account) expungedFrom() (map[MailboxID]place, error) {
	places := map[MailboxID]place{}
	former, err := a.mail.FormerMailboxes()
	if err != nil {
		return nil, err
	}
	for id, b := range former {
		places[id] = place{b.Name, true}
	}
	for _, m := range a.mailboxes() {
		places[m.id] = place{m.name(), false}
	}
	return places, nil
}

// expungedIDs are the messages that a filter picks, those expunged last first, at
// most so many; 0 means all.
func (a *Account) expungedIDs(ctx context.Context, f *ExpungedFilter, most int) ([]MessageID, error) {
	v, err := a.expungedView(f)
	if err != nil {
		return nil, err
	}
	found, err := v.Search(ctx, f.query(), SearchOptions{Enough: most, Backward: true})
	if err != nil {
		return nil, err
	}
	ids := make([]MessageID, 0, found.Len())
	found.each(func(place int) { ids = append(ids, v.msgs[place]) })
	slices.Reverse(ids)
	return ids, nil
}

// query is what of a filter needs a look at the messages.
func (f *ExpungedFilter) query() *Query {
	q := &Query{Op: QueryAnd}
	fold := func(s string) []byte { return message.Fold(nil, []byte(s)) }
	if f.From != "" {
		q.Sub = append(q.Sub, &Query{Op: QueryHead, Head: message.From, Needle: fold(f.From)})
	}
	if f.Subject != "" {
		q.Sub = append(q.Sub, &Query{Op: QueryHead, Head: message.Subject, Needle: fold(f.Subject)})
	}
	if f.Text != "" {
		q.Sub = append(q.Sub, &Query{Op: QueryText, Needle: fold(f.Text)})
	}
	return q
}

// expungedView is a view of messages as if they were a mailbox, in the order in
// which they were expunged, so that they can be searched like one. Nobody else sees
// that mailbox, and it does not change.
func (a *Account) expungedView(f *ExpungedFilter) (*View, error) {
	places, err := a.expungedFrom()
	if err != nil {
		return nil, err
	}
	x := newIndex(0, 1)
	take := func(o *storage.Orphan) error {
		if f.Mailbox == "" || places[o.Mailbox].name == CanonicalName(f.Mailbox) {
			x.add(&storage.Entry{UID: UID(len(x.uid) + 1), Message: o.Message, Size: o.Size, Date: o.Date})
		}
		return nil
	}
	if f.IDs == nil {
		err = a.mail.Orphans(unixOf(f.Since), take)
	} else {
		err = a.eachOrphan(f, take)
	}
	if err != nil {
		return nil, err
	}
	v := &View{account: a, readOnly: true, mailbox: &mailbox{account: a, row: storage.Mailbox{Name: "expunged messages"}, idx: x}}
	v.align(len(x.uid))
	return v, nil
}

// eachOrphan is storage's Orphans for a filter that names messages.
func (a *Account) eachOrphan(f *ExpungedFilter, each func(*storage.Orphan) error) error {
	ids := slices.Compact(slices.Sorted(slices.Values(f.IDs)))
	list, err := a.mail.OrphansOf(ids)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(o storage.Orphan) bool { return o.Message == 0 || o.Since < unixOf(f.Since) })
	slices.SortStableFunc(list, func(x, y storage.Orphan) int { return int(x.Since - y.Since) })
	for i := range list {
		if err := each(&list[i]); err != nil {
			return err
		}
	}
	return nil
}

// unixOf is a time in Unix seconds, 0 for none.
func unixOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}
