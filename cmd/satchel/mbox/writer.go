package mbox

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"satchel/backend"
)

// Writer writes messages into an mbox file with mboxrd quoting.
type Writer struct {
	out *bufio.Writer
	in  *bufio.Reader
}

// NewWriter gives a Writer onto w. Flush must be called at the end.
func NewWriter(w io.Writer) *Writer {
	return &Writer{out: bufio.NewWriterSize(w, 64<<10), in: bufio.NewReaderSize(nil, 64<<10)}
}

// Flush writes what is still in memory.
func (w *Writer) Flush() error {
	return w.out.Flush()
}

// Add writes one message. wire is its bytes in wire form, read to the end.
func (w *Writer) Add(date time.Time, flags backend.Flags, keywords []string, wire io.Reader) error {
	w.in.Reset(wire)
	w.separator(date)
	msg := outgoing{w: w.out, flags: flags, keywords: keywords, header: true, inLine: false, ended: true}
	for {
		line, err := w.in.ReadSlice('\n')
		msg.add(line)
		if err == io.EOF {
			break
		}
		if err != nil && err != bufio.ErrBufferFull {
			return fmt.Errorf("write mbox: %w", err)
		}
	}
	msg.finish()
	// bufio.Writer keeps its first error: a write of nothing tells it.
	_, err := w.out.Write(nil)
	return err
}

// separator writes the "From " line; RFC 4155: the date is in UTC.
func (w *Writer) separator(date time.Time) {
	head, _ := w.in.Peek(4 << 10)
	fmt.Fprintf(w.out, "From %s %s\n", sender(head), date.UTC().Format(time.ANSIC))
}

// sender gives the envelope sender out of a Return-Path in the first lines of the header.
func sender(head []byte) string {
	for line := range bytes.Lines(head) {
		name, value, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			break
		}
		if !bytes.EqualFold(name, []byte("Return-Path")) {
			continue
		}
		addr := strings.Trim(strings.TrimSpace(string(value)), "<>")
		if addr != "" && !strings.ContainsAny(addr, " \t<>") {
			return addr
		}
	}
	return "MAILER-DAEMON"
}

// outgoing is a message on its way into the file.
type outgoing struct {
	w        *bufio.Writer
	flags    backend.Flags
	keywords []string
	own      [fieldCount]bool // status fields that the message brought itself
	header   bool
	inLine   bool
	cr       bool // a CR at the end of a piece is held back until the next byte is known
	ended    bool // the last line has its line end
}

func (m *outgoing) add(piece []byte) {
	if len(piece) == 0 {
		return
	}
	first := !m.inLine
	m.inLine = piece[len(piece)-1] != '\n'
	if first && m.header {
		m.headerLine(piece)
	}
	if first && RD.marks(piece) {
		m.w.WriteByte('>')
	}
	m.write(piece)
}

// marks reports whether writing puts a mark before line.
func (q Quoting) marks(line []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From "))
}

// headerLine notes the message's own status fields and puts ours before the blank line.
func (m *outgoing) headerLine(line []byte) {
	if len(bytes.TrimRight(line, "\r\n")) == 0 && line[len(line)-1] == '\n' {
		m.header = false
		m.status()
		return
	}
	if f := statusField(line); f >= 0 {
		m.own[f] = true
	}
}

// write writes a piece with LF for CRLF.
func (m *outgoing) write(piece []byte) {
	if m.cr && piece[0] != '\n' {
		m.w.WriteByte('\r')
	}
	m.cr = false
	n := len(piece)
	switch {
	case bytes.HasSuffix(piece, []byte("\r\n")):
		m.w.Write(piece[:n-2])
		m.w.WriteByte('\n')
	case piece[n-1] == '\r':
		m.w.Write(piece[:n-1])
		m.cr = true
	default:
		m.w.Write(piece)
	}
	m.ended = piece[n-1] == '\n'
}

// finish ends the message with a line end, its status fields if it had no body, and the blank line.
func (m *outgoing) finish() {
	if m.cr {
		m.w.WriteByte('\r')
	}
	if !m.ended {
		m.w.WriteByte('\n')
	}
	if m.header {
		m.status()
	}
	m.w.WriteByte('\n')
}

// status writes the status fields. One that the message has itself is always written, because reading takes the last.
func (m *outgoing) status() {
	status := "O"
	if m.flags&backend.FlagSeen != 0 {
		status = "RO"
	}
	fmt.Fprintf(m.w, "Status: %s\n", status)
	if x := m.xStatus(); x != "" || m.own[fieldXStatus] {
		fmt.Fprintf(m.w, "X-Status: %s\n", x)
	}
	if len(m.keywords) > 0 || m.own[fieldKeywords] {
		fmt.Fprintf(m.w, "X-Keywords: %s\n", strings.Join(m.keywords, " "))
	}
}

func (m *outgoing) xStatus() string {
	var s []byte
	for _, f := range []struct {
		flag   backend.Flags
		letter byte
	}{
		{backend.FlagAnswered, 'A'}, {backend.FlagFlagged, 'F'}, {backend.FlagDraft, 'T'}, {backend.FlagDeleted, 'D'},
	} {
		if m.flags&f.flag != 0 {
			s = append(s, f.letter)
		}
	}
	return string(s)
}
