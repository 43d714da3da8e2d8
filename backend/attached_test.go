package backend

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"satchel/backend/extract"
	"satchel/backend/message"
)

// program is an extractor for application/x-test that is a shell script; its first
// argument is a file of the test's.
func program(t *testing.T, script string) (e extract.Program, file string) {
	t.Helper()
	dir := t.TempDir()
	path, file := filepath.Join(dir, "script"), filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	return extract.Program{Type: "application/x-test", Command: []string{"sh", path, file}}, file
}

// rot13 is a script whose text is what is attached in a form that no search would find, and that counts its runs.
const rot13 = `echo x >>"$1"; tr A-Za-z N-ZA-Mn-za-m`

func rotated(s string) string {
	return strings.Map(func(r rune) rune {
		switch c := r | 0x20; {
		case 'a' <= c && c <= 'm':
			return r + 13
		case 'n' <= c && c <= 'z':
			return r - 13
		}
		return r
	}, s)
}

func attachment(mediaType, encoding, body string) string {
	return fmt.Sprintf("--b\r\nContent-Type: %s\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n", mediaType, encoding, body)
}

func attaching(parts ...string) string {
	return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Join(parts, "") + "--b--\r\n"
}

// attachments is mail in which only some can be found by its attachments, with enough
// that cannot for the index to be asked.
var attachments = []string{
	attaching(attachment("application/x-test", "7bit", rotated("plain first line\r\nSECOND line"))),
	attaching(attachment("Application/X-Test; name=\"a.test\"", "base64", base64.StdEncoding.EncodeToString([]byte(rotated("base64 été"))))),
	attaching(attachment("application/x-test", "quoted-printable", strings.Replace(rotated("quoted"), "b", "=62", 1))),
	attaching(attachment("application/x-other", "7bit", rotated("plain elsewhere"))),
	attaching("--b\r\nContent-Type: message/rfc822\r\n\r\nContent-Type: application/x-test\r\n\r\n" + rotated("nested") + "\r\n"),
	attaching(attachment("text/plain", "7bit", "plain text"), attachment("application/x-test", "7bit", rotated("plain text"))),
	"Content-Type: application/x-test\r\nContent-Transfer-Encoding: x-unknown\r\n\r\n" + rotated("plain") + "\r\n",
}

// attachmentSearches says which of attachments have a text.
var attachmentSearches = map[string][]uint32{
	"plain": {1, 6}, "LAI": {1, 6}, "line second": {1}, "d line": {1}, "ÉTÉ": {2}, "base64 é": {2}, "quoted": {3}, "nested": {5}, "text": {6},
	"elsewhere": nil, "plain line": nil, "line plain": nil,
}

func deliverAll(t *testing.T, a *Account, texts []string) *View {
	t.Helper()
	for i := range max(len(texts), few+1) {
		text := "\r\nnothing\r\n"
		if i < len(texts) {
			text = texts[i]
		}
		if _, _, err := a.Append("INBOX", incoming(t, a, text)); err != nil {
			t.Fatal(err)
		}
	}
	return open(t, a, "INBOX", false)
}

func body(text string) *Query { return &Query{Op: QueryBody, Needle: message.Fold(nil, []byte(text))} }

