package imapsync

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// Bounds of the messages that one command asks for. Servers take lines of 8,000 bytes (RFC 2683, 3.2.1.5), which is what
// so many ranges take at most.
const (
	batchMessages = 500
	batchBytes    = 32 << 20
	batchRanges   = 300
)

// fetch brings the messages of a folder over.
type fetch struct {
	*Plan
	*folder
	imp     control.Import
	tally   control.Tally // of what this end knows
	givenUp int           // how many in a row, for the connection was lost at them
}

// run fetches until nothing is left to be fetched.
func (f *fetch) run() error {
	f.leaveLarge()
	for {
		batches := f.batches()
		if len(batches) == 0 {
			return f.nameWithheld()
		}
		err := f.source.tryFolder(func(c *imapclient.Client) error {
			st, err := c.Open(&f.Folder)
			if err == nil && st.UIDValidity != f.UIDValidity {
				err = fmt.Errorf("%w: the server has renumbered its messages meanwhile", imapclient.ErrUnfit)
			}
			if err != nil {
				return err
			}
			err = c.Fetch(f.batches(), imapclient.Fetching{Limit: f.imp.Limit(), Each: f.take, Done: f.done})
			if _, busy := throttled(err); err != nil && !busy {
				f.blame(err)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
}

// leaveLarge names the messages that are above the limit by the server's word, each once.
func (f *fetch) leaveLarge() {
	for i := range f.fresh {
		if m := &f.fresh[i]; m.fate != settled && int64(m.size) > f.imp.Limit() {
			f.bad(m, fmt.Sprintf("%s are more than the limit of %s", f.report.Size(int64(m.size)), f.report.Size(f.imp.Limit())))
		}
	}
}

// batches divides the messages that are left.
func (f *fetch) batches() (list [][]backend.UID) {
	var b batch
	for _, m := range f.fresh {
		switch {
		case m.fate == settled:
			continue
		case len(b.uids) > 0 && (m.fate != waiting || b.full()):
			list, b = append(list, b.uids), batch{}
		}
		b.add(m)
		if m.fate != waiting {
			list, b = append(list, b.uids), batch{}
		}
	}
	if len(b.uids) > 0 {
		list = append(list, b.uids)
	}
	return list
}

// batch is what one command is to ask for.
type batch struct {
	uids   []backend.UID
	ranges int
	bytes  int64
}

func (b *batch) full() bool {
	return len(b.uids) == batchMessages || b.ranges == batchRanges || b.bytes >= batchBytes
}

func (b *batch) add(m freshMessage) {
	if n := len(b.uids); n == 0 || b.uids[n-1]+1 != m.uid {
		b.ranges++
	}
	b.uids, b.bytes = append(b.uids, m.uid), b.bytes+int64(m.size)
}

// find gives the message of a UID; nil for one that nobody asked for, or that is settled.
func (f *fetch) find(uid backend.UID) *freshMessage {
	i, ok := slices.BinarySearchFunc(f.fresh, uid, func(m freshMessage, uid backend.UID) int { return cmp.Compare(m.uid, uid) })
	if !ok || f.fresh[i].fate == settled {
		return nil
	}
	return &f.fresh[i]
}

// take passes a message on.
func (f *fetch) take(m *imapclient.Message, body io.Reader) error {
	if err := f.source.ctx.Err(); err != nil {
		return localError{err}
	}
	fresh := f.find(m.UID)
	if fresh == nil {
		return nil
	}
	if body == nil {
		f.bad(fresh, "the server has no text for it")
		return nil
	}
	err := f.imp.Add(&control.Message{Name: f.nameOf(m.UID), UID: m.UID, Flags: m.Flags, Keywords: slices.Clone(m.Keywords),
		Date: m.Date, Size: m.Size}, body)
	if err != nil {
		return localError{err}
	}
	fresh.fate = settled
	f.partial = f.partial || !m.HasFlags
	f.givenUp = 0
	f.source.gained()
	f.report.Message(int64(fresh.size))
	return nil
}
