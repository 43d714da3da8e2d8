package mbox

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"satchel/backend"
)

func TestSeparator(t *testing.T) {
	noon := time.Date(2024, 2, 3, 12, 30, 5, 0, time.UTC)
	tests := []struct {
		line string
		want time.Time
		ok   bool
	}{
		{"From bob@example.net Sat Feb  3 12:30:05 2024\n", noon, true},
		{"From bob@example.net Sat Feb 3 12:30:05 2024\r\n", noon, true},
		{"From bob at example.net  Sat Feb  3 12:30:05 2024\n", noon, true},
		{"From bob Sat Feb  3 13:30:05 2024 +0100\n", noon, true},
		{"From 17@xxx Sat Feb 03 12:30:05 +0000 2024\n", noon, true},
		{"From bob Sat Feb  3 12:30:05 CET 2024\n", noon, true},
		{"From - Sat Feb  3 12:30 2024\n", noon.Add(-5 * time.Second), true},
		{"From bob@example.net Sat, 03 Feb 2024 13:30:05 +0100\n", noon, true},
		{"From here on it is easy\n", time.Time{}, false},
		{"From bob at 12:30 sharp\n", time.Time{}, false},
		{"From bob Sat Feb 31 12:30:05 2024\n", time.Time{}, false},
		{">From bob Sat Feb  3 12:30:05 2024\n", time.Time{}, false},
		{"From \n", time.Time{}, false},
	}
	for _, tt := range tests {
		got, ok := separator([]byte(tt.line))
		if ok != tt.ok || !got.Equal(tt.want) {
			t.Errorf("%q: got %v %v, want %v %v", tt.line, got, ok, tt.want, tt.ok)
		}
	}
}

// TestUndated: where the first separator has no date that is known the others need none, after a blank line.
func TestUndated(t *testing.T) {
	for q, want := range map[Quoting]int{RD: 2, None: 1} {
		_, texts := read(t, "From bob@example.net 2024-02-03\nSubject: one\n\nFrom bob@example.net yesterday\n\ntwo\nFrom here\n\n>From there\n", q)
		if len(texts) != want {
			t.Errorf("quoting %d: %q", q, texts)
		}
	}
}

const from = "From bob@example.net Sat Feb  3 12:30:05 2024\n"

// read gives the messages of a file and their bytes.
func read(t *testing.T, file string, q Quoting) (list []*Message, texts []string) {
	t.Helper()
	r := NewReader(strings.NewReader(file), int64(len(file)), q)
	for {
		m, err := r.Next()
		if err == io.EOF {
			return list, texts
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Open(m))
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(b)) != m.Size {
			t.Errorf("%q: %d bytes, Size says %d", b, len(b), m.Size)
		}
		list, texts = append(list, m), append(texts, string(b))
	}
}

