package trace

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Tap is where one session is watched. The session tells it of each command's beginning, and of all bytes as it reads and
// writes them; before the first Begin nothing of the client's is shown.
type Tap struct {
	session  string
	watchers []*Watcher
	contents bool // some watcher wants those of literals
	secrets  secrets

	client, server side

	first  bool     // the client's line is the first of its command
	hidden bool     // what is left of the client's command
	tags   []string // of commands that were shown and are not answered yet, at most maxTags

	inside  bool  // the server's line goes on behind a literal
	masked  bool  // what is left of the server's response
	literal int64 // bytes left of the server's literal
}

// maxTags is how many commands a client sends ahead of the answers, and more: of others the tags are not shown in these.
const maxTags = 64

// side gathers what one side says.
type side struct {
	tap   *Tap
	from  string
	line  []byte // so far
	more  int    // bytes of it beyond maxLine
	tail  []byte // its last bytes, wherever they are
	bytes int64  // of the literal so far
}

// maxLine is how much of a line is shown. maxTail is where the announcement of a literal is.
const (
	maxLine = 8 << 10
	maxTail = 24
)

// Begin says that the client's next byte is the first of a command.
func (t *Tap) Begin() {
	t.client.endLiteral()
	t.client.forget()
	t.first, t.hidden = true, false
}

// Client takes what the client has sent: of a literal, or else text.
func (t *Tap) Client(b []byte, literal bool) {
	if literal {
		if !t.hidden {
			t.client.content(b)
		}
		return
	}
	t.client.endLiteral()
	t.client.lines(b, t.clientLine)
}

// clientLine shows a line of the client's, or what may be seen of it.
func (t *Tap) clientLine(line []byte) string {
	switch {
	case t.first:
		t.first = false
		tag, shown, hidden := t.secrets.command(line)
		if tag != "" && len(t.tags) < maxTags {
			t.tags = append(t.tags, tag)
		}
		t.hidden = hidden
		return shown
	case t.hidden:
		return mask
	}
	return escape(line)
}

// Server takes what is written to the client.
func (t *Tap) Server(b []byte) {
	for len(b) > 0 {
		if t.literal > 0 {
			n := min(int64(len(b)), t.literal)
			if !t.masked {
				t.server.content(b[:n])
			}
			b = b[n:]
			if t.literal -= n; t.literal == 0 {
				t.server.endLiteral()
			}
			continue
		}
		end := bytes.IndexByte(b, '\n') + 1
		if end == 0 {
			end = len(b)
		}
		t.server.lines(b[:end], t.serverLine)
		b = b[end:]
	}
}

// serverLine shows a line of the server's, or what may be seen of it.
func (t *Tap) serverLine(line []byte) string {
	shown, more := mask, true // a literal may follow
	switch {
	case t.masked:
	case t.inside:
		shown = escape(line)
	default:
		shown, t.masked = t.response(line)
		more = bytes.HasPrefix(line, []byte("* ")) // a tagged response has none (RFC 3501, 7.1), whatever its text
	}
	t.literal = 0
	if more {
		t.literal = announced(bytes.TrimSuffix(t.server.tail, []byte("\r")))
	}
	t.inside = t.literal > 0
	t.masked = t.masked && t.inside
	return shown
}

// response is what may be seen of a line that begins a response, and whether the rest of it is to be masked. The server
// repeats what it takes for a tag, which may be half a password: only those that were shown are.
func (t *Tap) response(line []byte) (shown string, masked bool) {
	first, rest, _ := bytes.Cut(line, []byte(" "))
	if word := string(first); word == "*" || word == "+" {
		return t.secrets.response(line)
	}
	if i := slices.Index(t.tags, string(first)); i >= 0 {
		t.tags = slices.Delete(t.tags, i, i+1)
		return escape(line), false
	}
	return mask + " " + escape(rest), false
}

// Say adds a remark.
func (t *Tap) Say(text string) { t.emit(&Event{From: Remark, Text: text}) }

// End says that the session is over.
func (t *Tap) End() { t.Say("the session has ended") }

func (t *Tap) emit(e *Event) {
	e.At, e.Session = time.Now(), t.session
	for _, w := range t.watchers {
		w.put(e)
	}
}

// lines gathers text, and has each line that is complete shown as it says.
func (s *side) lines(b []byte, show func(line []byte) string) {
	for len(b) > 0 {
		end := bytes.IndexByte(b, '\n')
		if end < 0 {
			s.keep(b)
			return
		}
		s.keep(b[:end])
		if text := show(bytes.TrimSuffix(s.line, []byte("\r"))); text != "" {
			s.emit(text)
		}
		s.forget()
		b = b[end+1:]
	}
}

// keep adds to the line, as far as it is shown.
func (s *side) keep(b []byte) {
	n := min(len(b), maxLine-len(s.line))
	s.line = append(s.line, b[:n]...)
	s.more += len(b) - n
	s.tail = append(s.tail, b[max(0, len(b)-maxTail):]...)
	s.tail = s.tail[max(0, len(s.tail)-maxTail):]
}

// forget begins the next line. What was in this one may be a secret.
func (s *side) forget() {
	clear(s.line)
	clear(s.tail)
	s.line, s.more, s.tail = s.line[:0], 0, s.tail[:0]
}

func (s *side) emit(text string) { s.tap.emit(&Event{From: s.from, Text: s.shorten(text)}) }

// shorten says how much of the line is not shown.
func (s *side) shorten(text string) string {
	if s.more > 0 {
		text += fmt.Sprintf("... and %d bytes", s.more)
	}
	return text
}

// content takes bytes of a literal.
func (s *side) content(b []byte) {
	s.bytes += int64(len(b))
	if s.tap.contents {
		s.lines(b, s.contentLine)
	}
}

func (s *side) contentLine(line []byte) string {
	s.tap.emit(&Event{From: s.from, Text: "| " + s.shorten(escape(line)), content: true})
	return ""
}

// endLiteral shows how long a literal was, and the rest of its contents.
func (s *side) endLiteral() {
	if s.bytes == 0 {
		return
	}
	if len(s.line) > 0 {
		s.contentLine(s.line)
		s.forget()
	}
	s.tap.emit(&Event{From: s.from, Text: "{" + strconv.FormatInt(s.bytes, 10) + " bytes}", size: true})
	s.bytes = 0
}
