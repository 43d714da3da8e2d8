package imapclient

import (
	"slices"
	"strings"
	"time"

	"satchel/backend"
)

// Message is what a FETCH response says of a message.
type Message struct {
	UID       backend.UID
	Flags     backend.Flags
	Keywords  []string // atoms of ASCII; those that are none are left out
	HasFlags  bool
	Date      time.Time // INTERNALDATE; zero when it is missing or cannot be read
	Size      int64     // RFC822.SIZE
	Labels    []string  // Gmail's, in UTF-8
	MessageID []byte    // the field, with its name
}

// reset makes it empty, keeping memory.
func (m *Message) reset() { *m = Message{Keywords: m.Keywords[:0], Labels: m.Labels[:0]} }

// maxFlags bounds the flags and labels of a message.
const maxFlags = 1000

// items reads what a FETCH response says, and its end. body is called where the whole message stands, and reads it.
func (r *reader) items(m *Message, body func()) {
	r.list(0, func() {
		name := strings.ToUpper(r.word())
		section := "-"
		if r.skip('[') {
			section = strings.ToUpper(r.until(func(b byte) bool { return b == ']' }))
			r.skip(']')
			if r.peek() == '<' {
				r.word()
			}
		}
		r.space()
		switch {
		case (section == "" && (name == "BODY" || name == "BODY.PEEK") || name == "RFC822") && body != nil:
			body()
		case strings.HasPrefix(section, "HEADER.FIELDS"):
			m.MessageID = []byte(r.text())
		default:
			r.item(m, name)
		}
	})
	r.eol()
}

// item reads one item that is short.
func (r *reader) item(m *Message, name string) {
	switch name {
	case "UID":
		m.UID = backend.UID(r.number32())
	case "FLAGS":
		m.Flags, m.HasFlags = 0, true
		m.Keywords = m.Keywords[:0]
		r.list(1, func() { m.flag(r.word()) })
	case "INTERNALDATE":
		m.Date = date(r.text())
	case "RFC822.SIZE":
		m.Size = int64(r.number())
	case "X-GM-LABELS":
		r.list(1, func() {
			if l := r.text(); len(m.Labels) < maxFlags {
				m.Labels = append(m.Labels, label(l))
			}
		})
	default:
		r.value(1)
	}
}

// label decodes a label. Gmail's own begin with one backslash, or with several.
func label(s string) string {
	if own := strings.TrimLeft(s, `\`); own != s {
		return `\` + own
	}
	return decode(s)
}

// systemFlags are those that are kept; \Recent is a session's and \* no flag.
var systemFlags = map[string]backend.Flags{
	`\SEEN`: backend.FlagSeen, `\ANSWERED`: backend.FlagAnswered, `\FLAGGED`: backend.FlagFlagged,
	`\DELETED`: backend.FlagDeleted, `\DRAFT`: backend.FlagDraft,
}

func (m *Message) flag(name string) {
	if strings.HasPrefix(name, `\`) {
		m.Flags |= systemFlags[strings.ToUpper(name)]
		return
	}
	odd := func(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune(`(){%*"\]`, c) }
	if name != "" && len(m.Keywords) < maxFlags && !strings.ContainsFunc(name, odd) && !slices.Contains(m.Keywords, name) {
		m.Keywords = append(m.Keywords, name)
	}
}

// date reads a date-time; some servers leave the blank before a single digit out.
func date(s string) time.Time {
	for _, layout := range []string{"_2-Jan-2006 15:04:05 -0700", "2-Jan-2006 15:04:05 -0700", "_2-Jan-2006 15:04:05"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil && t.Year() > 0 && t.Year() < 10000 {
			return t
		}
	}
	return time.Time{}
}
