package storage

import (
	"errors"
	"fmt"
	"os"
)

// InPlace is ErrReplaced when the file, or its log, is not what its name stands for any more. While something is being
// written it says nothing: Commit will.
func (m *Mail) InPlace() error {
	if !m.turn.TryLock() {
		return nil
	}
	defer m.turn.Unlock()
	return m.present()
}

// present is InPlace for who has the turn.
func (m *Mail) present() error {
	if m.lost != nil || m.unopened {
		return m.lost
	}
	return m.write.inPlace()
}

// Abandon closes a mail.db that is not in its place any more, when those have ended who are reading it. Once it returns
// nothing of it is open, and who opens the name gets what is there, without the log of this one. What the log had is in
// this one, wherever that is by now. All methods may be called meanwhile and later: they end with ErrReplaced.
func (m *Mail) Abandon() error {
	m.turn.Lock()
	defer m.turn.Unlock()
	for range maxReaders {
		m.slots <- struct{}{}
	}
	defer m.resumeReaders()
	return m.leave()
}

// leave closes all connections that are not in use, for good.
func (m *Mail) leave() error {
	m.giveUp()
	m.open.drop()
	return errors.Join(m.closeReaders(), m.write.leave())
}

// leave closes the last connection to a file that is not in its place, or whose log is not. The log is folded into the file
// that is open: that is whole then, if somebody has moved it away, or it is the right one and only the log has lost its
// name. Under the name of a file that was moved SQLite touches nothing; so the log would stay there, and be taken for that
// of the next file, and so would its index as long as another process has it open. A file to which a link does not lead any
// more has not been moved.
func (c *conn) leave() error {
	patience := int64(busyTimeout) // for what is folded now is found again
	moved := sameFile(c.names.at, c.names.file) != nil
	if moved {
		patience = brief
	}
	var err error
	if c.raw != nil { // a Compact may not have come to open it again
		c.rollback()
		err = c.foldAll(patience)
	}
	err = errors.Join(err, c.close())
	c.left = true
	if moved {
		err = errors.Join(err, removeOwn(c.names.at+"-wal", c.names.log), removeOwn(c.names.at+"-shm", c.names.index))
	}
	return err
}

// foldAll folds the whole log. It waits for others who read, so many ms, and has an error when they go on.
func (c *conn) foldAll(patience int64) error {
	left := int64(0)
	err := c.set("busy_timeout", patience, patience)
	if err == nil {
		err = c.queryRow("PRAGMA wal_checkpoint(TRUNCATE)", func(r row) { left = r.int(1) - r.int(2) })
	}
	if err == nil && left > 0 {
		err = fmt.Errorf("%w: another process reads %s, and %d pages of its log are lost", ErrShared, c.path, left)
	}
	return err
}

// removeOwn removes what is under a name if it is this file.
func removeOwn(path string, file os.FileInfo) error {
	if sameFile(path, file) != nil {
		return nil
	}
	return os.Remove(path)
}
