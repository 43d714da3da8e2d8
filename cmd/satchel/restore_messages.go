package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"satchel/server/control"
	"satchel/storage"
	"satchel/storage/backup"
)

// restoreMessages brings back those of the messages asked for that the account does not have.
func (p *program) restoreMessages(ctx context.Context, repo *backup.Repository, run *backup.Run, r *restoring) error {
	b, err := r.browse(repo, run)
	if err != nil {
		return err
	}
	defer b.Close()
	list, unread, err := r.pick(ctx, b)
	if err != nil {
		return err
	}
	to := importTo{r.account, r.into}
	size := int64(0)
	for i := range list {
		for _, e := range list[i].entries {
			size += int64(e.Size)
		}
	}
	return p.withAdmin(ctx, false, func(admin control.Admin) error {
		if _, err := admin.Account(r.account); err != nil {
			return fmt.Errorf("%w; without --mailbox and picking, the whole account is restored", err)
		}
		x := &returning{ctx: ctx, admin: admin, browser: b, progress: p.progress("restored", size), account: r.account}
		if x.objects, err = b.Objects(); err != nil {
			return err
		}
		err := x.folders(list, to)
		x.progress.end()
		for _, b := range x.total.Bad {
			fmt.Fprintf(p.errOut, "left out: %s: %s\n", b.Name, b.Reason)
		}
		fmt.Fprintf(p.out, "%s: %d messages restored, %d already there (%s)\n", r.account, x.total.New, x.total.Present, bytesText(x.total.Bytes))
		if n := len(x.total.Bad) + x.total.BadMore; err == nil && n > 0 {
			err = fmt.Errorf("%d could not be restored", n)
		}
		return errors.Join(err, unread)
	})
}

// returning is messages on their way back into an account.
type returning struct {
	ctx      context.Context
	admin    control.Admin
	browser  *backup.Browser
	progress *progress
	account  string
	objects  uint64
	total    control.Tally
}

func (x *returning) folders(list []picked, to importTo) error {
	for i := range list {
		if len(list[i].entries) == 0 {
			continue
		}
		if err := x.folder(&list[i], to.name(list[i].Name)); err != nil {
			return err
		}
	}
	return nil
}

// folder brings the messages of a folder back into one of an account.
func (x *returning) folder(from *picked, name string) error {
	var missing []storage.Entry
	for part := range slices.Chunk(from.entries, control.MaxCopies) {
		list, err := x.missing(from.Name, name, part)
		if err != nil {
			return err
		}
		missing = append(missing, list...)
	}
	if len(missing) == 0 {
		return nil
	}
	imp, err := x.admin.Import(control.Target{Account: x.account, Mailbox: name, SpecialUse: from.SpecialUse, Subscribe: from.subscribed})
	if err != nil {
		return err
	}
	defer imp.Abort()
	for i := range missing {
		if x.ctx.Err() != nil {
			return errInterrupted
		}
		e := &missing[i]
		m := control.Message{Name: nameOf(from.Name, e), Flags: e.Flags &^ storage.FlagDeleted,
			Keywords: strings.Fields(e.Keywords), Date: time.Unix(e.Date, 0), Size: int64(e.Size)}
		if err := imp.Add(&m, x.browser.Body(e)); err != nil {
			return err
		}
		x.progress.add(int64(e.Size))
	}
	tally, err := imp.Finish(control.End{})
	if err != nil {
		return err
	}
	x.progress.line("%s: %d restored", name, tally.New)
	x.total.Sum(tally)
	return nil
}

// nameOf names a message of a backup.
func nameOf(folder string, e *storage.Entry) string { return fmt.Sprintf("%s, UID %d", folder, e.UID) }

// missing returns those of the messages that a folder does not have. They are compared by their bytes only where one of
// the same size and date is there.
func (x *returning) missing(from, name string, entries []storage.Entry) (list []storage.Entry, err error) {
	ask := control.Copies{Account: x.account, Mailbox: name, Objects: x.objects}
	for i := range entries {
		ask.List = append(ask.List, control.Copy{Message: entries[i].Message, Size: entries[i].Size, Date: entries[i].Date})
	}
	found, err := x.admin.Present(ask)
	if err != nil {
		return nil, err
	}
	var unsure []storage.Entry
	compare := control.Copies{Account: x.account, Mailbox: name, Objects: x.objects}
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
	found, err = x.admin.Present(compare)
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
func (x *returning) here(e *storage.Entry) {
	x.total.Present++
	x.progress.add(int64(e.Size))
}

func (x *returning) sum(e *storage.Entry) ([]byte, error) {
	h := sha256.New()
	_, err := io.Copy(h, x.browser.Body(e))
	return h.Sum(nil), err
}
