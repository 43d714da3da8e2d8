// Package mbox reads and writes mbox files: many messages in one file, each after a line that begins with "From ".
//
// It owns the separators, the quoting of body lines and the status fields (Status, X-Status, X-Keywords) that mail
// programs keep in the header. Messages go in and come out in wire form (CRLF). It never holds a whole message in
// memory and knows nothing of accounts. A Reader or Writer belongs to one goroutine.
//
// The format is RFC 4155 with mboxrd quoting. It does not tell a bare LF from a CRLF and ends every message with a
// line end, so those two details of a message do not survive a journey through it.
package mbox

import (
	"bytes"
	"strings"
	"time"
)

// Quoting says how lines of a message that look like separators are marked in the file.
type Quoting int

// The kinds of quoting in use.
const (
	RD   Quoting = iota // mboxrd: one more ">" before any "From ", ">From ", ">>From " ...
	O                   // mboxo: ">" before "From " only
	None                // nothing is marked, a separator is told by its date alone
)

// quoted reports whether line carries a mark that reading takes away.
func (q Quoting) quoted(line []byte) bool {
	if len(line) == 0 || line[0] != '>' {
		return false
	}
	switch q {
	case RD:
		return bytes.HasPrefix(bytes.TrimLeft(line, ">"), []byte("From "))
	case O:
		return bytes.HasPrefix(line, []byte(">From "))
	}
	return false
}

// separator reports whether line starts a new message, and the date it carries. A separator is "From ", anything, and
// a date as asctime writes it, with or without seconds and zone, the zone before or after the year, or one of a header.
func separator(line []byte) (time.Time, bool) {
	if !bytes.HasPrefix(line, []byte("From ")) || len(line) > 1000 {
		return time.Time{}, false
	}
	f := strings.Fields(string(line[len("From "):]))
	if date, ok := mailDate(f); ok {
		return date, true
	}
	for i := len(f) - 2; i >= 3; i-- {
		if strings.Count(f[i], ":") > 0 && len(f[i]) <= 8 {
			return fromDate(f[i-3:i+1], f[i+1:])
		}
	}
	return time.Time{}, false
}

// mailDate parses a date at the end of a line as it stands in a message's header, which some programs write.
func mailDate(f []string) (time.Time, bool) {
	if len(f) < 7 {
		return time.Time{}, false
	}
	t, err := time.Parse("Mon, 2 Jan 2006 15:04:05 -0700", strings.Join(f[len(f)-6:], " "))
	return t, err == nil
}

// fromDate parses weekday, month, day and time, followed by the year and perhaps a zone.
func fromDate(day, rest []string) (time.Time, bool) {
	year, zone := rest[0], "+0000"
	if len(rest) > 1 {
		zone = rest[1]
		if len(year) != 4 || year[0] == '+' || year[0] == '-' {
			year, zone = zone, year
		}
	}
	clock := day[3]
	if strings.Count(clock, ":") == 1 {
		clock += ":00"
	}
	text := strings.Join([]string{day[0], day[1], day[2], clock, year}, " ")
	if t, err := time.Parse("Mon Jan 2 15:04:05 2006 -0700", text+" "+zone); err == nil {
		return t, true
	}
	// A zone by name says too little to be used; RFC 4155 has the date in UTC.
	t, err := time.Parse("Mon Jan 2 15:04:05 2006", text)
	return t, err == nil
}

// statusField gives the number of the status field that line begins with, -1 if none.
func statusField(line []byte) int {
	i := bytes.IndexByte(line, ':')
	if i < 0 || i > len("X-Keywords") {
		return -1
	}
	switch strings.ToLower(string(line[:i])) {
	case "status":
		return fieldStatus
	case "x-status":
		return fieldXStatus
	case "x-keywords":
		return fieldKeywords
	}
	return -1
}

const (
	fieldStatus = iota
	fieldXStatus
	fieldKeywords
	fieldCount
)
