package storage

import (
	"os"
	"path/filepath"
	"testing"
)

// Somebody outside who reads all the time, as Litestream does, keeps nobody waiting: the log is folded once he is gone.
func TestCheckpointBesideAReader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	m := ok[*Mail](t)(OpenMail(path))
	defer m.Close()
	box := newMailbox(t, m, "INBOX")
	outside := ok[*conn](t)(openConn(path, connOptions{pageSize: mailPageSize, cache: readCache, readOnly: true}))
	defer outside.close()
	must(t, outside.exec("BEGIN"))
	ok[int64](t)(outside.queryInt("SELECT count(*) FROM mailbox"))
	fillBox(t, m, box, 3)
	must(t, m.Checkpoint()) // or else it ends after busyTimeout
	fillBox(t, m, box, 3)
	if size := ok[os.FileInfo](t)(os.Stat(path + "-wal")).Size(); size == 0 {
		t.Error("the log that somebody reads was truncated")
	}
	must(t, outside.exec("COMMIT"))
	must(t, m.Checkpoint())
	if size := ok[os.FileInfo](t)(os.Stat(path + "-wal")).Size(); size != 0 {
		t.Errorf("the log has %d bytes", size)
	}
}
