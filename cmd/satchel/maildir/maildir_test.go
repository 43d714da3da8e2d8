package maildir

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"satchel/backend"
)

// tree makes files below a new directory; a name that ends in "/" makes a directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if strings.HasSuffix(name, "/") {
			path, text = filepath.Join(path, ".keep"), ""
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func names(tr *Tree) (list []string) {
	for _, f := range tr.Folders {
		list = append(list, f.Name)
	}
	return list
}

func TestLayouts(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"Maildir++", map[string]string{"cur/": "", ".Sent/cur/": "", ".Lists.go/new/": "", ".Gr&APwA3w-e/cur/": "", ".v1&AC4-2/cur/": "", ".empty/": ""},
			[]string{"INBOX", "Grüße", "Lists/go", "Sent", "v1.2"}},
		{"directories", map[string]string{"new/": "", "Sent/cur/": "", "Lists/go/cur/": "", "Lists/tmp/": ""},
			[]string{"INBOX", "Lists/go", "Sent"}},
		{"a directory of Maildirs", map[string]string{"alice/cur/": "", "alice/.Sent/cur/": "", "bob/Maildir/new/": "", "bob/Maildir/.Lists.go/cur/": ""},
			[]string{"alice", "alice/Sent", "bob/Maildir", "bob/Maildir/Lists/go"}},
		{"no root", map[string]string{"Inbox/cur/": "", "Sent/cur/": ""}, []string{"INBOX", "Sent"}},
		{"not modified UTF-7", map[string]string{"cur/": "", ".R&D/cur/": "", ".Ümlaut/cur/": ""}, []string{"INBOX", "R&D", "Ümlaut"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr, err := Open(tree(t, tt.files))
			if err != nil {
				t.Fatal(err)
			}
			if got := names(tr); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if _, err := Open(tree(t, map[string]string{"letters/": ""})); !errors.Is(err, ErrFormat) {
		t.Errorf("no Maildir: %v", err)
	}
	if _, err := Open(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

// TestUnreadable: what may be a folder and cannot be looked into is named.
func TestUnreadable(t *testing.T) {
	root := tree(t, map[string]string{"cur/1": "", ".Sent/cur/": "", ".Work/new/": ""})
	for name, to := range map[string]string{".Moved": "/nowhere/at/all", ".Loop/cur": "cur", ".Work/cur": "cur"} {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(to, path)); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	bad := tr.Bad
	for i := range tr.Folders {
		bad = append(bad, tr.Folders[i].Read().Bad...)
	}
	if got := names(tr); !slices.Equal(got, []string{"INBOX", "Sent", "Work"}) || len(bad) != 3 {
		t.Errorf("folders %q, bad %v", got, bad)
	}
}

// TestLinked: a directory to which several ways lead, in a circle too, is one folder: where it lies, if that is below the
// root. What other ways lead there is named.
func TestLinked(t *testing.T) {
	outside := tree(t, map[string]string{"cur/": "", "Deep/cur/": ""})
	root := tree(t, map[string]string{"cur/1": "", "Lists/go/cur/1": "", ".Work/cur/": ""})
	for name, to := range map[string]string{"Again": ".", ".Again": ".", "Alias": "Lists", "Lists/go/up": "..", ".Job": ".Work",
		"Far": outside, "Further": outside, "Lists/further": filepath.Join(outside, "Deep")} {
		if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(tr); !slices.Equal(got, []string{"INBOX", "Far", "Far/Deep", "Lists/go", "Work"}) {
		t.Errorf("folders %q", got)
	}
	var again []string
	for _, line := range tr.Again {
		again = append(again, strings.ReplaceAll(line, root+"/", ""))
	}
	slices.Sort(again)
	if want := []string{
		".Again leads to " + root + ", which is taken already", ".Job leads to .Work, which is taken already",
		"Again leads to " + root + ", which is taken already", "Alias leads to Lists, which is taken already",
		"Further leads to Far, which is taken already", "Lists/further leads to Far/Deep, which is taken already",
		"Lists/go/up leads to Lists, which is taken already",
	}; !slices.Equal(again, want) || len(tr.Bad) > 0 {
		t.Errorf("named\n%s\nwant\n%s\nleft out %v", strings.Join(again, "\n"), strings.Join(want, "\n"), tr.Bad)
	}
}

// TestPacked: messages that Dovecot has compressed are unpacked, those that cannot be are named.
func TestPacked(t *testing.T) {
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte("a\nb"))
	w.Close()
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bz, err := hex.DecodeString("425a68393141592653598be0bffc000000c1000010300020002198198161772453850908be0bffc0")
	if err != nil {
		t.Fatal(err)
	}
	c := contents(t, tree(t, map[string]string{
		"cur/gz,S=3,W=4:2,Z": gz.String(), "cur/raw,S=3,W=3": gz.String(), "cur/zst": string(enc.EncodeAll([]byte("a\nb"), nil)),
		"cur/bad": gz.String()[:gz.Len()-6], "cur/lz4": "Dovecot-LZ4\x0d\x2a\x9b\xc5x", "cur/crypt": "CRYPTED\x03\x07x", "cur/xz": "\xfd7zXZ\x00x",
		"cur/bz": string(bz), "cur/none": "BZh a\nb",
	}))
	got := map[string]string{}
	for _, e := range c.Entries {
		r, err := e.Open()
		if err == nil {
			var b []byte
			b, err = io.ReadAll(r)
			r.Close()
			got[e.Key] = string(b)
		}
		if err != nil {
			got[e.Key] = "bad"
		}
	}
	want := map[string]string{"gz": "a\r\nb", "raw": "a\nb", "zst": "a\r\nb", "bad": "bad", "lz4": "bad", "crypt": "bad", "xz": "bad", "bz": "a\r\nb", "none": "BZh a\r\nb"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestSubscriptions(t *testing.T) {
	folders := map[string]string{"cur/": "", ".Sent/cur/": "", ".Lists.go/cur/": ""}
	tests := []struct{ name, file, text string }{
		{"Dovecot", subsFile, "Sent\nLists.go\ngone\n"},
		{"Dovecot 2.3", subsFile, "V\t2\n\nSent\nLists\tgo\ngone\n"},
		{"with slashes", subsFile, "Sent\nLists/go\ngone\n"},
		{"Courier", courierSubs, "INBOX.Sent\nINBOX.Lists.go\ngone\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root := tree(t, folders)
			if err := os.WriteFile(filepath.Join(root, tt.file), []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			tr, err := Open(root)
			if err != nil {
				t.Fatal(err)
			}
			if want := []string{"Sent", "Lists/go", "gone"}; !reflect.DeepEqual(tr.Subscribed, want) {
				t.Errorf("got %q, want %q", tr.Subscribed, want)
			}
		})
	}
}

// contents reads the one folder of a tree.
func contents(t *testing.T, root string) *Contents {
	t.Helper()
	return (&Folder{Name: "INBOX", Dir: root}).Read()
}

func TestDovecotFiles(t *testing.T) {
	root := tree(t, map[string]string{
		"cur/1.a.host,S=3,W=4:2,FSab": "a\n",
		"cur/2.b.host,S=3,W=4:2,DRTP": "b\n",
		"cur/3.c.host:2,z":            "c\n",
		"new/4.d.host":                "d\n",
		"new/.hidden":                 "",
		"cur/directory/":              "",
		uidlistFile:                   "3 V1234 N20 G00\n7 W4 :2.b.host,S=3,W=4\n9 :1.a.host,S=3,W=4:2,F\n15 :gone\n",
		keywordsFile:                  "0 $Forwarded\n1 work\n",
	})
	c := contents(t, root)
	if c.UIDValidity != 1234 || c.UIDNext != 20 {
		t.Errorf("UIDVALIDITY %d, UIDNEXT %d", c.UIDValidity, c.UIDNext)
	}
	type row struct {
		uid      backend.UID
		key      string
		flags    backend.Flags
		keywords []string
	}
	want := []row{
		{7, "2.b.host", backend.FlagDraft | backend.FlagAnswered | backend.FlagDeleted, []string{"$Forwarded"}},
		{9, "1.a.host", backend.FlagFlagged | backend.FlagSeen, []string{"$Forwarded", "work"}},
		{0, "3.c.host", 0, nil},
		{0, "4.d.host", 0, nil},
	}
	var got []row
	for _, e := range c.Entries {
		got = append(got, row{e.UID, e.Key, e.Flags, e.Keywords})
	}
	if len(got) > 2 && got[2].key > got[3].key { // the two have one date, or nearly
		got[2], got[3] = got[3], got[2]
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if len(c.Bad) != 1 || !strings.Contains(c.Bad[0].Error(), "directory") {
		t.Errorf("bad: %v", c.Bad)
	}
}

func TestUIDListVersions(t *testing.T) {
	tests := []struct {
		text     string
		validity uint32
		bad      bool
	}{
		{"1 99 5\n3 x\n", 99, false},
		{"3 V99 N5 G1\n3 P1 Rz :x\n", 99, false},
		{"2 odd\n", 0, true},
		{"3 V99 N5\nnot a line\n", 0, true},
		{"", 0, false},
	}
	for _, tt := range tests {
		c := contents(t, tree(t, map[string]string{"cur/x:2,": "", uidlistFile: tt.text}))
		if c.UIDValidity != tt.validity || (len(c.Bad) > 0) != tt.bad {
			t.Errorf("%q: UIDVALIDITY %d, bad %v", tt.text, c.UIDValidity, c.Bad)
		}
		if tt.validity != 0 && c.Entries[0].UID != 3 {
			t.Errorf("%q: UID %d", tt.text, c.Entries[0].UID)
		}
	}
}

// TestKeys: a key is the unique part of the name, and never the same for two files.
func TestKeys(t *testing.T) {
	c := contents(t, tree(t, map[string]string{
		"cur/1.a,S=1:2,S": "", "cur/2,S=1:2,S": "", "cur/2,S=2:2,S": "", "cur/3:2,S": "", "new/3": "", "cur/,x": "",
	}))
	seen := map[string]bool{}
	for _, e := range c.Entries {
		if seen[e.Key] {
			t.Errorf("key %q twice", e.Key)
		}
		seen[e.Key] = true
	}
	for _, k := range []string{"1.a", "2,S=1", "2,S=2", "3", "new/3", ",x"} {
		if !seen[k] {
			t.Errorf("no key %q in %v", k, seen)
		}
	}
}

func TestLineEnds(t *testing.T) {
	c := contents(t, tree(t, map[string]string{
		"cur/1:2,":         "a\nb\n",
		"cur/2:2,":         "a\r\nb\r\n",
		"cur/3,S=3,W=3:2,": "a\nb",
		"cur/4,S=9,W=9:2,": "a\nb",
	}))
	want := map[string]string{"1": "a\r\nb\r\n", "2": "a\r\nb\r\n", "3": "a\nb", "4": "a\r\nb"}
	for _, e := range c.Entries {
		r, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil || string(b) != want[e.Key] {
			t.Errorf("%s: got %q %v, want %q", e.Key, b, err, want[e.Key])
		}
	}
}

func TestRoundTrip(t *testing.T) {
	many := []string{"k0", "k1"}
	for i := range 30 {
		many = append(many, "more"+string(rune('A'+i)))
	}
	type message struct {
		uid      backend.UID
		flags    backend.Flags
		keywords []string
		text     string
	}
	messages := []message{
		{1, 0, nil, ""},
		{2, backend.FlagSeen, nil, "Subject: a\r\n\r\nbody\r\n"},
		{5, 31, []string{"k0"}, "bare\nlf\r\n"},
		{6, 0, []string{"$Forwarded", "k0", "k1"}, "two\r\r\nends\r"},
		{9, backend.FlagDraft, many, "no end"},
		{10, 0, nil, strings.Repeat("0123456789abcde\r\n", 1<<17)},
	}
	root := filepath.Join(t.TempDir(), "out")
	w, err := Create(root)
	if err != nil {
		t.Fatal(err)
	}
	folders := []string{"INBOX", "Sent", "Lists/v1.2/Grüße & so"}
	date := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	for _, name := range folders {
		f, err := w.Folder(name, 77, 11)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			if err := f.Add(m.uid, date, m.flags, m.keywords, strings.NewReader(m.text)); err != nil {
				t.Fatal(err)
			}
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	use := map[string]string{"Sent": `\Sent`}
	if err := w.Finish([]string{"INBOX", "Lists/v1.2/Grüße & so"}, use); err != nil {
		t.Fatal(err)
	}

	tr, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := names(tr), []string{"INBOX", "Lists/v1.2/Grüße & so", "Sent"}; !reflect.DeepEqual(got, want) {
		t.Fatalf("folders %q, want %q", got, want)
	}
	if want := []string{"INBOX", "Lists/v1.2/Grüße & so"}; !reflect.DeepEqual(tr.Subscribed, want) {
		t.Errorf("subscribed %q, want %q", tr.Subscribed, want)
	}
	if !reflect.DeepEqual(tr.SpecialUse, use) {
		t.Errorf("special use %q", tr.SpecialUse)
	}
	for _, f := range tr.Folders {
		c := f.Read()
		if len(c.Bad) > 0 || len(c.Entries) != len(messages) || c.UIDValidity != 77 || c.UIDNext != 11 {
			t.Fatalf("%s: %v, %d messages, UIDVALIDITY %d", f.Name, c.Bad, len(c.Entries), c.UIDValidity)
		}
		for i, e := range c.Entries {
			r, err := e.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, _ := io.ReadAll(r)
			r.Close()
			slices.Sort(e.Keywords) // they are a set
			got := message{e.UID, e.Flags, e.Keywords, string(b)}
			if !reflect.DeepEqual(got, messages[i]) {
				t.Errorf("%s: got %.200v, want %.200v", f.Name, got, messages[i])
			}
			if !e.Date.Equal(date) {
				t.Errorf("%s: date %v", f.Name, e.Date)
			}
		}
	}
	if _, err := Create(root); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("a second export: %v", err)
	}
}
