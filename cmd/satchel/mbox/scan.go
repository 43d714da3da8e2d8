package mbox

import (
	"bytes"
	"hash"
	"strings"

	"satchel/backend"
)

// maxStatus bounds how many status fields of one header are looked at.
const maxStatus = 64

// span is a status field in the header, relative to the message's offset.
type span struct {
	from, to int64
	wire     int64 // bytes in wire form
	field    int
	value    string
}

// scan gathers what is known of one message while its lines go by.
type scan struct {
	m      *Message
	hash   hash.Hash
	pos    int64 // relative to the message's offset
	header bool
	inLine bool  // the piece before this one did not end its line
	cr     bool  // and it ended in a CR
	blank  int64 // length of the last line if it was blank
	spans  []span
	field  int // the status field being read, -1 for another one
}

// add takes the next piece of the message; whole says that the piece ends its line.
func (s *scan) add(piece []byte, whole bool, q Quoting) {
	at := s.pos
	s.pos += int64(len(piece))
	s.wireBlank()
	text := bytes.TrimRight(piece, "\r\n")
	first := !s.inLine
	if first {
		s.cr = false
	}
	if first && (string(piece) == "\n" || string(piece) == "\r\n") {
		s.blank = int64(len(piece))
		s.header = false
		s.field = -1
		s.inLine = false
		return // counted when it turns out not to be the last one
	}
	wire := s.wire(piece)
	s.inLine = !whole
	if s.header && s.status(text, first, at, wire) {
		return
	}
	if first && q.quoted(piece) {
		piece, wire = piece[1:], wire-1
	}
	s.m.Size += wire
	s.hash.Write(piece)
}

// wire gives the bytes that piece takes in wire form.
func (s *scan) wire(piece []byte) int64 {
	n := len(piece)
	size := int64(n)
	if piece[n-1] == '\n' {
		before := s.cr
		if n > 1 {
			before = piece[n-2] == '\r'
		}
		if !before {
			size++
		}
	}
	s.cr = piece[n-1] == '\r'
	return size
}

// wireBlank counts the blank line before this piece, now that it is known not to end the message.
func (s *scan) wireBlank() {
	if s.blank > 0 {
		s.m.Size += 2
		s.hash.Write([]byte{'\n'})
		s.blank = 0
	}
}

// status takes note of a status field and reports whether the piece belongs to one.
func (s *scan) status(text []byte, first bool, at, wire int64) bool {
	folded := first && len(text) > 0 && (text[0] == ' ' || text[0] == '\t')
	if first && !folded {
		s.field = statusField(text)
		if len(s.spans) == maxStatus {
			s.field = -1
		}
		if bytes.HasPrefix(text, []byte("Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA")) {
			s.m.Internal = true
		}
		if s.field >= 0 {
			s.spans = append(s.spans, span{from: at, field: s.field})
			text = text[bytes.IndexByte(text, ':')+1:]
		}
	}
	if s.field < 0 || len(s.spans) == 0 {
		return false
	}
	last := &s.spans[len(s.spans)-1]
	last.to, last.wire = s.pos, last.wire+wire
	if len(last.value)+len(text) < 1<<16 {
		last.value += string(text)
	}
	return true
}

// finish settles what the lines could not tell one by one: the last of each status field is the mail program's, an
// earlier one is the message's own.
func (s *scan) finish() {
	s.m.length = s.pos - s.blank
	var taken [fieldCount]bool
	for i := len(s.spans) - 1; i >= 0; i-- {
		sp := s.spans[i]
		if taken[sp.field] {
			s.m.Size += sp.wire
			continue
		}
		taken[sp.field] = true
		s.m.strip = append(s.m.strip, sp)
		s.m.setStatus(sp)
	}
}

func (m *Message) setStatus(sp span) {
	if sp.field == fieldKeywords {
		m.Keywords = strings.Fields(sp.value)
		return
	}
	for _, c := range sp.value {
		switch c {
		case 'R':
			m.Flags |= backend.FlagSeen
		case 'A':
			m.Flags |= backend.FlagAnswered
		case 'F':
			m.Flags |= backend.FlagFlagged
		case 'D':
			m.Flags |= backend.FlagDeleted
		case 'T':
			m.Flags |= backend.FlagDraft
		}
	}
}
