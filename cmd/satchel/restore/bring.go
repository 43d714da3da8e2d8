package restore

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"satchel/server/control"
	"satchel/storage"
	"satchel/storage/backup"
)

// Into is an account that messages go into.
type Into struct {
	Admin   control.Admin
	Account string
	Name    func(folder string) string // where the messages of a folder go
	Report  Report
}

// Bring brings back those of the messages that the account does not have in that folder. It can be done again: what came
// before an error is kept, and counted.
func (to Into) Bring(ctx context.Context, from *backup.Browser, list []Picked) (done control.Tally, err error) {
	x := &bringing{Into: to, ctx: ctx, from: from}
	if x.objects, err = from.Objects(); err != nil {
		return done, err
	}
	for i := range list {
		if len(list[i].Entries) == 0 {
			continue
		}
		if err := x.folder(&list[i], to.Name(list[i].Name)); err != nil {
			return x.total, err
		}
	}
	return x.total, nil
}

// bringing is messages on their way back into an account.
type bringing struct {
	Into
	ctx     context.Context
	from    *backup.Browser
	objects uint64
	total   control.Tally
}

// folder brings the messages of a folder back into one of an account.
func (x *bringing) folder(from *Picked, name string) error {
	var missing []storage.Entry
	for part := range slices.Chunk(from.Entries, control.MaxCopies) {
		list, err := x.missing(from.Name, name, part)
		if err != nil {
			return err
		}
		missing = append(missing, list...)
	}
	if len(missing) == 0 {
		return nil
	}
	imp, err := x.Admin.Import(control.Target{Account: x.Account, Mailbox: name, SpecialUse: from.SpecialUse, Subscribe: from.subscribed})
	if err != nil {
		return err
	}
	defer imp.Abort()
	for i := range missing {
		if err := x.ctx.Err(); err != nil {
			return err
		}
		e := &missing[i]
		m := control.Message{Name: nameOf(from.Name, e), Flags: e.Flags &^ storage.FlagDeleted,
			Keywords: strings.Fields(e.Keywords), Date: time.Unix(e.Date, 0), Size: int64(e.Size)}
		if err := imp.Add(&m, x.from.Body(e)); err != nil {
			return err
		}
		x.Report.Message(int64(e.Size))
	}
	tally, err := imp.Finish(control.End{})
	if err != nil {
		return err
	}
	x.Report.Line("%s: %d restored", name, tally.New)
	x.total.Sum(tally)
	return nil
}

// nameOf names a message of a backup.
func nameOf(folder string, e *storage.Entry) string { return fmt.Sprintf("%s, UID %d", folder, e.UID) }

// missing returns those of the messages that a folder does not have. They are compared by their bytes only where one of
// the same size and date is there.
func (x *bringing) missing(from, name string, entries []storage.Entry) (list []storage.Entry, err error) {
	ask := control.Copies{Account: x.Account, Mailbox: name, Objects: x.objects}
	for i := range entries {
		ask.List = append(ask.List, control.Copy{Message: entries[i].Message, Size: entries[i].Size, Date: entries[i].Date})
	}
	found, err := x.Admin.Present(ask)
	if err != nil {
		return nil, err
	}
	var unsure []storage.Entry
	compare := control.Copies{Account: x.Account, Mailbox: name, Objects: x.objects}
	for i, presence := range found {
		switch presence {
		case control.Absent:
			list = append(list, entries[i])
		case control.Possible:
			c := ask.List[i]
			if c.Sum, err = x.sum(&entries[i]); err != nil {
				x.total.AddBad(nameOf(from, &entries[i]), err.Error())
				continue
			}
			unsure, compare.List = append(unsure, entries[i]), append(compare.List, c)
		default:
			x.here(&entries[i])
		}
	}
	if len(unsure) == 0 {
		return list, nil
	}
	found, err = x.Admin.Present(compare)
	for i, presence := range found {
		if presence == control.Present {
			x.here(&unsure[i])
		} else {
			list = append(list, unsure[i])
		}
	}
	slices.SortFunc(list, func(a, b storage.Entry) int { return int(int64(a.UID) - int64(b.UID)) })
	return list, err
}

// here counts a message that is there.
func (x *bringing) here(e *storage.Entry) {
	x.total.Present++
	x.Report.Message(int64(e.Size))
}

func (x *bringing) sum(e *storage.Entry) ([]byte, error) {
	h := sha256.New()
	_, err := io.Copy(h, x.from.Body(e))
	return h.Sum(nil), err
}