func TestReader(t *testing.T) {
	tests := []struct {
		name, file string
		quoting    Quoting
		want       []string
	}{
		{"two", from + "Subject: a\n\none\n\n" + from + "Subject: b\n\ntwo\n\n", RD,
			[]string{"Subject: a\r\n\r\none\r\n", "Subject: b\r\n\r\ntwo\r\n"}},
		{"no blank line at the end", from + "Subject: a\n\none\n", RD, []string{"Subject: a\r\n\r\none\r\n"}},
		{"no line end at the end", from + "Subject: a\n\none", RD, []string{"Subject: a\r\n\r\none"}},
		{"CRLF", strings.ReplaceAll(from+"Subject: a\n\none\n\n", "\n", "\r\n"), RD, []string{"Subject: a\r\n\r\none\r\n"}},
		{"blank lines of its own", from + "\n\n\n" + from + "x\n\n", RD, []string{"\r\n\r\n", "x\r\n"}},
		{"empty", from + from + "\n", RD, []string{"", ""}},
		{"From in the text", from + "\nFrom here on\n>From there\n>>From far\n\n", RD,
			[]string{"\r\nFrom here on\r\nFrom there\r\n>From far\r\n"}},
		{"mboxo", from + "\n>From there\n>>From far\n\n", O, []string{"\r\nFrom there\r\n>>From far\r\n"}},
		{"no quoting", from + "\n>From there\n\n", None, []string{"\r\n>From there\r\n"}},
		{"bytes of all kinds", from + "A: \xff\x00\n\na\rb\n\n", RD, []string{"A: \xff\x00\r\n\r\na\rb\r\n"}},
		{"blank lines first", "\n\n" + from + "x\n\n", RD, []string{"x\r\n"}},
		{"long lines", from + "\n" + strings.Repeat("x", 200_000) + "\n\n" + from + "y\n\n", RD,
			[]string{"\r\n" + strings.Repeat("x", 200_000) + "\r\n", "y\r\n"}},
		{"a separator deep in a long line", from + "\n" + strings.Repeat("x", 64<<10) + from + "\n", RD,
			[]string{"\r\n" + strings.Repeat("x", 64<<10) + strings.ReplaceAll(from, "\n", "\r\n")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			list, texts := read(t, tt.file, tt.quoting)
			if !reflect.DeepEqual(texts, tt.want) {
				t.Errorf("got %.300q, want %.300q", texts, tt.want)
			}
			if want := time.Date(2024, 2, 3, 12, 30, 5, 0, time.UTC); !list[0].Date.Equal(want) {
				t.Errorf("date %v", list[0].Date)
			}
		})
	}
}

func TestNotAnMbox(t *testing.T) {
	for _, file := range []string{"Subject: x\n\n", "\x00\x01"} {
		if _, err := NewReader(strings.NewReader(file), int64(len(file)), RD).Next(); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", file, err)
		}
	}
	if _, err := NewReader(strings.NewReader(""), 0, RD).Next(); err != io.EOF {
		t.Errorf("empty file: %v", err)
	}
}

func TestStatus(t *testing.T) {
	file := from + "Status: RO\nSubject: a\nX-Status: AF\nX-Keywords: work\n $Forwarded\n\nStatus: text\n\n" +
		from + "status: U\nStatus: R\nX-STATUS: DT\n\n" +
		from + "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n\n\n"
	list, texts := read(t, file, RD)
	if want := "Subject: a\r\n\r\nStatus: text\r\n"; texts[0] != want {
		t.Errorf("got %q, want %q", texts[0], want)
	}
	if f := backend.FlagSeen | backend.FlagAnswered | backend.FlagFlagged; list[0].Flags != f {
		t.Errorf("flags %b, want %b", list[0].Flags, f)
	}
	if k := []string{"work", "$Forwarded"}; !reflect.DeepEqual(list[0].Keywords, k) {
		t.Errorf("keywords %q", list[0].Keywords)
	}
	if want := "status: U\r\n"; texts[1] != want {
		t.Errorf("got %q, want %q: only the last Status is not the message's own", texts[1], want)
	}
	if f := backend.FlagSeen | backend.FlagDeleted | backend.FlagDraft; list[1].Flags != f {
		t.Errorf("flags %b, want %b", list[1].Flags, f)
	}
	if list[0].Internal || !list[2].Internal {
		t.Error("the folder's internal data are not told from mail")
	}
}

// TestKey: a message keeps its key whatever its flags and place, and two equal ones have different keys.
func TestKey(t *testing.T) {
	a, b := "Subject: a\n%\none\n\n", "Subject: b\n%\ntwo\n\n"
	plain := strings.NewReplacer("%", "")
	flagged := strings.NewReplacer("%", "Status: RO\nX-Keywords: x\n")
	before, _ := read(t, from+plain.Replace(a)+from+plain.Replace(b)+from+plain.Replace(a), RD)
	after, _ := read(t, from+flagged.Replace(b)+from+flagged.Replace(a), RD)
	if !bytes.Equal(before[0].Key, after[1].Key) || !bytes.Equal(before[1].Key, after[0].Key) {
		t.Error("keys changed")
	}
	if bytes.Equal(before[0].Key, before[2].Key) {
		t.Error("two messages have one key")
	}
}

