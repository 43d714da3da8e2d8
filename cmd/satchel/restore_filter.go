package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"satchel/backend/message"
	"satchel/storage"
)

// filter picks messages of a backup: those that all that is given fits.
type filter struct {
	uids, since, before string
	messageIDs          []string
	subject, from, to   string
	text                string

	ranges              []storage.Range
	notBefore, notAfter int64 // Unix seconds; 0: any
	fields              []wantedField
	needle              []byte // folded
	scratch             message.Scratch
}

// wantedField is a text that a field of the header is to contain.
type wantedField struct {
	name   string
	needle []byte // folded
}

func (f *filter) flags(set *pflag.FlagSet) {
	set.StringVar(&f.uids, "uid", "", "messages with these `UIDS` in the mailbox, such as 12,15:20")
	set.StringArrayVar(&f.messageIDs, "message-id", nil, "the message with this Message-`ID`; can be repeated")
	set.StringVar(&f.subject, "subject", "", "messages with this `TEXT` in the subject")
	set.StringVar(&f.from, "from", "", "with this `TEXT` in the sender's name or address")
	set.StringVar(&f.to, "to", "", "with this `TEXT` in the recipients' names or addresses")
	set.StringVar(&f.text, "text", "", "with this `TEXT` anywhere")
	set.StringVar(&f.since, "since", "", "that arrived since this `TIME`: a time ago such as \"3d\", or a date such as 2026-01-31")
	set.StringVar(&f.before, "before", "", "that arrived before this `TIME`")
}

// given reports whether there is anything to pick by.
func (f *filter) given() bool {
	return f.uids+f.since+f.before+f.subject+f.from+f.to+f.text != "" || len(f.messageIDs) > 0
}

// parse reads what the flags say.
func (f *filter) parse() (err error) {
	if f.ranges, err = parseUIDs(f.uids); err != nil {
		return fmt.Errorf("--uid: %w", err)
	}
	if f.notBefore, err = unixTime(f.since); err != nil {
		return fmt.Errorf("--since: %w", err)
	}
	if f.notAfter, err = unixTime(f.before); err != nil {
		return fmt.Errorf("--before: %w", err)
	}
	for name, text := range map[string]string{"Subject": f.subject, "From": f.from, "To": f.to} {
		if text != "" {
			f.fields = append(f.fields, wantedField{name, message.Fold(nil, []byte(text))})
		}
	}
	for i, id := range f.messageIDs {
		f.messageIDs[i] = "<" + strings.Trim(id, "<> ") + ">"
	}
	f.needle = message.Fold(nil, []byte(f.text))
	return nil
}

// unixTime reads a time, 0 where none is given.
func unixTime(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	t, err := parseSince(s, time.Now())
	return t.Unix(), err
}

// parseUIDs reads a list of UIDs and ranges of them.
func parseUIDs(s string) (list []storage.Range, err error) {
	if s == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(s, ",") {
		first, last, ranged := strings.Cut(part, ":")
		if !ranged {
			last = first
		}
		a, err := strconv.ParseUint(first, 10, 32)
		b, err2 := strconv.ParseUint(last, 10, 32)
		if err != nil || err2 != nil || a > b {
			return nil, fmt.Errorf("%q is not like 12 or 15:20", part)
		}
		list = append(list, storage.Range{First: storage.UID(a), Last: storage.UID(b)})
	}
	return list, nil
}

// fits compares what needs no look at the message.
func (f *filter) fits(e *storage.Entry) bool {
	if e.Date < f.notBefore || f.notAfter != 0 && e.Date >= f.notAfter {
		return false
	}
	for _, r := range f.ranges {
		if r.First <= e.UID && e.UID <= r.Last {
			return true
		}
	}
	return f.ranges == nil
}

// readsHeader reports whether fitsHeader can say no.
func (f *filter) readsHeader() bool { return len(f.fields) > 0 || len(f.messageIDs) > 0 }

func (f *filter) fitsHeader(header []byte) bool {
	for _, w := range f.fields {
		if !message.HeaderContains(header, w.name, w.needle) {
			return false
		}
	}
	for _, id := range f.messageIDs {
		if message.HeaderContains(header, "Message-ID", message.Fold(nil, []byte(id))) {
			return true
		}
	}
	return len(f.messageIDs) == 0
}

// fitsText looks for the text in a whole message.
func (f *filter) fitsText(raw []byte) bool {
	wants := []message.Want{{Needle: f.needle, Headers: true}}
	root := message.Parse(raw).Root
	f.scratch.Search(raw, &root, wants)
	return wants[0].Found
}
