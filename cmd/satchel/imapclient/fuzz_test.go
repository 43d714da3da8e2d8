package imapclient

import (
	"io"
	"strings"
	"testing"
	"unicode"

	"satchel/backend"
)

// FuzzResponses: whatever a server sends, the client comes to an end, and what it passes on is what its caller counts on.
func FuzzResponses(f *testing.F) {
	f.Add([]byte("* OK [CAPABILITY IMAP4rev1 NAMESPACE CONDSTORE] hi\r\na1 OK\r\n* LIST (\\Sent) \"/\" {3}\r\na/b\r\na2 OK\r\na3 OK\r\n" +
		"* 2 EXISTS\r\n* OK [UIDVALIDITY 1]\r\na4 OK\r\n* 1 FETCH (UID 1 FLAGS (\\Seen k))\r\na5 OK\r\n* SEARCH 1 2\r\na6 OK\r\n" +
		"* 1 FETCH (BODY[] ~{2}\r\nhi UID 1 FLAGS ())\r\na7 NO [X] y\r\n"))
	f.Add([]byte("* NAMESPACE ((\"INBOX.\" \".\" \"X\" (\"a\" NIL))) NIL NIL\r\na1 OK\r\n"))
	f.Fuzz(func(t *testing.T, input []byte) {
		c := hearing(input)
		c.caps["NAMESPACE"], c.caps["CONDSTORE"] = true, true
		for _, end := range []error{use(t, c), c.err} {
			if end != nil && strings.ContainsFunc(end.Error(), unicode.IsControl) {
				t.Errorf("control characters in %q", end)
			}
		}
	})
}

func use(t *testing.T, c *Client) error {
	list, _, err := c.Folders()
	for _, f := range list {
		if f.Name == "" || strings.ContainsRune(f.Raw, 0) && len(f.Raw) > maxString {
			t.Errorf("a folder %+v", f)
		}
	}
	if err == nil {
		_, err = c.Open(&Folder{Raw: "x"})
	}
	if err == nil {
		err = c.List(Wanted{Labels: true, MessageID: true}, func(m *Message) { check(t, m) })
	}
	if err == nil {
		_, err = c.UIDs()
	}
	if err != nil {
		return err
	}
	return c.Fetch([][]backend.UID{{1}}, Fetching{Limit: 1 << 10,
		Each: func(m *Message, body io.Reader) error {
			check(t, m)
			if body == nil {
				return nil
			}
			n, err := io.Copy(io.Discard, body)
			if n > maxString {
				t.Errorf("a body of %d bytes", n)
			}
			return err
		},
		Done: func([]backend.UID, *StatusError) {},
	})
}

func check(t *testing.T, m *Message) {
	if m.UID == 0 || len(m.Keywords) > maxFlags || len(m.Labels) > maxFlags {
		t.Errorf("message %+v", m)
	}
	for _, k := range m.Keywords {
		if k == "" || strings.ContainsFunc(k, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("keyword %q", k)
		}
	}
}
