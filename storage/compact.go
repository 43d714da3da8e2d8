package storage

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// compactSuffix is that of the copy under way.
const compactSuffix = ".new"

// ErrShared says that the file is being read for long, here or by another process, and cannot be exchanged.
var ErrShared = errors.New("the file is in use by somebody else")

// Compact writes the file anew without its unused parts and puts the new one in the place of the old: nothing of what
// was deleted from tables is in mail.db and its log after it, and the file is as small as it can be. It takes room for
// a second file; transactions wait until it is done, reading goes on. After an error, which ctx's may be, or a crash the
// file is the old one; or it is the new one, and no transaction begins before that is certain on the disk.
func (m *Mail) Compact(ctx context.Context) error {
	m.turn.Lock()
	defer m.turn.Unlock()
	err := context.Cause(ctx)
	if err == nil {
		err = m.present()
	}
	if err == nil {
		err = errors.Join(m.settleFreshKeys(), m.write.checkpoint())
	}
	if err == nil {
		err = m.roomForCopy() // first: on a full disk the log would go, and the change of the mode fail
	}
	if err == nil {
		err = m.unshared() // now, rather than after all the copying
	}
	if err == nil {
		err = m.copyTo(ctx, m.path+compactSuffix)
	}
	if err == nil {
		err = m.exchange(m.path + compactSuffix)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s anew: %w", m.path, err), removeCopy(m.path))
	}
	return nil
}

// removeCopy removes what a Compact that did not end has left.
func removeCopy(path string) error {
	for _, beside := range [...]string{"-journal", "-wal", "-shm", ""} {
		if err := os.Remove(path + compactSuffix + beside); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// roomForCopy makes sure that a copy of the file leaves others on the disk the room to go on. ErrFull otherwise.
func (m *Mail) roomForCopy() error {
	const margin = 64 << 20
	info, err := os.Stat(m.path)
	if err != nil {
		return err
	}
	free, err := freeSpace(filepath.Dir(m.path))
	if err == nil && free < info.Size()+margin {
		err = fmt.Errorf("%w: %d MiB more must be free for the copy", ErrFull, (info.Size()+margin-free)>>20+1)
	}
	return err
}

// copyTo writes what the tables hold into a new file.
func (m *Mail) copyTo(ctx context.Context, path string) error {
	if err := removeCopy(m.path); err != nil {
		return err
	}
	if err := createFile(path); err != nil {
		return err
	}
	_, err := m.write.raw.ExecContext(ctx, "VACUUM INTO ?", []driver.NamedValue{{Ordinal: 1, Value: path}})
	if stopped := context.Cause(ctx); err != nil && stopped != nil {
		return stopped
	}
	if err != nil {
		return m.write.wrap(err)
	}
	if err := prepareCopy(path); err != nil {
		return err
	}
	return SyncFile(path)
}

// prepareCopy puts a copy into WAL mode, so that it is not written to when it is opened as the file.
func prepareCopy(path string) error {
	o := mailOptions
	o.create = false
	c, err := openConn(path, o)
	if err != nil {
		return err
	}
	return c.close()
}

// unshared reports ErrShared when the file could not be exchanged at this moment.
func (m *Mail) unshared() error {
	if err := m.pauseReaders(); err != nil {
		return err
	}
	defer m.resumeReaders()
	if err := m.closeReaders(); err != nil {
		return err
	}
	if err := m.write.alone(); err != nil {
		return err
	}
	err := errors.Join(m.write.set("busy_timeout", busyTimeout, int64(busyTimeout)), m.write.set("journal_mode", "wal", "wal"))
	if err == nil {
		err = m.write.noteLog() // it is a new one
	}
	return err
}

// exchange puts a complete copy in the place of the file. No connection may outlive the file it has open: it would go on
// with the other one's log. When the power goes, the disk may have either file under the name, until the folder has been
// synced: so the old one's log is gone from there before, and the new one's is empty until after, by openConn. A file
// that somebody else has put there stays.
func (m *Mail) exchange(path string) error {
	if err := m.pauseReaders(); err != nil {
		return err
	}
	defer m.resumeReaders()
	if err := m.closeReaders(); err != nil {
		return err
	}
	m.open.drop()
	if err := m.write.alone(); err != nil {
		return err
	}
	fresh, err := os.Stat(path)
	err = errors.Join(err, m.write.close(), SyncFile(filepath.Dir(m.path)), m.write.fileInPlace())
	if err == nil {
		err = os.Rename(path, m.path)
	}
	if err == nil {
		m.write.names.file = fresh
		m.pin(fresh)
	}
	m.tail = 0
	m.logged.Store(0)
	return errors.Join(err, m.reopen()) // the old file, if it could not be exchanged
}

// reopen opens the writing connection anew. When it cannot, the next transaction tries again, and fails if it cannot. Once
// another file was found it does not look again: what was closed may be gone, and its inode another file's by then.
func (m *Mail) reopen() error {
	o := mailOptions
	o.create, o.is = false, m.write.names.file
	c, err := openConn(m.path, o)
	if m.unopened = err != nil; err == nil {
		m.write = c
	}
	if _, gone := os.Stat(m.path); errors.Is(err, ErrReplaced) && gone == nil {
		m.lost = err
		m.giveUp()
	}
	return err
}

const brief = 1000 // ms: who reads, or asks for the file, waits meanwhile

// alone makes sure that no other connection to the file is left, in any process, and takes its log away.
func (c *conn) alone() error {
	if err := c.inPlace(); err != nil {
		return err
	}
	if err := c.set("busy_timeout", brief, int64(brief)); err != nil {
		return err
	}
	err := c.set("journal_mode", "delete", "delete")
	if err == nil {
		return nil
	}
	return errors.Join(fmt.Errorf("%w (%w)", ErrShared, err), c.set("busy_timeout", busyTimeout, int64(busyTimeout)))
}

// pauseReaders waits, not for long, until nobody reads, and keeps it so. ErrShared when somebody goes on.
func (r *readers) pauseReaders() error {
	late := time.NewTimer(5 * time.Second)
	defer late.Stop()
	for n := range maxReaders {
		select {
		case r.slots <- struct{}{}:
		case <-late.C:
			for range n {
				<-r.slots
			}
			return ErrShared
		}
	}
	return nil
}

func (r *readers) resumeReaders() {
	for range maxReaders {
		<-r.slots
	}
}
