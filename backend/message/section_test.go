package message

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// parseSection reads "1.2.HEADER" for the tests.
func parseSection(s string) (sec Section) {
	kinds := map[string]SectionKind{"HEADER": Header, "TEXT": Text, "MIME": MIME, "FIELDS": HeaderFields}
	for _, word := range strings.Split(s, ".") {
		if n, err := strconv.Atoi(word); err == nil {
			sec.Path = append(sec.Path, n)
		} else if word != "" {
			sec.Kind = kinds[word]
		}
	}
	return sec
}

func TestLocate(t *testing.T) {
	const (
		inner  = "Subject: in\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nX: 1\r\n\r\ndeep\r\n--c--\r\n"
		nested = "Content-Type: multipart/alternative; boundary=d\r\n\r\n--d\r\nX: 2\r\n\r\nalt\r\n--d--\r\n"
		msg    = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nX: 0\r\n\r\none\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner +
			"\r\n--b\r\n" + nested + "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: only\r\n\r\n\r\n--b--\r\n"
		plain    = "Subject: x\r\n\r\nhello"
		embedded = "Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nhello"
		missing  = "(none)"
	)
	tests := []struct{ raw, section, want string }{
		{msg, "", msg},
		{msg, "HEADER", "Content-Type: multipart/mixed; boundary=b\r\n\r\n"},
		{msg, "MIME", missing},
		{msg, "1", "one"},
		{msg, "1.MIME", "X: 0\r\n\r\n"},
		{msg, "1.HEADER", missing},
		{msg, "1.TEXT", missing},
		{msg, "1.1", "one"},
		{msg, "1.1.1", missing},
		{msg, "1.2", missing},
		{msg, "2", inner},
		{msg, "2.MIME", "Content-Type: message/rfc822\r\n\r\n"},
		{msg, "2.HEADER", "Subject: in\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"},
		{msg, "2.TEXT", "--c\r\nX: 1\r\n\r\ndeep\r\n--c--\r\n"},
		{msg, "2.1", "deep"},
		{msg, "2.1.MIME", "X: 1\r\n\r\n"},
		{msg, "2.2", missing},
		{msg, "3", "--d\r\nX: 2\r\n\r\nalt\r\n--d--\r\n"},
		{msg, "3.1", "alt"},
		{msg, "3.TEXT", missing},
		{msg, "4", "Subject: only\r\n\r\n"},
		{msg, "4.HEADER", "Subject: only\r\n\r\n"},
		{msg, "4.FIELDS", "Subject: only\r\n\r\n"},
		{msg, "4.TEXT", ""},
		{msg, "5", missing},
		{msg, "0", missing},
		{plain, "1", "hello"},
		{plain, "TEXT", "hello"},
		{plain, "1.MIME", "Subject: x\r\n\r\n"},
		{plain, "1.1", missing},
		{plain, "1.TEXT", missing},
		{plain, "2", missing},
		{embedded, "1", "Subject: in\r\n\r\nhello"},
		{embedded, "1.1", "hello"},
		{embedded, "1.HEADER", "Subject: in\r\n\r\n"},
		{embedded, "1.TEXT", "hello"},
		{embedded, "1.1.1", missing},
	}
	for _, tt := range tests {
		m := Parse([]byte(tt.raw))
		got := missing
		if from, to, ok := m.Root.Locate(parseSection(tt.section)); ok {
			got = tt.raw[from:to]
		}
		if got != tt.want {
			t.Errorf("BODY[%s]: got %q, want %q", tt.section, got, tt.want)
		}
	}
}

func TestAppendHeaderFields(t *testing.T) {
	const header = "From: a\r\nX-Long: 1\r\n\t2\r\nno field\r\nSubject : b\r\nfrom: c\r\n\r\n"
	tests := []struct {
		header, fields string
		not            bool
		want           string
	}{
		{header, "FROM", false, "From: a\r\nfrom: c\r\n\r\n"},
		{header, "subject x-long", false, "X-Long: 1\r\n\t2\r\nSubject : b\r\n\r\n"},
		{header, "Fro", false, "\r\n"},
		{header, "from subject", true, "X-Long: 1\r\n\t2\r\nno field\r\n\r\n"},
		{header, "x", true, header},
		{"From: a\r\n", "from", false, "From: a\r\n"},
		{"From: a\r\n", "to", false, "\r\n"},
		{"From: a\r\n", "from", true, ""},
		{"From: a\r\n", "to", true, "From: a\r\n"},
		{"", "from", true, "\r\n"},
		{"From: a\n\n", "from", false, "From: a\n\r\n"},
	}
	for _, tt := range tests {
		got := AppendHeaderFields([]byte("> "), []byte(tt.header), strings.Fields(tt.fields), tt.not)
		if string(got) != "> "+tt.want {
			t.Errorf("%q (%s) not=%v: got %q, want %q", tt.header, tt.fields, tt.not, got, tt.want)
		}
	}
}

func TestPartsBinary(t *testing.T) {
	for _, raw := range []string{
		"", "\r\n", "a: b\r\n\r\nc",
		mixed + "--b\n\none\n--b\nContent-Type: message/rfc822\n\nA: b\n\nx\n--b\nContent-Type: text/html; charset=KOI8-R\n\nx\n--b--\n",
		string(mixedMail(3000)),
	} {
		want := Parse([]byte(raw)).Root
		b := want.AppendBinary(nil)
		got, err := DecodeParts(b)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%.20q: got %v, %v, want %v", raw, got, err, want)
		}
		for n := range b {
			if _, err := DecodeParts(b[:n]); err == nil {
				t.Errorf("%.20q: no error for %d of %d bytes", raw, n, len(b))
			}
		}
		if _, err := DecodeParts(append(b, 0)); err == nil {
			t.Errorf("%.20q: no error for a byte too many", raw)
		}
	}
}
