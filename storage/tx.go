package storage

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Tx is the one writing transaction of a Mail, used by one goroutine. The mailbox rows it touches live in memory until
// Commit. An error of a method leaves the transaction usable only after RollbackTo or Rollback.
type Tx struct {
	m     *Mail
	c     *conn
	now   int64 // Unix seconds at Begin
	boxes map[MailboxID]touched
	grown Usage // by the changes in boxes
	marks []mark
	lost  error // why SQLite has ended the transaction by itself
	wrote int64 // bytes of bodies
	done  bool
}

// mark is what the transaction had in memory at an open savepoint.
type mark struct {
	boxes map[MailboxID]touched
	grown Usage
}

// touched is a mailbox row in memory.
type touched struct {
	Mailbox
	dirty bool
}

var errDone = errors.New("the transaction has ended")

// Begin opens the transaction. ErrBusy when there is one: callers take turns.
func (m *Mail) Begin() (*Tx, error) {
	if !m.inTx.CompareAndSwap(false, true) {
		return nil, ErrBusy
	}
	m.turn.Lock()
	err := m.lost
	if err == nil && m.unopened {
		err = m.reopen()
	}
	if err == nil {
		err = m.write.exec("BEGIN IMMEDIATE")
	}
	if err != nil {
		m.turn.Unlock()
		m.inTx.Store(false)
		return nil, fmt.Errorf("begin: %w", err)
	}
	return &Tx{m: m, c: m.write, now: time.Now().Unix(), boxes: make(map[MailboxID]touched)}, nil
}

// Commit writes the touched mailboxes and makes the transaction durable: when it returns nil, all of it is on the disk,
// otherwise nothing is. After ErrReplaced that is not certain, and nothing can be changed any more: Abandon it.
func (tx *Tx) Commit() error {
	if err := tx.usable(); err != nil {
		tx.Rollback()
		return err
	}
	err := tx.flush()
	if err == nil {
		err = tx.c.commit()
	}
	if errors.Is(err, ErrReplaced) {
		tx.m.lost = err
	}
	if err != nil {
		tx.Rollback()
		return fmt.Errorf("commit: %w", err)
	}
	for id, t := range tx.boxes {
		if t.dirty {
			tx.m.boxes[id] = t.Mailbox
		}
	}
	tx.m.logged.Add(commitPages + tx.wrote/mailPageSize)
	tx.end()
	return nil
}

// commitPages is how many pages of the log a commit takes besides those of bodies, about.
const commitPages = 4

// Rollback undoes the transaction. After Commit it does nothing, so it can be deferred.
func (tx *Tx) Rollback() {
	if tx.done {
		return
	}
	tx.c.rollback()
	clear(tx.boxes)
	tx.m.tail = 0
	tx.end()
}

func (tx *Tx) end() {
	tx.done, tx.marks = true, nil
	tx.m.turn.Unlock()
	tx.m.inTx.Store(false)
}

// usable refuses a transaction that has ended, by its user or by SQLite, which does so when the disk is full. What
// would run after that would be committed statement by statement.
func (tx *Tx) usable() error {
	if tx.done {
		return errDone
	}
	if tx.lost == nil && !tx.c.inTransaction() {
		tx.lost = fmt.Errorf("%s: the transaction was rolled back", tx.c.path)
	}
	return tx.lost
}

// Savepoint marks a point for RollbackTo. Savepoints nest.
func (tx *Tx) Savepoint() error {
	if err := tx.usable(); err != nil {
		return err
	}
	if err := tx.c.exec("SAVEPOINT point"); err != nil {
		return err
	}
	tx.marks = append(tx.marks, mark{maps.Clone(tx.boxes), tx.grown})
	return nil
}

// Release forgets the last savepoint and keeps what was done since.
func (tx *Tx) Release() error {
	if err := tx.usable(); err != nil {
		return err
	}
	tx.marks = tx.marks[:len(tx.marks)-1]
	return tx.c.exec("RELEASE point")
}

// RollbackTo undoes everything since the last savepoint and forgets it. An error means that the transaction is lost:
// every later method fails, Commit included.
func (tx *Tx) RollbackTo() error {
	if err := tx.usable(); err != nil {
		return err
	}
	last := len(tx.marks) - 1
	tx.boxes, tx.grown, tx.marks = tx.marks[last].boxes, tx.marks[last].grown, tx.marks[:last]
	tx.m.tail = 0
	err := tx.c.exec("ROLLBACK TO point")
	if err == nil {
		err = tx.c.exec("RELEASE point")
	}
	tx.lost = err
	return err
}

// Touched returns the rows that Commit wrote, in the order of their IDs; deleted mailboxes are not among them.
func (tx *Tx) Touched() []Mailbox {
	var list []Mailbox
	for _, t := range tx.boxes {
		if t.dirty {
			list = append(list, t.Mailbox)
		}
	}
	slices.SortFunc(list, func(a, b Mailbox) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// flush writes the touched rows that changed.
func (tx *Tx) flush() error {
	for _, t := range tx.boxes {
		if !t.dirty {
			continue
		}
		if err := tx.writeMailbox(&t.Mailbox); err != nil {
			return err
		}
	}
	return nil
}