var messages = []string{
	"",
	"\r\n",
	"Subject: no body\r\n",
	"Subject: a\r\n\r\nbody\r\n",
	"Subject: ends blank\r\n\r\nbody\r\n\r\n\r\n",
	"Return-Path: <carol@example.com>\r\n\r\nFrom here\r\n>From there\r\n>>From far\r\n",
	"From x\r\nFrom bob@example.net Sat Feb  3 12:30:05 2024\r\n\r\n",
	"Status: mine\r\nX-Status: mine\r\nX-Keywords: mine\r\n\r\nx\r\n",
	"no header at all\r\n",
	"8bit: \xff\r\n\r\n\x00\r\x01\r\n",
	"\r\n" + strings.Repeat("y", 70_000) + "\r\n",
}

func TestRoundTrip(t *testing.T) {
	flags := []backend.Flags{0, backend.FlagSeen, backend.FlagAnswered | backend.FlagDraft, 31}
	keywords := [][]string{nil, {"one"}, {"$Forwarded", "two"}}
	date := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	var file bytes.Buffer
	w := NewWriter(&file)
	for i, m := range messages {
		if err := w.Add(date.Add(time.Duration(i)*time.Hour), flags[i%4], keywords[i%3], strings.NewReader(m)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	list, texts := read(t, file.String(), RD)
	if len(texts) != len(messages) {
		t.Fatalf("%d messages, want %d:\n%s", len(texts), len(messages), file.String())
	}
	for i, m := range messages {
		if texts[i] != m {
			t.Errorf("message %d: got %q, want %q", i, texts[i], m)
		}
		if list[i].Flags != flags[i%4] || !reflect.DeepEqual(list[i].Keywords, keywords[i%3]) && len(keywords[i%3]) > 0 {
			t.Errorf("message %d: %b %q", i, list[i].Flags, list[i].Keywords)
		}
		if !list[i].Date.Equal(date.Add(time.Duration(i) * time.Hour)) {
			t.Errorf("message %d: date %v", i, list[i].Date)
		}
	}
	if !strings.Contains(file.String(), "\nFrom carol@example.com Thu Jan") {
		t.Error("the envelope sender is not in the separator")
	}
}

// FuzzRoundTrip: what is written comes back, line ends apart.
func FuzzRoundTrip(f *testing.F) {
	for _, m := range messages {
		f.Add([]byte(m), "next\r\n")
	}
	f.Fuzz(func(t *testing.T, raw []byte, second string) {
		wire := func(b string) string { // what an mbox can tell
			b = strings.ReplaceAll(strings.ReplaceAll(b, "\r\n", "\n"), "\n", "\r\n")
			if b != "" && !strings.HasSuffix(b, "\n") {
				b += "\r\n"
			}
			return b
		}
		if bytes.Contains(raw, []byte("\r\r")) || strings.Contains(second, "\r\r") || bytes.HasSuffix(raw, []byte("\r")) || strings.HasSuffix(second, "\r") {
			return // a CR before CRLF is part of the line end, as far as an mbox can tell
		}
		var file bytes.Buffer
		w := NewWriter(&file)
		for _, m := range []string{string(raw), second} {
			if err := w.Add(time.Unix(0, 0), 0, nil, strings.NewReader(m)); err != nil {
				t.Fatal(err)
			}
		}
		w.Flush()
		_, texts := read(t, file.String(), RD)
		if want := []string{wire(string(raw)), wire(second)}; !reflect.DeepEqual(texts, want) {
			t.Errorf("got %q, want %q\n%q", texts, want, file.String())
		}
	})
}

// FuzzReader: any file is read without trouble, and Size is what Open gives.
func FuzzReader(f *testing.F) {
	f.Add(from + "Status: R\n x\n\n>From \n\n" + from)
	f.Fuzz(func(t *testing.T, file string) {
		if !strings.HasPrefix(file, "From ") {
			file = from + file
		}
		read(t, file, RD)
	})
}
