package backend

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"

	"satchel/storage"
)

// Upstream is a folder of another server that a mailbox has messages of.
type Upstream struct {
	Name        string // server, user and folder, as the importer calls it
	Mailbox     string // what has its messages, whatever that was renamed to
	UIDValidity uint32 // that the folder had
	ModSeq      uint64 // its changes up to here were brought over; 0 when that is not known
}

// UpstreamMessage is a message of an upstream that its mailbox has had.
type UpstreamMessage = storage.UpstreamMessage

// SourceState stands for the flags and keywords that a message has in its upstream:
// they have changed there when it has. It is never 0.
func SourceState(flags Flags, keywords []string) int64 {
	lower := strings.ToLower(keywordText(keywords))
	h := fnv.New64a()
	h.Write([]byte(keywordText(strings.Fields(lower))))
	return int64(h.Sum64()<<8&math.MaxInt64 | 1<<62 | uint64(flags))
}

// changedThere tells which flags two states of a message differ in, and whether the
// keywords do. Of a state that was not noted all may.
func changedThere(was, now int64) (flags Flags, keywords bool) {
	if was == 0 {
		return ^Flags(0), true
	}
	return Flags(was ^ now), was>>8 != now>>8
}

// Upstreams lists the account's upstreams in the order of their names.
func (a *Account) Upstreams() ([]Upstream, error) {
	stored, err := a.mail.Upstreams()
	if err != nil {
		return nil, err
	}
	list := make([]Upstream, 0, len(stored))
	for i := range stored {
		if m := a.byMailboxID(stored[i].Mailbox); m != nil {
			list = append(list, Upstream{stored[i].Name, m.name(), stored[i].UIDValidity, stored[i].ModSeq})
		}
	}
	return list, nil
}

// upstream finds an upstream by its name. ErrNotFound when there is none.
func (a *Account) upstream(name string) (storage.Upstream, error) {
	list, err := a.mail.Upstreams()
	if err != nil {
		return storage.Upstream{}, err
	}
	i := slices.IndexFunc(list, func(u storage.Upstream) bool { return u.Name == name })
	if i < 0 {
		return storage.Upstream{}, fmt.Errorf("upstream %q: %w", name, ErrNotFound)
	}
	return list[i], nil
}

// RenameUpstream follows a folder that has another name at its server, and gives
// its mailbox the name in mailbox unless that is "". ErrExists when there is an
// upstream or a mailbox of the new name.
func (a *Account) RenameUpstream(from, to, mailbox string) error {
	u, err := a.upstream(from)
	if err != nil {
		return err
	}
	if m := a.byMailboxID(u.Mailbox); m != nil && mailbox != "" {
		if err := a.Rename(m.name(), mailbox); err != nil {
			return err
		}
	}
	u.Name = to
	return a.setUpstream(&u)
}

func (a *Account) setUpstream(u *storage.Upstream) error {
	stored := *u
	err := a.write(&change{
		alters: []any{a},
		run: func(tx *storage.Tx) error {
			stored = *u
			return tx.SetUpstream(&stored)
		},
	})
	if err == nil {
		*u = stored
	}
	return err
}

// UpstreamMessages gives each message that a mailbox has had of an upstream's present
// UIDVALIDITY, in the order of UIDs there, some at a time. ErrNotFound when there is
// no such upstream.
func (a *Account) UpstreamMessages(name string, each func([]UpstreamMessage) error) error {
	u, err := a.upstream(name)
	if err != nil {
		return err
	}
	var page []UpstreamMessage
	for after := UID(0); ; after = page[len(page)-1].Source {
		if page, err = a.mail.UpstreamMessages(&u, after, upstreamPage, page[:0]); err != nil || len(page) == 0 {
			return err
		}
		if err := each(page); err != nil {
			return err
		}
	}
}

// upstreamPage is how many messages UpstreamMessages reads at once.
const upstreamPage = 4096
