package control

import (
	"errors"

	"satchel/backend"
	"satchel/backend/message"
)

// Upstreams implements Admin.
func (l *Local) Upstreams(account string) ([]backend.Upstream, error) {
	a, err := l.open(account)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	return a.Upstreams()
}

// RenameUpstream implements Admin.
func (l *Local) RenameUpstream(account, from, to, mailbox string) error {
	a, err := l.open(account)
	if err != nil {
		return err
	}
	defer a.Release()
	return a.RenameUpstream(from, to, mailbox)
}

// UpstreamMessages implements Admin. An upstream that is not known has none.
func (l *Local) UpstreamMessages(account, upstream string, each func([]backend.UpstreamMessage) error) error {
	a, err := l.open(account)
	if err != nil {
		return err
	}
	defer a.Release()
	if err = a.UpstreamMessages(upstream, each); errors.Is(err, backend.ErrNotFound) {
		return nil
	}
	return err
}

// idsAtOnce is how many Message-IDs are given at a time.
const idsAtOnce = 4096

// MessageIDs implements Admin.
func (l *Local) MessageIDs(account, mailbox string, each func([]MessageID) error) error {
	a, err := l.open(account)
	if err != nil {
		return err
	}
	defer a.Release()
	list := make([]MessageID, 0, idsAtOnce)
	err = a.MessageIDs(mailbox, func(uid backend.UID, id message.ID) error {
		if list = append(list, MessageID{uid, id}); len(list) < idsAtOnce {
			return nil
		}
		err := each(list)
		list = list[:0]
		return err
	})
	if err != nil || len(list) == 0 {
		return err
	}
	return each(list)
}
