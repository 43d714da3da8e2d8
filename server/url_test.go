package server

import (
	"reflect"
	"strings"
	"testing"

	"satchel/backend/message"
)

// TestParseMessageURL: RFC 5092, 11, as far as RFC 4469 has use for it.
func TestParseMessageURL(t *testing.T) {
	for text, want := range map[string]messageURL{
		"/INBOX/;UID=1":                         {mailbox: "INBOX", uid: 1},
		"/a/b;uidvalidity=7/;uid=2":             {mailbox: "a/b", validity: 7, uid: 2},
		"/a%3Bb%2f/;UID=4294967295":             {mailbox: "a;b/", uid: 4294967295},
		";UID=3":                                {uid: 3},
		";UID=3/;PARTIAL=5":                     {uid: 3, offset: 5},
		"/x/;UID=3/;SECTION=1.2.mime":           {mailbox: "x", uid: 3, section: message.Section{Path: []int{1, 2}, Kind: message.MIME}},
		"/x/;UID=3/;section=TEXT/;partial=0.10": {mailbox: "x", uid: 3, section: message.Section{Kind: message.Text}, count: 10},
		"/x/;UID=3/;SECTION=HEADER.FIELDS%20(A%20B)": {mailbox: "x", uid: 3,
			section: message.Section{Kind: message.HeaderFields, Fields: []string{"A", "B"}}},
	} {
		if got, ok := parseMessageURL(text); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", text, got, ok)
		}
	}
	for _, text := range []string{
		"", "/", "x/;UID=1", "//h/x/;UID=1", "imap://h/x/;UID=1", "/x", "/x;UID=1", "/x/;UID=0", "/x/;UID=+1", "/x/;UID=",
		"/x/;UID=4294967296", "/x;UIDVALIDITY=0/;UID=1", "/x;OTHER=1/;UID=1", "/%/;UID=1", "/%4/;UID=1", "/%zz/;UID=1",
		"/%ff/;UID=1", "/%00/;UID=1", "/a b/;UID=1", "/x/;UID=1/", "/x/;UID=1/;SECTION=", "/x/;UID=1/;SECTION=MIME",
		"/x/;UID=1/;SECTION=0", "/x/;UID=1/;SECTION=HEADER.FIELDS", "/x/;UID=1/;SECTION=TEXT%20(A)",
		"/x/;UID=1/;SECTION=HEADER.FIELDS%20()", "/x/;UID=1/;PARTIAL=1.0", "/x/;UID=1/;PARTIAL=", "/x/;UID=1/;PARTIAL=1/;SECTION=1",
		"/x/;UID=1;URLAUTH=anonymous", "/x/;UID=1?TEXT%20y",
	} {
		if got, ok := parseMessageURL(text); ok {
			t.Errorf("%s: got %+v", text, got)
		}
	}
}

func FuzzMessageURL(f *testing.F) {
	f.Add("/a%3Bb;UIDVALIDITY=7/;UID=2/;SECTION=HEADER.FIELDS%20(A%20B)/;PARTIAL=0.10")
	f.Add(";UID=3/;SECTION=1.2.MIME")
	f.Fuzz(func(t *testing.T, text string) {
		u, ok := parseMessageURL(text)
		if ok && (u.uid == 0 || u.offset < 0 || u.count < 0 || strings.ContainsAny(u.mailbox, "\r\n\x00")) {
			t.Fatalf("%q: %+v", text, u)
		}
		code := badURL(text)
		if strings.ContainsAny(code[len("BADURL "):], "] \r\n\x00") || len(code) > maxURLText+3 || code == "BADURL " {
			t.Fatalf("%q: %q", text, code)
		}
	})
}
