package imapclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"satchel/backend"
)

// got is a message that came.
type got struct {
	uid      backend.UID
	flags    backend.Flags
	keywords string
	unix     int64
	body     string
}

// fetch plays the answers to one UID FETCH of UIDs 1 to 3.
func fetch(limit int64, answers string) (list []got, why *StatusError, err error) {
	c := hearing([]byte(strings.ReplaceAll(answers, "\n", "\r\n")))
	err = c.Fetch([][]backend.UID{{1, 2, 3}}, Fetching{
		Limit: limit,
		Each: func(m *Message, body io.Reader) error {
			g := got{m.UID, m.Flags, strings.Join(m.Keywords, " "), m.Date.Unix(), "none"}
			if body != nil {
				b, err := io.ReadAll(body)
				if err != nil {
					return err
				}
				g.body = string(b)
			}
			list = append(list, g)
			return nil
		},
		Done: func(_ []backend.UID, no *StatusError) { why = no },
	})
	return list, why, err
}

// TestFetch: items come in any order, bodies in any form; what is not known is passed over.
func TestFetch(t *testing.T) {
	never := int64(-62135596800)
	tests := []struct {
		name, answers string
		want          []got
		why           string
	}{
		{"usual", "* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent $Forwarded) INTERNALDATE \" 3-Feb-2024 12:30:05 +0100\" RFC822.SIZE 6 BODY[] {6}\na\n\nb)\na1 OK\n",
			[]got{{1, backend.FlagSeen, "$Forwarded", 1706959805, "a\r\n\r\nb"}}, ""},
		{"body first", "* 1 FETCH (BODY[] {2}\nhi X-GM-MSGID 7 INTERNALDATE \"nonsense\" X-NEW (a (b \"c\" {3}\n)))) NIL) UID 2 FLAGS (\\deleted k k {odd ün))\na1 OK\n",
			[]got{{2, backend.FlagDeleted, "k odd", never, "hi"}}, ""},
		{"short forms", "* 1 FETCH (UID 1 FLAGS () BODY[] \"a \\\"b\\\"\")\n* 2 FETCH (UID 2 FLAGS () BODY[] NIL)\n* 3 FETCH (UID 3 FLAGS () BODY[]<0> ~{1}\nx)\na1 OK\n",
			[]got{{1, 0, "", never, `a "b"`}, {2, 0, "", never, "none"}, {3, 0, "", never, "x"}}, ""},
		{"others in between", "* 5 EXISTS\n* 4 FETCH (FLAGS (\\Seen))\n* OK [X] still here\n* XLIST weird {3}\n\"( stuff\n* 1 FETCH (UID 1 FLAGS () BODY[] {1}\nx) \na1 OK\n",
			[]got{{1, 0, "", never, "x"}}, ""},
		{"refused", "* 1 FETCH (UID 1 FLAGS () RFC822 {1}\nx)\na1 NO [SERVERBUG] cannot\n", []got{{1, 0, "", never, "x"}}, "the server says: cannot"},
		{"nothing of a message", "* 1 FETCH\n* 2 FETCH NIL\n* 3 FETCH ()\na1 OK\n", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, no, err := fetch(100, tt.answers)
			if err != nil {
				t.Fatal(err)
			}
			why := ""
			if no != nil {
				why = no.Error()
			}
			if !reflect.DeepEqual(list, tt.want) || why != tt.why {
				t.Errorf("%q, got\n%+v, want\n%+v", why, list, tt.want)
			}
		})
	}
}

// TestFetchLarge: a large message goes through a file, and the next one is not mixed with it.
func TestFetchLarge(t *testing.T) {
	large := strings.Repeat("0123456789", 300_000)
	list, _, err := fetch(4<<20, fmt.Sprintf("* 1 FETCH (UID 1 FLAGS () BODY[] {%d}\n%s)\n* 2 FETCH (UID 2 FLAGS () BODY[] {2}\nhi)\na1 OK\n", len(large), large))
	if err != nil || len(list) != 2 || list[0].body != large || list[1].body != "hi" {
		t.Errorf("%d messages, %v", len(list), err)
	}
}

