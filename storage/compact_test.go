package storage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Compact goes on among readers and leaves everything as it was, in less room.
func TestCompact(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 2000)
	commit(t, m, func(tx *Tx) { ok[ModSeq](t)(tx.Expunge(box, rows[100:])) })
	commit(t, m, func(tx *Tx) { ok[int](t)(purge(tx, time.Now().Add(time.Hour), 10_000)) })
	must(t, m.Checkpoint())
	before := ok[os.FileInfo](t)(os.Stat(m.path)).Size()
	stop := make(chan struct{})
	var reading sync.WaitGroup
	for range 2 * maxReaders {
		reading.Go(func() {
			for {
				if n := len(entries(t, m, box)); n != 100 {
					t.Errorf("%d entries", n)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for range 3 {
		must(t, m.Compact(t.Context()))
	}
	close(stop)
	reading.Wait()
	if after := ok[os.FileInfo](t)(os.Stat(m.path)); after.Size() > before/2 || after.Mode().Perm() != 0o600 {
		t.Errorf("%d bytes of %d, mode %v", after.Size(), before, after.Mode())
	}
	if e := fillBox(t, m, box, 1)[100]; e.Message != 2001 || e.UID != 2001 {
		t.Errorf("the next message is %d with UID %d", e.Message, e.UID)
	}
	ok[[]byte](t)(m.AppendBytes(nil, rows[0].Message, 0, 600))
}

// A Compact that does not come to its end leaves the file as it is, and nothing beside it.
func TestCompactGivenUp(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 10)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	other := ok[*conn](t)(openConn(m.path, mailOptions)) // as another process would
	ok[int64](t)(other.queryInt("SELECT count(*) FROM entry"))
	for _, c := range []struct {
		ctx  context.Context
		want error
	}{{stopped, context.Canceled}, {t.Context(), ErrShared}} {
		if err := m.Compact(c.ctx); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
		if _, err := os.Stat(m.path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("after %v there is a copy: %v", c.want, err)
		}
		fillBox(t, m, box, 1)
	}
	inTheWay := filepath.Join(m.path+compactSuffix, "x")
	must(t, os.MkdirAll(inTheWay, 0o700))
	if err := m.Compact(t.Context()); !errors.Is(err, ErrShared) {
		t.Errorf("a copy that cannot be used is begun: %v", err)
	}
	must(t, os.RemoveAll(m.path+compactSuffix))
	must(t, other.close())
	must(t, os.WriteFile(m.path+compactSuffix, []byte("half"), 0o600))
	must(t, ok[*Mail](t)(OpenMail(m.path)).Close())
	if _, err := os.Stat(m.path + compactSuffix); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a copy was left: %v", err)
	}
	if n := len(entries(t, m, box)); n != 12 {
		t.Errorf("%d entries", n)
	}
}

// When the file cannot be opened again after it was exchanged, changes fail, and nothing worse happens; they go on as
// soon as it can be.
func TestCompactWithoutAWayBack(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 10)
	must(t, m.write.close()) // as a Compact leaves it that finds no descriptor free
	away := m.path + ".away"
	must(t, os.Rename(m.path, away))
	if err := m.reopen(); err == nil {
		t.Error("a file that is not there was opened")
	}
	if _, err := m.Begin(); err == nil {
		t.Error("a change without a file")
	}
	for _, err := range []error{m.Checkpoint(), m.Fold()} {
		if !errors.Is(err, errClosed) {
			t.Errorf("folding the log: %v", err)
		}
	}
	must(t, os.Rename(away, m.path))
	fillBox(t, m, box, 1)
	if n := len(entries(t, m, box)); n != 11 {
		t.Errorf("%d entries", n)
	}
}
