package wire

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// read reads one token that must be all there is.
func read[T any](t *testing.T, text string, token func(*Conn) (T, error)) (T, error) {
	t.Helper()
	c := arguments(t, text)
	v, err := token(c)
	if err == nil {
		err = c.EOL()
	}
	return v, err
}

// check compares what a token reads with what is wanted; a want of nil is a syntax error.
func check[T any](t *testing.T, token func(*Conn) (T, error), tests map[string]any) {
	t.Helper()
	for text, want := range tests {
		got, err := read(t, text, token)
		if want == nil {
			if !isSyntax(err) {
				t.Errorf("%q: got %v, %v, want a syntax error", text, got, err)
			}
		} else if err != nil || !reflect.DeepEqual(any(got), want) {
			t.Errorf("%q: got %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestAtoms(t *testing.T) {
	check(t, (*Conn).Atom, map[string]any{
		"abc": "abc", "a+b&c": "a+b&c", "x[1": "x[1", "a~{": nil,
		"": nil, "a]": nil, "a b": nil, "(a": nil, "a(": nil, "a*": nil, "\"a\"": nil, "\x7f": nil, "é": nil, "\x00": nil, "\t": nil,
	})
	check(t, (*Conn).Word, map[string]any{"rfc822.Size": "RFC822.SIZE", "Body": "BODY", "": nil, "[": nil, "x-Y_9": "X-Y_9"})
	check(t, (*Conn).AString, map[string]any{
		"abc": "abc", "a]b": "a]b", "é": "é", "\"é\\\\\"": "é\\", "{2+}\r\na\x00": "a\x00", "NIL": "NIL", "\"\"": "", "": nil, "a\x01": nil, "{2+}a\r\n": nil,
	})
	check(t, (*Conn).String, map[string]any{"\"a\"": "a", "{0+}\r\n": "", "~{1+}\r\nx": "x", "abc": nil, "NIL": nil, "\"a": nil, "~a": nil})
	nstring := func(c *Conn) (string, error) {
		s, isNil, err := c.NString()
		return fmt.Sprint(s, isNil), err
	}
	check(t, nstring, map[string]any{"NIL": "true", "nil": "true", "\"NIL\"": "NILfalse", "\"\"": "false", "NILS": nil, "NOT": nil, "x": nil, "": nil})
}

func TestMailboxes(t *testing.T) {
	check(t, (*Conn).Mailbox, map[string]any{
		"inbox": "INBOX", "\"InBoX\"": "INBOX", "inbox/a": "inbox/a", "\"R&-D\"": "R&D", "Entw&APw-rfe": "Entwürfe", "Entwürfe": "Entwürfe",
		"&ZeVnLIqe-": "日本語", "R&D": nil, "&AGE-": nil, "\"\xff\"": nil, "\"\x01\"": nil, "a*": nil, "{1+}\r\n\x00": nil, "\"\"": "",
		"a&-\xc3\xa4": "a&-ä", "a&-\xff": nil, "\xc3\xa4\x00": nil,
	})
	utf8 := func(c *Conn) (string, error) {
		c.SetUTF8(true)
		return c.Mailbox()
	}
	check(t, func(c *Conn) (string, error) {
		c.SetUTF8(true)
		return c.String()
	}, map[string]any{"\"ü\\\"\"": "ü\"", "\"\xff\"": nil, "{1+}\r\n\xff": "\xff"})
	check(t, utf8, map[string]any{"R&D": "R&D", "\"&APw-\"": "&APw-", "\"ü\"": "ü", "\"\xff\"": nil, "Inbox": "INBOX"})
	check(t, (*Conn).ListMailbox, map[string]any{
		"*": "*", "%": "%", "a/%": "a/%", "\"\"": "", "&APw-*": "ü*", "&*": "&*", "a]": "a]", "\"*\"": "*", "(": nil, "{1+}\r\n%": "%", "\"\xff\"": "\uFFFD",
	})
}

func TestNumbers(t *testing.T) {
	check(t, (*Conn).Number, map[string]any{"0": uint32(0), "007": uint32(7), "4294967295": uint32(math.MaxUint32), "4294967296": nil, "-1": nil, "": nil, "1x": nil, "99999999999999999999999999999999": nil, strings.Repeat("0", 41): nil})
	check(t, (*Conn).NZNumber, map[string]any{"1": uint32(1), "0": nil, "00": nil})
	check(t, (*Conn).Number64, map[string]any{"9223372036854775807": uint64(math.MaxInt64), "9223372036854775808": nil, "18446744073709551616": nil})
}

func TestSets(t *testing.T) {
	check(t, (*Conn).Set, map[string]any{
		"1": Set{{1, 1}}, "*": Set{{0, 0}}, "1:*": Set{{1, 0}}, "*:1": Set{{1, 0}}, "*:*": Set{{0, 0}}, "5:3": Set{{3, 5}},
		"1:5,7,9:*": Set{{1, 5}, {7, 7}, {9, 0}}, "1,2,3,5:6,7": Set{{1, 3}, {5, 7}}, "3,2,1": Set{{3, 3}, {2, 2}, {1, 1}},
		"*,1": Set{{0, 0}, {1, 1}}, "4294967295": Set{{math.MaxUint32, math.MaxUint32}}, "4294967295,1": Set{{math.MaxUint32, math.MaxUint32}, {1, 1}},
		"": nil, "0": nil, "0:1": nil, "1:0": nil, "1:": nil, ":1": nil, "1,": nil, ",1": nil, "1,,2": nil, "1:2:3": nil, "4294967296": nil, "1*": nil, "*1": nil, "**": nil, "a": nil, "1 2": nil, "1-2": nil,
	})
	// A set is cut anywhere by the buffer's end.
	var text []byte
	var want Set
	for i := uint32(1); len(text) < 1<<20; i += 3 {
		text = AppendSet(text, []uint32{i})
		text = append(text, ',')
		want = append(want, Range{i, i})
	}
	start := time.Now()
	got, err := read(t, string(text[:len(text)-1]), (*Conn).Set)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("1 MiB: %v, %d ranges, want %d", err, len(got), len(want))
	}
	t.Logf("1 MiB: %d ranges in %v", len(got), time.Since(start))
}

func TestLists(t *testing.T) {
	list := func(c *Conn) ([]string, error) {
		all := []string{}
		err := c.List(func() error {
			s, err := c.AString()
			all = append(all, s)
			return err
		})
		return all, err
	}
	check(t, list, map[string]any{
		"()": []string{}, "(a)": []string{"a"}, "(a \"b\" {1+}\r\nc)": []string{"a", "b", "c"}, "(a )": []string{"a"},
		"(": nil, "(a": nil, "(a,b)": []string{"a,b"}, "(a\"b\")": nil, "( a)": []string{"a"}, "a": nil, "(a  b)": nil, "(a))": nil,
	})
}

func TestFlags(t *testing.T) {
	check(t, (*Conn).FlagList, map[string]any{
		"(\\Seen $Label1 NonJunk)": []string{"\\Seen", "$Label1", "NonJunk"}, "()": []string(nil), "\\Seen": []string{"\\Seen"},
		"\\Seen x": []string{"\\Seen", "x"}, "\\Seen ": []string{"\\Seen"}, "": nil, "(\\)": nil, "\\*": nil, "(a])": nil, "\\\\Seen": nil, "\"a\"": nil, "(é)": nil, "(a": nil, "a,b": []string{"a,b"},
	})
}

func TestDates(t *testing.T) {
	day := func(c *Conn) (string, error) {
		d, err := c.Date()
		return d.Format(time.RFC3339), err
	}
	check(t, day, map[string]any{
		"1-Feb-1994": "1994-02-01T00:00:00Z", "\"01-feb-1994\"": "1994-02-01T00:00:00Z", "29-Feb-2024": "2024-02-29T00:00:00Z", "31-DEC-0001": "0001-12-31T00:00:00Z",
		"29-Feb-2023": nil, "0-Feb-1994": nil, "32-Jan-1994": nil, "1-Foo-1994": nil, "1-ebM-1994": nil, "1-Feb-94": nil, "1-Feb-19945": nil, "-Feb-1994": nil, "+1-Feb-1994": nil, "1 Feb 1994": nil, "": nil, "001-Feb-1994": nil,
	})
	moment := func(c *Conn) (string, error) {
		d, err := c.DateTime()
		return d.Format(time.RFC3339), err
	}
	check(t, moment, map[string]any{
		"\" 1-Feb-1994 21:52:25 -0800\"": "1994-02-01T21:52:25-08:00", "\"01-Feb-1994 00:00:00 +0545\"": "1994-02-01T00:00:00+05:45", "\"31-Dec-2016 23:59:60 +0000\"": "2016-12-31T23:59:59Z",
		"\"1-Feb-1994 21:52:25 -0800\"": "1994-02-01T21:52:25-08:00", "\"11-Feb-1994 1:52:25 -0800\"": nil, "\"-Feb-1994 21:52:25 -0800\"": nil, "\"01-Feb-1994 24:00:00 +0000\"": nil, "\"01-Feb-1994 00:60:00 +0000\"": nil, "\"01-Feb-1994 00:00:00 0000+\"": nil,
		"\"01-Feb-1994 00:00:00 +0060\"": nil, "\"30-Feb-1994 00:00:00 +0000\"": nil, "\"01-Feb-1994 0000000 +00000\"": nil, "\"  -Feb-1994 00:00:00 +0000\"": nil, "01-Feb-1994": nil, "NIL": nil, "\"\"": nil,
	})
}

func TestNesting(t *testing.T) {
	c := arguments(t, "x")
	deepest := 0
	var descend func() error
	descend = func() error {
		deepest++
		return c.Nested(descend)
	}
	if err := descend(); err != errDepth || deepest != 65 {
		t.Errorf("got %v at %d", err, deepest)
	}
	if c.depth != 0 {
		t.Errorf("depth is %d afterwards", c.depth)
	}
}

func TestPeek(t *testing.T) {
	c := arguments(t, "a")
	if c.Peek() != 'a' || c.Skip('b') || !c.Skip('a') || c.Peek() != 0 || c.Skip(0) {
		t.Error("peek and skip disagree")
	}
	if err := c.Expect('x'); !isSyntax(err) {
		t.Error(err)
	}
	if err := c.EOL(); err != nil {
		t.Error(err)
	}
	if _, err := c.Atom(); err != errEnd {
		t.Errorf("after the end: %v", err)
	}
	if err := c.SP(); !isSyntax(err) {
		t.Errorf("after the end: %v", err)
	}
}
