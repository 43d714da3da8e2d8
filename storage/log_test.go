package storage

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOpenSettlesTheLog opens the files of a server that was killed: what only the log had is in the file itself before
// anything is added, so that nothing depends on a log that may never have come to the disk.
func TestOpenSettlesTheLog(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 3)
	if m.LogSize() == 0 {
		t.Fatal("nothing is in the log")
	}
	path := filepath.Join(t.TempDir(), "mail.db")
	for _, suffix := range []string{"", "-wal"} {
		must(t, os.WriteFile(path+suffix, ok[[]byte](t)(os.ReadFile(m.path+suffix)), 0o600))
	}
	again := ok[*Mail](t)(OpenMail(path))
	if n := again.LogSize(); n != 0 {
		t.Errorf("%d bytes are in the log", n)
	}
	alone := filepath.Join(t.TempDir(), "mail.db")
	must(t, os.WriteFile(alone, ok[[]byte](t)(os.ReadFile(path)), 0o600))
	must(t, again.Close())
	without := ok[*Mail](t)(OpenMail(alone))
	defer without.Close()
	if n := ok[int64](t)(without.write.queryInt("SELECT count(*) FROM entry")); n != 3 {
		t.Errorf("without the log there are %d messages, want 3", n)
	}
}

// TestNewFilesHaveNoLog: the tables of a new file do not depend on its log.
func TestNewFilesHaveNoLog(t *testing.T) {
	m := openTest(t)
	d := ok[*Directory](t)(OpenDirectory(filepath.Join(t.TempDir(), "directory.db")))
	defer d.Close()
	if mail, directory := m.LogSize(), logSize(d.c.path); mail != 0 || directory != 0 {
		t.Errorf("%d bytes are in the log of mail.db, %d in that of directory.db", mail, directory)
	}
}