// TestHostile: what no server should send ends the connection, soon and without much memory.
func TestHostile(t *testing.T) {
	tests := map[string]struct {
		answers string
		want    error
	}{
		"a message above the limit":   {"* 1 FETCH (UID 1 BODY[] {1099511627776}\nx", ErrTooLarge},
		"a literal of no length":      {"* 1 FETCH (UID 1 BODY[] {x}\nx", ErrProtocol},
		"an endless number":           {"* 1 FETCH (UID " + strings.Repeat("9", 1<<20), ErrProtocol},
		"a UID of 33 bits":            {"* 1 FETCH (UID 4294967296)\n", ErrProtocol},
		"lists without an end":        {"* 1 FETCH " + strings.Repeat("(", 4<<20), ErrProtocol},
		"nested unknown lists":        {"* X " + strings.Repeat("(", 4<<20), ErrProtocol},
		"a word without an end":       {"* 1 FETCH (FLAGS (" + strings.Repeat("x", 4<<20), ErrProtocol},
		"a string without an end":     {"* 1 FETCH (X \"" + strings.Repeat("x", 4<<20), ErrProtocol},
		"a response without an end":   {"* 1 FETCH (" + strings.Repeat("X ", 4<<20), ErrProtocol},
		"a large unknown literal":     {"* X {100000000}\n" + strings.Repeat("x", 1<<20), ErrProtocol},
		"literals one in the other":   {"* X " + strings.Repeat("{1}", 1<<20), ErrProtocol},
		"a text without an end":       {"* OK " + strings.Repeat("x", 4<<20), ErrProtocol},
		"somebody else's tag":         {"a9 OK\n", ErrProtocol},
		"nothing but line ends":       {strings.Repeat("\n", 1<<20), ErrProtocol},
		"a list that does not end":    {"* 1 FETCH (UID 1\n", ErrProtocol},
		"many flags":                  {"* 1 FETCH (FLAGS (" + strings.Repeat("x ", 1<<20) + "))\n", ErrProtocol},
		"control characters as words": {"\x00\x01\x02\n", ErrProtocol},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			list, _, err := fetch(1<<20, tt.answers)
			if !errors.Is(err, tt.want) || len(list) > 0 {
				t.Errorf("%v, %+v", err, list)
			}
		})
	}
	for _, end := range []string{"", "* 1 FET", "* 1 FETCH (UID 1 BODY[] {5}\nab"} {
		if _, _, err := fetch(1<<20, end); err == nil || errors.Is(err, ErrProtocol) {
			t.Errorf("%q, then the end: %v", end, err)
		}
	}
}

func TestList(t *testing.T) {
	c := connected(t, "CONDSTORE X-GM-EXT-1", `< EXAMINE "a\"b" (CONDSTORE)`, "> * 3 EXISTS\n* OK [UIDVALIDITY 7] x\n* OK [UIDNEXT 90]\n* OK [HIGHESTMODSEQ 1234567890123]\n$ OK [READ-ONLY]",
		"< UID FETCH 1:* (UID FLAGS RFC822.SIZE X-GM-LABELS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]) (CHANGEDSINCE 5)",
		"> * 1 FETCH (UID 3 RFC822.SIZE 44 FLAGS (\\Seen) MODSEQ (12) X-GM-LABELS (\"\\\\Inbox\" Work \"Gr&APwA3w-e\") BODY[HEADER.FIELDS (MESSAGE-ID)] {23}\nMessage-ID: <1@x.org>\n)\n* 2 FETCH (FLAGS ())\n$ OK",
		"< UID SEARCH ALL", "> * SEARCH 9 3\n* SEARCH 4\n$ OK", "< UID SEARCH ALL", "> * SEARCH 9 3\n$ OK",
		"< UID FETCH 1:* (UID FLAGS RFC822.SIZE)", "> * 1 FETCH (UID 3 FLAGS ())\n* 2 FETCH (UID 4 FLAGS ())\n$ OK",
		"< UID FETCH 1:* (UID FLAGS RFC822.SIZE)", "> * 1 FETCH (UID 3 FLAGS ())\n* 2 FETCH (UID 4 FLAGS ())\n* 3 EXPUNGE\n* 9 EXISTS\n* 9 EXPUNGE\n* 2 EXISTS\n$ OK")
	st, err := c.Open(&Folder{Raw: `a"b`})
	if want := (State{3, 7, 90, 1234567890123}); err != nil || st != want {
		t.Fatalf("%+v, %v", st, err)
	}
	n := 0
	err = c.List(Wanted{ChangedSince: 5, Labels: true, MessageID: true}, func(m *Message) {
		n++
		if m.UID != 3 || m.Size != 44 || !reflect.DeepEqual(m.Labels, []string{`\Inbox`, "Work", "Grüße"}) || !bytes.HasPrefix(m.MessageID, []byte("Message-ID: <1@x.org>\r\n")) {
			t.Errorf("%+v", m)
		}
	})
	if err != nil || n != 1 {
		t.Errorf("%d messages, %v", n, err)
	}
	if uids, err := c.UIDs(); err != nil || !reflect.DeepEqual(uids, []backend.UID{3, 4, 9}) {
		t.Errorf("UIDs %v, %v", uids, err)
	}
	if _, err := c.UIDs(); !errors.Is(err, ErrUnsure) {
		t.Errorf("fewer UIDs than messages: %v", err)
	}
	for _, want := range []error{ErrUnsure, nil} {
		if err := c.List(Wanted{}, func(*Message) {}); !errors.Is(err, want) {
			t.Errorf("two of three messages: %v, want %v", err, want)
		}
	}
}
