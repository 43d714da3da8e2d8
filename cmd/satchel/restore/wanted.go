package restore

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"satchel/backend/message"
	"satchel/storage"
)

// Wanted says which messages of an account are meant: those that all that is given fits.
type Wanted struct {
	Account   string
	Mailboxes []string        // any of them; "*" is all
	UIDs      []storage.Range // any of them

	NotBefore, Before time.Time // when they arrived
	MessageIDs        []string  // any of them, with or without < and >

	Subject, From, To string // contained in that field
	Text              string // contained anywhere
}

// ParseUIDs reads a list of UIDs and ranges of them.
func ParseUIDs(s string) (list []storage.Range, err error) {
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

// matcher compares messages with what is wanted.
type matcher struct {
	*Wanted
	fields  []wantedField
	ids     [][]byte // folded
	needle  []byte   // folded
	scratch message.Scratch
}

// wantedField is a text that a field of the header is to contain.
type wantedField struct {
	name   string
	needle []byte // folded
}

func (w *Wanted) matcher() *matcher {
	m := &matcher{Wanted: w, needle: message.Fold(nil, []byte(w.Text))}
	for _, f := range []struct{ name, text string }{{"Subject", w.Subject}, {"From", w.From}, {"To", w.To}} {
		if f.text != "" {
			m.fields = append(m.fields, wantedField{f.name, message.Fold(nil, []byte(f.text))})
		}
	}
	for _, id := range w.MessageIDs {
		m.ids = append(m.ids, message.Fold(nil, []byte("<"+strings.Trim(id, "<> ")+">")))
	}
	return m
}

// fits compares what needs no look at the message.
func (m *matcher) fits(e *storage.Entry) bool {
	if !m.NotBefore.IsZero() && e.Date < m.NotBefore.Unix() || !m.Before.IsZero() && e.Date >= m.Before.Unix() {
		return false
	}
	for _, r := range m.UIDs {
		if r.First <= e.UID && e.UID <= r.Last {
			return true
		}
	}
	return m.UIDs == nil
}

// readsHeader reports whether fitsHeader can say no.
func (m *matcher) readsHeader() bool { return len(m.fields) > 0 || len(m.ids) > 0 }

func (m *matcher) fitsHeader(header []byte) bool {
	for _, w := range m.fields {
		if !message.HeaderContains(header, w.name, w.needle) {
			return false
		}
	}
	for _, id := range m.ids {
		if message.HeaderContains(header, "Message-ID", id) {
			return true
		}
	}
	return len(m.ids) == 0
}

// fitsText looks for the text in a whole message.
func (m *matcher) fitsText(raw []byte) bool {
	wants := []message.Want{{Needle: m.needle, Headers: true}}
	root := message.Parse(raw).Root
	m.scratch.Search(raw, &root, wants)
	return wants[0].Found
}