func lookFor(t *testing.T, v *View, q *Query) []uint32 {
	t.Helper()
	found, err := v.Search(t.Context(), q, SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return numbers(v, found.Selection, false)
}

func checkAttachments(t *testing.T, v *View) {
	t.Helper()
	for text, want := range attachmentSearches {
		in := body(text)
		for _, q := range []*Query{in, {Op: QueryText, Needle: in.Needle}} {
			if got := lookFor(t, v, q); !slices.Equal(got, want) {
				t.Errorf("%s, key %d: found in %v, want %v", text, q.Op, got, want)
			}
		}
	}
}

// indexAll indexes what there is.
func indexAll(t *testing.T, a *Account) {
	t.Helper()
	for more := true; more; {
		var err error
		if more, err = a.indexSome(func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func linesOf(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(text, []byte("\n"))
}

// TestExtractSearched: what is attached is found the same with an index, without one,
// and before there is one.
func TestExtractSearched(t *testing.T) {
	const attached = 5 // that have a text
	for name, c := range map[string]struct {
		noIndex, before, tired bool
	}{
		"indexed": {}, "no index": {noIndex: true}, "before and after": {before: true}, "one by one": {tired: true},
	} {
		t.Run(name, func(t *testing.T) {
			e, file := program(t, rot13)
			b, a := testAccountWith(t, Config{Data: t.TempDir(), NoIndex: c.noIndex, Extract: []extract.Program{e}})
			if c.tired {
				a.texts.work.Lock()
				b.indexer.turn = 1
				a.texts.work.Unlock()
			}
			v := deliverAll(t, a, attachments)
			if c.noIndex || c.before {
				checkAttachments(t, v)
			}
			if c.noIndex {
				return
			}
			indexAll(t, a)
			a.answers = answers{}
			checkAttachments(t, v)
			if n := linesOf(t, file); n != attached && !c.before {
				t.Errorf("%d runs, want %d", n, attached)
			}
		})
	}
}

// TestExtractChanged: an index that was made with other programs is made anew.
func TestExtractChanged(t *testing.T) {
	e, _ := program(t, rot13)
	dir := t.TempDir()
	for i, c := range []struct {
		extract []extract.Program
		want    []uint32
	}{
		{nil, nil}, {[]extract.Program{e}, []uint32{5}}, {[]extract.Program{{Type: "application/x-test", Command: []string{"cat"}}}, nil},
		{[]extract.Program{{Type: e.Type, Command: []string{"no-such-program"}}}, nil}, {[]extract.Program{e}, []uint32{5}},
	} {
		b, err := Open(Config{Data: dir, Extract: c.extract})
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Account("test", "test")
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			deliverAll(t, a, attachments)
		}
		v := open(t, a, "INBOX", false)
		indexAll(t, a)
		if got := lookFor(t, v, body("nested")); !slices.Equal(got, c.want) {
			t.Errorf("%d: found in %v, want %v", i, got, c.want)
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestExtractKept: programs are not run again for phrases, nor by a search for what
// another has found, nor by the index.
func TestExtractKept(t *testing.T) {
	e, file := program(t, rot13)
	_, a := testAccountWith(t, Config{Data: t.TempDir(), Extract: []extract.Program{e}})
	v := deliverAll(t, a, attachments[:1])
	a.texts.work.Lock() // nothing is indexed at the same time
	for _, text := range []string{"first", "first line", "line first", "irst l"} {
		lookFor(t, v, body(text))
	}
	a.texts.work.Unlock()
	indexAll(t, a)
	a.answers = answers{}
	lookFor(t, v, body("plain first"))
	if n := linesOf(t, file); n != 1 {
		t.Errorf("%d runs", n)
	}
}

// TestExtractFails: a program that fails finds no text, is not run again, and is told of
// once, without a word of the message.
func TestExtractFails(t *testing.T) {
	e, file := program(t, `echo x >>"$1"; cat; cat >&2; exit 3`)
	var log bytes.Buffer
	_, a := testAccountWith(t, Config{Data: t.TempDir(), Extract: []extract.Program{e}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	part := attachment("application/x-test", "7bit", "secret")
	v := deliverAll(t, a, []string{attaching(part), attaching(part, part)})
	indexAll(t, a)
	for _, text := range []string{"secret", "ecre", "a secret"} {
		if got := lookFor(t, v, body(text)); got != nil {
			t.Errorf("%s: found in %v", text, got)
		}
	}
	if n := linesOf(t, file); n != 3 {
		t.Errorf("%d runs", n)
	}
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, `type=application/x-test error="exit status 3"`) || strings.Contains(text, "secret") {
		t.Errorf("the log says %s", text)
	}
}

// TestExtractCannotRun: while programs cannot be run, searches say so, and what is
// indexed meanwhile is not taken for mail without text.
func TestExtractCannotRun(t *testing.T) {
	e, _ := program(t, rot13)
	b, a := testAccountWith(t, Config{Data: t.TempDir(), Extract: []extract.Program{e}})
	folder := filepath.Join(b.cfg.Data, "tmp") // where they are run
	away := filepath.Join(b.cfg.Data, "away")
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	move(folder, away)
	v := deliverAll(t, a, attachments)
	indexAll(t, a)
	if _, err := v.Search(t.Context(), body("plain"), SearchOptions{}); err == nil {
		t.Error("no error")
	}
	move(away, folder)
	checkAttachments(t, v)
}
