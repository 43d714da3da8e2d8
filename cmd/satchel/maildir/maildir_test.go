package maildir

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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
	c, err := (&Folder{Name: "INBOX", Dir: root}).Read()
	if err != nil {
		t.Fatal(err)
	}
	return c
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
		c, err := f.Read()
		if err != nil || len(c.Bad) > 0 || len(c.Entries) != len(messages) || c.UIDValidity != 77 || c.UIDNext != 11 {
			t.Fatalf("%s: %v %v, %d messages, UIDVALIDITY %d", f.Name, err, c.Bad, len(c.Entries), c.UIDValidity)
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
