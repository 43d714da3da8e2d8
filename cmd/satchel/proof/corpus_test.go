package proof

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// odd is mail as nobody should write it and everybody gets it.
var odd = []string{
	"Subject: plain\n\nhello\n",
	"Subject: no body\n",
	"\nno header\n",
	"no structure at all",
	"Subject: bare\rCR\n\nin\rthe body\r\rtoo\n",
	"Subject: mixed ends\r\n\r\none\r\ntwo\nthree\r\n",
	"Subject: NUL \x00\n\n\x00\x00binary\x00\n",
	"Subject: 8 bit gr\xfc\xdfe\n\n\xff\xfe\x80\n",
	"Subject: long line\n\n" + strings.Repeat("0123456789", 20000) + "\n",
	"Subject: no final line end\n\nend",
	"Subject: from\n\nFrom here on\n>From there\n>>From elsewhere\n",
	"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\ntwo\n--b--\n",
}

// corpus returns the mail of SHARED/corpus, or only odd without it.
func corpus(t *testing.T) [][]byte {
	t.Helper()
	var all [][]byte
	for _, m := range odd {
		all = append(all, []byte(m))
	}
	root := filepath.Join(os.Getenv("SHARED"), "corpus")
	if os.Getenv("SHARED") == "" {
		return all
	}
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".eml" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > 0 { // an empty file is no message of a Maildir
			all = append(all, b)
		}
		return nil
	})
	return all
}

// wireForm is what IMAP must return for a file: LF ends become CRLF, the rest
// stays as it is.
func wireForm(b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n"))
}

// TestMaildirBytes imports a Maildir and compares every message over IMAP
// with the file it came from.
func TestMaildirBytes(t *testing.T) {
	messages := corpus(t)
	box := filepath.Join(t.TempDir(), "Maildir")
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(box, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	want := map[[32]byte]int{}
	for i, m := range messages {
		name := fmt.Sprintf("%d.%d.proof:2,S", 1700000000+i, i)
		if err := os.WriteFile(filepath.Join(box, "cur", name), m, 0o600); err != nil {
			t.Fatal(err)
		}
		want[sha256.Sum256(wireForm(m))]++
	}
	data := newData(t)
	satchel(t, "", "import", "maildir", box, "--account", user, "--data", data)
	matchAll(t, data, len(messages), want)
	satchel(t, "", "import", "maildir", box, "--account", user, "--data", data)
	matchAll(t, data, len(messages), want)
}

// TestMboxBytes does the same with the mailing-list mbox of SHARED, and
// without it with one made of odd.
func TestMboxBytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.mbox")
	found, _ := filepath.Glob(filepath.Join(os.Getenv("SHARED"), "corpus/bulk/*.mbox"))
	if os.Getenv("SHARED") != "" && len(found) > 0 {
		path = found[0]
	} else if err := os.WriteFile(path, mboxOf(odd), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[[32]byte]int{}
	messages := splitMbox(file)
	for _, m := range messages {
		want[sha256.Sum256(wireForm(m))]++
	}
	data := newData(t)
	satchel(t, "", "import", "mbox", path, "--account", user, "--data", data)
	matchAll(t, data, len(messages), want)
}

var quotedFrom = regexp.MustCompile(`(?m)^(>*From )`)

func mboxOf(messages []string) []byte {
	var b bytes.Buffer
	for _, m := range messages {
		fmt.Fprintf(&b, "From MAILER-DAEMON Thu Jan  1 00:00:00 2026\n%s", quotedFrom.ReplaceAllString(m, ">$1"))
		if !strings.HasSuffix(m, "\n") {
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

var unquoteFrom = regexp.MustCompile(`(?m)^>(>*From )`)

// splitMbox returns the messages of an mboxrd file: each ends before the
// blank line that precedes the next "From " line, or the end of the file.
func splitMbox(file []byte) [][]byte {
	var all [][]byte
	file = bytes.TrimSuffix(file, []byte("\n"))
	for _, part := range bytes.Split(append([]byte("\n"), file...), []byte("\nFrom "))[1:] {
		_, m, _ := bytes.Cut(part, []byte("\n"))
		if len(m) > 0 && m[len(m)-1] != '\n' {
			m = append(m[:len(m):len(m)], '\n') // there was no blank line
		}
		all = append(all, unquoteFrom.ReplaceAll(m, []byte("$1")))
	}
	return all
}

// matchAll serves the folder and compares every message of every mailbox,
// by digest, with what was imported.
func matchAll(t *testing.T, data string, total int, want map[[32]byte]int) {
	t.Helper()
	p := start(t, data)
	defer p.stop(t)
	c := login(t, p, user)
	n, left := 0, map[[32]byte]int{}
	for k, v := range want {
		left[k] = v
	}
	for _, box := range mailboxes(t, c) {
		for _, m := range bodies(t, c, box) {
			n++
			sum := sha256.Sum256(m)
			if left[sum]--; left[sum] < 0 {
				t.Fatalf("%s holds a message that was not imported: %.100q", box, m)
			}
		}
	}
	if n != total {
		t.Errorf("%d messages, want %d", n, total)
	}
	t.Logf("%d messages, every byte the same", n)
}

func mailboxes(t *testing.T, c *client) []string {
	t.Helper()
	var names []string
	for _, r := range c.must(t, `LIST "" *`) {
		names = append(names, r[strings.LastIndex(r, `"/" `)+4:])
	}
	return names
}

// bodies fetches all messages of a mailbox, a hundred at a time.
func bodies(t *testing.T, c *client, mailbox string) [][]byte {
	t.Helper()
	exists := c.exists(t, mailbox)
	var all [][]byte
	for first := 1; first <= exists; first += 100 {
		for _, r := range c.must(t, "FETCH %d:%d BODY.PEEK[]", first, min(first+99, exists)) {
			_, value, ok := strings.Cut(r, "BODY[] ")
			if !ok {
				continue
			}
			all = append(all, []byte(text(t, value)))
		}
	}
	return all
}

// text takes the string at the head of a response: a literal, or a quoted
// one, which only the empty message is.
func text(t *testing.T, value string) string {
	t.Helper()
	if strings.HasPrefix(value, `""`) {
		return ""
	}
	head, rest, _ := strings.Cut(value, "\r\n")
	n, err := strconv.Atoi(strings.Trim(head, "{}"))
	if err != nil || n > len(rest) {
		t.Fatalf("body comes as %.40q", value)
	}
	return rest[:n]
}
