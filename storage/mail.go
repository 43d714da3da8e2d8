package storage

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// Mail is one account's mail.db: mailboxes, messages, and the entries that put messages into mailboxes. Its reading
// methods may be called concurrently with each other and with a transaction; they see what was committed before.
type Mail struct {
	path  string
	inTx  atomic.Bool // a Tx is open
	turn  sync.Mutex  // held by the Tx, or for a short read with the writing connection
	write *conn       // guarded by turn
	next  MessageID   // for the next message, guarded by turn
	tail  int         // free bytes in the last page of body, an estimate, guarded by turn

	unopened bool  // write is closed and is to be opened again, guarded by turn
	lost     error // ErrReplaced once a Commit has ended so: memory may not be what is in the file, guarded by turn

	boxes  map[MailboxID]Mailbox // rows as of the last commit, of the mailboxes written so far; whoever has the turn may use it
	served atomic.Int64          // by SetServed
	logged atomic.Int64          // pages written to the log since it was folded, an estimate
	readers
	open  openChunk
	fresh freshKeys
}

const (
	mailPageSize = 8192 // appends as fast as 4096, reads faster; 16384 writes more with every commit
	writeCache   = 2048 // KiB
	readCache    = 512  // KiB
)

// mailOptions are those of the connection that writes.
var mailOptions = connOptions{pageSize: mailPageSize, cache: writeCache, create: true}

// ErrBusy says that a transaction is open already.
var ErrBusy = errors.New("a transaction is open")

// OpenMail opens the mail.db at path, makes an empty one when there is none and brings it to the newest schema.
// ErrNewerSchema and ErrCorrupt name the file. All that is in it is on the disk, whatever became of it before.
func OpenMail(path string) (*Mail, error) {
	c, err := openConn(path, mailOptions)
	if err != nil {
		return nil, err
	}
	m := &Mail{path: path, write: c, boxes: make(map[MailboxID]Mailbox), readers: newReaders(path, mailOptions)}
	if err := migrate(c, "mail"); err != nil {
		c.close()
		return nil, err
	}
	last, err := c.queryInt(lastMessage)
	if err == nil {
		err = removeCopy(path)
	}
	if err == nil {
		err = c.settleLog()
	}
	if err != nil {
		c.close()
		return nil, err
	}
	m.next = MessageID(last + 1)
	m.pin(c.names.file)
	return m, nil
}

// Close ends a transaction that is still open, folds the write-ahead log into the file and gives everything back. No
// method may be running or be called after it.
func (m *Mail) Close() error {
	m.write.rollback()
	if errors.Is(m.write.inPlace(), ErrReplaced) {
		return m.leave()
	}
	err := errors.Join(m.closeReaders(), m.settleFreshKeys(), m.write.checkpoint())
	return errors.Join(err, m.write.close())
}

// Checkpoint writes what was put off, folds the write-ahead log into the file, truncates it, and frees memory, for times
// when the account is idle. It does nothing while a transaction is open.
func (m *Mail) Checkpoint() error {
	if !m.turn.TryLock() {
		return nil
	}
	defer m.turn.Unlock()
	if err := m.closeReaders(); err != nil {
		return err
	}
	m.open.drop()
	if err := m.settleFreshKeys(); err != nil {
		return err
	}
	if err := m.write.checkpoint(); err != nil {
		return err
	}
	return m.write.exec("PRAGMA shrink_memory")
}

// foldPages is how long the write-ahead log gets before it is folded into the file, in pages: SQLite's own measure. A
// longer one takes room that a small disk may not have.
const foldPages = 1000

// LogIsLong reports whether it is time for Fold, by an estimate.
func (m *Mail) LogIsLong() bool { return m.logged.Load() >= foldPages }

// LogSize is how long the write-ahead log is on disk, in bytes: 0 when it cannot be seen.
func (m *Mail) LogSize() int64 { return logSize(m.path) }

// Fold folds the write-ahead log into the file, as far as no reader needs it, so that it begins anew with what comes
// next. Transactions go on while most of it is done; they wait for what they have added to the log meanwhile. One Fold
// runs at a time.
func (m *Mail) Fold() error {
	const passive = "PRAGMA wal_checkpoint(PASSIVE)"
	err := m.read(func(c *conn) error { return c.exec(passive) })
	m.turn.Lock()
	defer m.turn.Unlock()
	m.logged.Store(0)
	if err = errors.Join(err, m.write.exec(passive)); err != nil {
		return fmt.Errorf("fold the log: %w", err)
	}
	return nil
}

// readNow is read that spares an account which is only looked at a second connection: it takes the writing one unless
// that is in use.
func (m *Mail) readNow(f func(c *conn) error) error {
	if !m.turn.TryLock() {
		return m.read(f)
	}
	defer m.turn.Unlock()
	return f(m.write)
}
