package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// literal sends a FETCH of one item of message 1 and gives the literal that is
// its value.
func (c *client) literal(t *testing.T, item string) (text []byte, binary bool) {
	t.Helper()
	c.say(t, "f FETCH 1 "+item)
	line := strings.TrimSuffix(c.want(t, "* 1 FETCH "), "}\r\n")
	at := strings.LastIndexByte(line, '{')
	var n int
	if _, err := fmt.Sscanf(line[at:], "{%d", &n); err != nil {
		t.Fatalf("%s: %q: %v", item, line, err)
	}
	text = make([]byte, n)
	if _, err := io.ReadFull(c.in, text); err != nil {
		t.Fatal(err)
	}
	c.want(t, "f OK")
	return text, line[at-1] == '~'
}

// TestLargeBinary fetches parts that are too large to be decoded at once, whole and
// range by range, and compares with what was encoded.
func TestLargeBinary(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 5*streamBytes+12345)
	for i := range data {
		data[i] = byte(1 + random.IntN(255)) // no NUL
	}
	late := bytes.Clone(data)
	late[len(late)-1] = 0
	for name, part := range map[string]struct {
		encoding string
		text     []byte
		want     []byte
	}{
		"base64":           {"base64", wrapped(data), data},
		"base64 and NUL":   {"base64", wrapped(late), late},
		"quoted-printable": {"quoted-printable", quoted(data), data},
		"8bit":             {"8bit", data, data},
	} {
		t.Run(name, func(t *testing.T) {
			srv := startServer(t)
			head := "MIME-Version: 1.0\r\nContent-Transfer-Encoding: " + part.encoding + "\r\n\r\n"
			if err := srv.deliver(t, testUser, "INBOX", append([]byte(head), part.text...)); err != nil {
				t.Fatal(err)
			}
			c := loginClient(t, srv, "imap")
			c.say(t, "s SELECT INBOX")
			c.want(t, "s OK")
			c.say(t, "z FETCH 1 BINARY.SIZE[1]")
			c.want(t, fmt.Sprintf("* 1 FETCH (BINARY.SIZE[1] %d)", len(part.want)))
			nul := bytes.IndexByte(part.want, 0) >= 0
			if got, binary := c.literal(t, "BINARY.PEEK[1]"); !bytes.Equal(got, part.want) || binary != nul {
				t.Fatalf("whole: %d bytes, literal8 %v", len(got), binary)
			}
			for at := 0; at < len(part.want); at += 200_000 {
				want := part.want[at:min(at+200_000, len(part.want))]
				got, binary := c.literal(t, fmt.Sprintf("BINARY.PEEK[1]<%d.200000>", at))
				if !bytes.Equal(got, want) || binary != (bytes.IndexByte(want, 0) >= 0) {
					t.Fatalf("from %d on: %d bytes, literal8 %v", at, len(got), binary)
				}
			}
			if got, _ := c.literal(t, "BINARY.PEEK[1]<7.9>"); !bytes.Equal(got, part.want[7:16]) {
				t.Fatalf("back at the beginning: %q", got)
			}
		})
	}
}

// wrapped is base64 in lines.
func wrapped(data []byte) (text []byte) {
	for line := range bytes.SplitSeq([]byte(base64.StdEncoding.EncodeToString(data)), nil) {
		if text = append(text, line...); len(text)%78 == 76 {
			text = append(text, "\r\n"...)
		}
	}
	return text
}

// quoted is quoted-printable in lines, with every byte an escape.
func quoted(data []byte) (text []byte) {
	for i, c := range data {
		if text = fmt.Appendf(text, "=%02X", c); i%25 == 24 {
			text = append(text, "=\r\n"...)
		}
	}
	return text
}
