package backend

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// upgradedAccount opens an account whose mail.db the first version wrote: INBOX has
// a letter, its answer and another one, a copy of which is in Archive; UIDs 5 and 4
// were expunged after mod-sequence 6.
func upgradedAccount(t *testing.T) (*Backend, *Account) {
	t.Helper()
	packed, err := os.Open("../storage/testdata/schema1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(unpacked)
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	dir := filepath.Join(data, "accounts", "old")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mail.db"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Open(Config{Data: data})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	a, err := b.Account("old", "old")
	if err != nil {
		t.Fatal(err)
	}
	return b, a
}

// TestUpgrade: with mail of the first version everything works that came later.
func TestUpgrade(t *testing.T) {
	_, a := upgradedAccount(t)
	v, archive := open(t, a, "INBOX", false), open(t, a, "Archive", false)
	if v.Exists() != 3 || archive.Exists() != 1 {
		t.Fatalf("%d and %d messages", v.Exists(), archive.Exists())
	}
	for range 2 { // the second time with keys that were kept
		if seqs, err := v.Sort(context.Background(), v.All(), []SortBy{{Key: SortDate}}); err != nil || !slices.Equal(seqs, []uint32{3, 1, 2}) {
			t.Errorf("by date: %v, %v", seqs, err)
		}
		if seqs, err := v.Sort(context.Background(), v.All(), []SortBy{{Key: SortFrom, Reverse: true}}); err != nil || !slices.Equal(seqs, []uint32{1, 3, 2}) {
			t.Errorf("by sender: %v, %v", seqs, err)
		}
		threads, err := v.Thread(context.Background(), v.All(), ThreadReferences)
		if err != nil {
			t.Fatal(err)
		}
		if root, _ := threads.Root(); threads.Seq(root) != 3 {
			t.Errorf("the first thread is that of %d", threads.Seq(root))
		}
		v.mailbox.sort = nil
	}
	rows := v.Rows(v.All(), 0, MaxBatch, nil)
	ids := make([]MessageID, len(rows))
	if err := v.Threads(rows, ids); err != nil || ids[0] == 0 || ids[1] != ids[0] || ids[2] == ids[0] {
		t.Errorf("threads %v, %v", ids, err)
	}
	if copied := archive.Rows(archive.All(), 0, 1, nil)[0]; copied.Message != rows[2].Message {
		t.Errorf("the copy is message %d, not %d", copied.Message, rows[2].Message)
	}
	if text, err := v.MakePreview(&rows[2]); err != nil || !strings.HasPrefix(text, "Line 0 of a long letter") {
		t.Errorf("preview %q, %v", text, err)
	}
	if gone, err := v.Vanished(nil, 6); err != nil || !slices.Equal(gone, []Range{{4, 5}}) {
		t.Errorf("vanished %v, %v", gone, err)
	}
	var saved [3]int64
	if err := v.SaveDates(rows, saved[:]); err != nil || saved[0] == 0 {
		t.Errorf("saved %v, %v", saved, err)
	}
	p, err := a.Expunged(t.Context(), ExpungedFilter{}, 10)
	if err != nil || len(p.Messages) != 2 {
		t.Fatalf("expunged: %+v, %v", p, err)
	}
	u, err := a.Undelete(t.Context(), ExpungedFilter{}, "", func(int, int) error { return nil })
	if err != nil || !reflect.DeepEqual(u.Into, []UndeletedInto{{Mailbox: "INBOX", Messages: 2}}) {
		t.Errorf("undeleted: %+v, %v", u, err)
	}
	v.Pull(true)
	back := v.Rows(v.All(), 3, 2, nil)
	if len(back) != 2 || back[0].UID != 6 || back[0].Flags != 0 || back[0].Date != p.Messages[1].Expunged.Unix() {
		t.Errorf("came back as %+v", back)
	}
	if found, err := a.mail.Check(t.Context(), true); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}
