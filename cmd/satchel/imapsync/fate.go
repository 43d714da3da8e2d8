package imapsync

import (
	"errors"
	"fmt"
	"slices"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
)

// fate is what has become of a message that is to be fetched.
type fate uint8

const (
	waiting fate = iota
	alone        // to be fetched by itself: something was wrong with the batch it was in
	suspect      // it was fetched by itself when a connection was lost
	settled      // it came, is gone there, or was named as bad
)

// maxGivenUp is how many messages in a row may cost the connection again and again before a folder is given up.
const maxGivenUp = 20

// done settles a batch that was asked for.
func (f *fetch) done(asked []backend.UID, why *imapclient.StatusError) {
	for _, uid := range asked {
		m := f.find(uid)
		switch {
		case m == nil:
		case why == nil:
			m.fate = settled
			f.withheld = append(f.withheld, uid)
		case len(asked) == 1:
			f.bad(m, why.Error())
		default:
			m.fate = alone
		}
	}
}

// blame is for the batch that was under way when a connection was lost: its messages are fetched one by one, and the one
// at which the connection is lost again and again is given up.
func (f *fetch) blame(why error) {
	batches := f.batches()
	if len(batches) == 0 || errors.As(why, new(localError)) {
		return
	}
	for _, uid := range batches[0] {
		switch m := f.find(uid); m.fate {
		case waiting:
			m.fate = alone
		case alone:
			m.fate = suspect
		case suspect:
			f.bad(m, why.Error())
			if f.givenUp++; f.givenUp <= maxGivenUp {
				f.source.gained()
			}
		}
	}
}

// nameWithheld tells the messages that the server has and does not send from those that have been removed there meanwhile.
func (f *fetch) nameWithheld() error {
	if len(f.withheld) == 0 {
		return nil
	}
	f.partial = true
	var there []backend.UID
	sure := false
	err := f.source.tryFolder(func(c *imapclient.Client) error {
		if _, err := c.Open(&f.Folder); err != nil {
			return err
		}
		var err error
		if there, err = c.UIDs(); errors.Is(err, imapclient.ErrUnsure) {
			return nil
		}
		sure = err == nil
		return err
	})
	if err != nil && (isBusy(err) || !f.source.refused(err)) {
		return err
	}
	for _, uid := range f.withheld {
		if _, has := slices.BinarySearch(there, uid); has || !sure {
			f.tally.AddBad(f.nameOf(uid), "the server has it and does not send it")
		}
	}
	return nil
}

// bad names a message that does not come.
func (f *fetch) bad(m *freshMessage, why string) {
	m.fate, f.partial = settled, true
	f.tally.AddBad(f.nameOf(m.uid), why)
	f.report.Message(int64(m.size))
}

func (f *fetch) nameOf(uid backend.UID) string {
	return fmt.Sprintf("%s UID %d", imapclient.Printable(f.Name), uid)
}
