package restore

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"satchel/storage"
	"satchel/storage/backup"
)

// Picked is a folder of a backup with messages that were asked for.
type Picked struct {
	storage.Mailbox
	Entries    []storage.Entry
	subscribed bool
}

// Bytes is how large the messages are together.
func (p *Picked) Bytes() (sum int64) {
	for i := range p.Entries {
		sum += int64(p.Entries[i].Size)
	}
	return sum
}

// Pick finds the messages asked for. unread tells of those that would have to be read for that, and cannot be.
func Pick(ctx context.Context, from *backup.Browser, w *Wanted) (list []Picked, unread, err error) {
	boxes, subscribed, err := from.Mailboxes()
	if err != nil {
		return nil, nil, err
	}
	for _, name := range w.Mailboxes {
		if name != "*" && !slices.ContainsFunc(boxes, func(m storage.Mailbox) bool { return sameName(m.Name, name) }) {
			return nil, nil, fmt.Errorf("folder %q in the backup of %s: %w", name, w.Account, backup.ErrNotFound)
		}
	}
	p := picking{ctx: ctx, browser: from, matcher: w.matcher()}
	for _, box := range boxes {
		if len(w.Mailboxes) > 0 && !slices.ContainsFunc(w.Mailboxes, func(n string) bool { return n == "*" || sameName(box.Name, n) }) {
			continue
		}
		x := Picked{Mailbox: box, subscribed: slices.Contains(subscribed, box.Name)}
		if x.Entries, err = p.from(box.ID); err != nil {
			return nil, nil, fmt.Errorf("folder %q: %w", box.Name, err)
		}
		list = append(list, x)
	}
	return list, p.unreadable(), nil
}

// sameName compares folders' names as IMAP does (RFC 3501, 5.1).
func sameName(a, b string) bool { return a == b || a == "INBOX" && strings.EqualFold(b, "INBOX") }

// picking goes through the messages of a backup.
type picking struct {
	ctx     context.Context
	browser *backup.Browser
	matcher *matcher
	damaged int
	first   error // of damaged
}

func (p *picking) from(box storage.MailboxID) (list []storage.Entry, err error) {
	err = p.browser.Entries(box, func(e *storage.Entry) error {
		if p.matcher.fits(e) {
			list = append(list, *e)
		}
		return p.ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(e storage.Entry) bool { return p.ctx.Err() != nil || !p.fits(&e) })
	return list, p.ctx.Err()
}

// fits looks at what a message says, as far as that was asked for.
func (p *picking) fits(e *storage.Entry) bool {
	fits, err := p.content(e)
	if err == nil {
		return fits
	}
	if p.damaged++; p.damaged == 1 {
		p.first = err
	}
	return false
}

func (p *picking) content(e *storage.Entry) (bool, error) {
	if p.matcher.readsHeader() {
		header, err := p.browser.Header(e.Message)
		if err != nil || !p.matcher.fitsHeader(header) {
			return false, err
		}
	}
	if len(p.matcher.needle) == 0 {
		return true, nil
	}
	raw, err := io.ReadAll(p.browser.Body(e))
	return err == nil && p.matcher.fitsText(raw), err
}

func (p *picking) unreadable() error {
	switch p.damaged {
	case 0:
		return nil
	case 1:
		return fmt.Errorf("1 message of the backup cannot be read: %w", p.first)
	}
	return fmt.Errorf("%d messages of the backup cannot be read, the first: %w", p.damaged, p.first)
}
