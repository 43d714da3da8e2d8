package imapsync

import (
	"cmp"
	"errors"
	"fmt"
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
	failed  int   // how often the connection was lost when it was asked what there is
	untold  error // why it is not known what there is
	unsure  error // why it is not known what has gone
	looked  bool  // it is known what has to be done
	busy    error // why it is put off
	barred  error // why it is not known whether it has had another name

	withheld []backend.UID // did not come though the server was content
	partial  bool          // not all that came over is all that there is
}

// freshMessage is a message to be fetched.
type freshMessage struct {
	uid  backend.UID
	size uint32 // as the server says; what is above that is told as the largest
	fate fate
}

// errAnew is a folder whose messages are others than those that it had under the same UIDs.
var errAnew = fmt.Errorf("%w: the server has numbered its messages anew and does not say so; rename it there, and it comes as a new folder", imapclient.ErrUnfit)

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
	if n := len(l.have); n > 0 && st.UIDNext != 0 && st.UIDNext <= l.have[n-1].Source {
		if agree, err := p.agrees(c, f.known); err != nil || !agree {
			return cmp.Or(err, errAnew)
		}
	}
	wanted := imapclient.Wanted{Labels: f.rest != nil}
	if f.known.UIDValidity == st.UIDValidity && f.known.ModSeq <= st.HighestModSeq && f.rest == nil {
		wanted.ChangedSince = f.known.ModSeq
	}
	if p.to.SkipDuplicates || f.renumbered() {
		if l.ids, err = p.messageIDs(f); err != nil {
			return localError{err}
		}
		l.claimed, wanted.MessageID = map[backend.UID]bool{}, true
	}
	if err := l.list(c, wanted); err != nil {
		return err
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

	claimed map[backend.UID]bool // those there that are one of ids
}

// list asks the server what there is: only what has changed, unless that leaves a message out.
func (l *looker) list(c *imapclient.Client, w imapclient.Wanted) error {
	if w.ChangedSince == 0 || w.ChangedSince != l.HighestModSeq {
		if err := l.ask(c, w); err != nil {
			return err
		}
	}
	l.sort()
	if w.ChangedSince == 0 || len(l.have)+len(l.fresh)+len(l.claimed) >= int(l.Messages) {
		return nil
	}
	w.ChangedSince = 0
	return l.ask(c, w)
}

// ask lists messages. A server that fails is asked for less, for it may be one message of which it cannot say all.
func (l *looker) ask(c *imapclient.Client, w imapclient.Wanted) error {
	w.NoSize = l.failed > 1
	err := c.List(w, l.see)
	if _, busy := throttled(err); c.Refused(err) && !busy && !w.NoSize {
		w.NoSize = true
		err = c.List(w, l.see)
	}
	switch {
	case errors.Is(err, imapclient.ErrUnsure):
		l.untold = err
		return nil
	case err != nil:
		l.failed++
	}
	return err
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
	if l.claimed[m.UID] {
		return
	}
	if uid := l.claim(m.MessageID); uid != 0 {
		l.claimed[m.UID] = true
		l.changes.Claims = append(l.changes.Claims, backend.UpstreamMessage{Source: m.UID, UID: uid, State: state})
		return
	}
	l.fresh = append(l.fresh, freshMessage{uid: m.UID, size: uint32(min(m.Size, 1<<32-1))})
}

func bySource(h backend.UpstreamMessage, uid backend.UID) int { return cmp.Compare(h.Source, uid) }

// claim finds a message here with the Message-ID of one there. Each stands for one.
func (l *looker) claim(field []byte) backend.UID {
	if l.ids == nil {
		return 0
	}
	id := idOf(field)
	uids := l.ids[id]
	if id == 0 || len(uids) == 0 {
		return 0
	}
	l.ids[id] = uids[1:]
	return uids[0]
}

// sort puts what was seen in order. Servers may tell of a message twice.
func (l *looker) sort() {
	slices.SortFunc(l.fresh, func(a, b freshMessage) int { return cmp.Or(cmp.Compare(a.uid, b.uid), cmp.Compare(b.size, a.size)) })
	l.fresh = slices.CompactFunc(l.fresh, func(a, b freshMessage) bool { return a.uid == b.uid })
}

// settle sums up what was seen.
func (l *looker) settle() {
	l.sort()
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
