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

// picked is a folder of a backup with messages that were asked for.
type picked struct {
	storage.Mailbox
	subscribed bool
	entries    []storage.Entry
}

// pick finds the messages asked for.
func (r *restoring) pick(ctx context.Context, b *backup.Browser) (list []picked, err error) {
	boxes, subscribed, err := b.Mailboxes()
	if err != nil {
		return nil, err
	}
	for _, name := range r.mailboxes {
		if name != "*" && !slices.ContainsFunc(boxes, func(m storage.Mailbox) bool { return sameName(m.Name, name) }) {
			return nil, fmt.Errorf("folder %q in the backup of %s: %w", name, r.account, backup.ErrNotFound)
		}
	}
	for _, box := range boxes {
		if len(r.mailboxes) > 0 && !slices.ContainsFunc(r.mailboxes, func(n string) bool { return n == "*" || sameName(box.Name, n) }) {
			continue
		}
		x := picked{Mailbox: box, subscribed: slices.Contains(subscribed, box.Name)}
		if x.entries, err = r.pickFrom(ctx, b, box.ID); err != nil {
			return nil, fmt.Errorf("folder %q: %w", box.Name, err)
		}
		list = append(list, x)
	}
	return list, nil
}

// sameName compares folders' names as IMAP does (RFC 3501, 5.1).
func sameName(a, b string) bool { return a == b || a == "INBOX" && strings.EqualFold(b, "INBOX") }

func (r *restoring) pickFrom(ctx context.Context, b *backup.Browser, box storage.MailboxID) (list []storage.Entry, err error) {
	err = b.Entries(box, func(e *storage.Entry) error {
		if r.filter.fits(e) {
			list = append(list, *e)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(e storage.Entry) bool {
		if err != nil || ctx.Err() != nil {
			return false
		}
		var fits bool
		fits, err = r.fitsContent(b, &e)
		return !fits
	})
	return list, errors.Join(err, ctx.Err())
}

// fitsContent looks at what a message says, as far as that was asked for.
func (r *restoring) fitsContent(b *backup.Browser, e *storage.Entry) (bool, error) {
	if r.filter.readsHeader() {
		header, err := b.Header(e.Message)
		if err != nil || !r.filter.fitsHeader(header) {
			return false, err
		}
	}
	if r.filter.text == "" {
		return true, nil
	}
	raw, err := io.ReadAll(b.Body(e))
	return err == nil && r.filter.fitsText(raw), err
}

// restoreMessages brings back those of the messages asked for that the account does not have.
func (p *program) restoreMessages(ctx context.Context, repo *backup.Repository, run *backup.Run, r *restoring) error {
	b, err := r.browse(repo, run)
	if err != nil {
		return err
	}
	defer b.Close()
	list, err := r.pick(ctx, b)
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
		fmt.Fprintf(p.out, "%s: %d messages restored, %d already there (%s)\n", r.account, x.total.New, x.total.Present, bytesText(x.total.Bytes))
		if n := len(x.total.Bad) + x.total.BadMore; err == nil && n > 0 {
			err = fmt.Errorf("%d could not be restored", n)
		}
		return err
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
		list, err := x.missing(name, part)
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
		m := control.Message{Name: fmt.Sprintf("%s, UID %d", from.Name, e.UID), Flags: e.Flags &^ storage.FlagDeleted,
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
	for _, b := range tally.Bad {
		x.progress.line("left out: %s: %s", b.Name, b.Reason)
	}
	x.total.Sum(tally)
	return nil
}

// missing returns those of the messages that a folder does not have. They are compared by their bytes only where one of
// the same size and date is there.
func (x *returning) missing(name string, entries []storage.Entry) (list []storage.Entry, err error) {
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
				return nil, err
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
