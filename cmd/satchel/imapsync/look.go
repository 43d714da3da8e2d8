package imapsync

import (
	"cmp"
	"errors"
	"slices"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// folder is a folder to be brought over, and what has to be done for that.
type folder struct {
	imapclient.Folder
	upstream string
	target   string           // its name here
	known    backend.Upstream // what is known of it from earlier runs; without a name when nothing is
	rest     map[string]bool  // of Gmail's All Mail only what has none of these labels is wanted; nil: all

	imapclient.State
	changes control.Changes
	fresh   []freshMessage // not brought over yet, by UID
	bytes   int64          // of fresh
	present int
	untold  error // why it is not known what there is
	unsure  error // why it is not known what has gone
}

// freshMessage is a message to be fetched.
type freshMessage struct {
	uid  backend.UID
	size uint32 // as the server says; what is above that is told as the largest
	fate fate
}

// look finds out what has to be done. It may be called again after it failed.
func (p *Plan) look(c *imapclient.Client, f *folder) error {
	st, err := c.Open(&f.Folder)
	if err != nil {
		return err
	}
	f.State, f.changes, f.fresh, f.bytes, f.untold, f.unsure = st, control.Changes{}, nil, 0, nil, nil
	l := &looker{folder: f}
	if l.have, err = p.have(f); err != nil {
		return localError{err}
	}
	wanted := imapclient.Wanted{Labels: f.rest != nil}
	if f.known.UIDValidity == st.UIDValidity && f.known.ModSeq <= st.HighestModSeq && f.rest == nil {
		wanted.ChangedSince = f.known.ModSeq
	}
	if p.to.SkipDuplicates || f.renumbered() {
		if l.ids, err = p.messageIDs(f); err != nil {
			return localError{err}
		}
		wanted.MessageID = true
	}
	if wanted.ChangedSince == 0 || wanted.ChangedSince != st.HighestModSeq {
		if err := c.List(wanted, l.see); errors.Is(err, imapclient.ErrUnsure) {
			f.untold = err
		} else if err != nil {
			return err
		}
	}
	l.settle()
	if !p.to.Delete {
		return nil
	}
	if err = l.findGone(c); errors.Is(err, imapclient.ErrUnsure) {
		f.unsure = err
		return nil
	}
	return err
}

// renumbered reports that the server has given the folder's messages other UIDs since the last run.
func (f *folder) renumbered() bool {
	return f.known.Name != "" && f.known.UIDValidity != f.UIDValidity
}

// have lists what was brought over before, by the UIDs there.
func (p *Plan) have(f *folder) (list []backend.UpstreamMessage, err error) {
	if f.known.Name == "" || f.renumbered() {
		return nil, nil
	}
	err = p.admin.UpstreamMessages(p.to.Account, f.known.Name, func(some []backend.UpstreamMessage) error {
		list = append(list, some...)
		return nil
	})
	return list, err
}

// messageIDs finds the messages of the folder here by their Message-IDs.
func (p *Plan) messageIDs(f *folder) (map[message.ID][]backend.UID, error) {
	ids := map[message.ID][]backend.UID{}
	err := p.admin.MessageIDs(p.to.Account, f.target, func(some []control.MessageID) error {
		for _, s := range some {
			ids[s.ID] = append(ids[s.ID], s.UID)
		}
		return nil
	})
	if errors.Is(err, backend.ErrNotFound) {
		return ids, nil
	}
	return ids, err
}

// looker compares a folder there with what is here.
type looker struct {
	*folder
	have []backend.UpstreamMessage
	ids  map[message.ID][]backend.UID // messages here that are none of an earlier run's; nil: not to be looked for
}

// see takes what the server says of a message.
func (l *looker) see(m *imapclient.Message) {
	state := backend.SourceState(m.Flags, m.Keywords)
	if i, ok := slices.BinarySearchFunc(l.have, m.UID, bySource); ok {
		if h := &l.have[i]; h.State != state && h.UID != 0 {
			l.changes.Flags = append(l.changes.Flags, backend.SourceFlags{
				Source: h.Source, UID: h.UID, Flags: m.Flags, Keywords: slices.Clone(m.Keywords), Was: h.State})
		}
		return
	}
	if l.rest != nil && slices.ContainsFunc(m.Labels, func(label string) bool { return l.rest[label] }) {
		return
	}
	if uid := l.claim(m.MessageID); uid != 0 {
		l.changes.Claims = append(l.changes.Claims, backend.UpstreamMessage{Source: m.UID, UID: uid, State: state})
		return
	}
	l.fresh = append(l.fresh, freshMessage{uid: m.UID, size: uint32(min(m.Size, 1<<32-1))})
}

func bySource(h backend.UpstreamMessage, uid backend.UID) int { return cmp.Compare(h.Source, uid) }

// claim finds a message here with the Message-ID of one there. Each stands for one.
func (l *looker) claim(field []byte) backend.UID {
	if l.ids == nil || len(field) == 0 {
		return 0
	}
	id := message.Parse(field).SortKeys.ID()
	uids := l.ids[id]
	if id == 0 || len(uids) == 0 {
		return 0
	}
	l.ids[id] = uids[1:]
	return uids[0]
}

// settle puts what was seen in order. Servers may tell of a message twice.
func (l *looker) settle() {
	byUID := func(a, b freshMessage) int { return cmp.Compare(a.uid, b.uid) }
	slices.SortFunc(l.fresh, byUID)
	l.fresh = slices.CompactFunc(l.fresh, func(a, b freshMessage) bool { return a.uid == b.uid })
	for i := range l.fresh {
		l.bytes += int64(l.fresh[i].size)
	}
	l.present = max(int(l.Messages)-len(l.fresh), 0)
	if l.rest != nil || l.untold != nil {
		l.present = len(l.have) + len(l.changes.Claims)
	}
}

// findGone finds the messages that were brought over and are not there any more.
func (l *looker) findGone(c *imapclient.Client) error {
	uids, err := c.UIDs()
	if err != nil {
		return err
	}
	for _, h := range l.have {
		if _, there := slices.BinarySearch(uids, h.Source); !there && h.UID != 0 {
			l.changes.Gone = append(l.changes.Gone, h.UID)
		}
	}
	return nil
}
