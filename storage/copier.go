package storage

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// Copier copies one account's mail.db into files of a backup: packs, which have messages, and a state, which has all
// else. It opens the mail.db for reading only, beside whoever writes it, in short transactions: changes never wait for
// it, and the folding of the log at most for one of them. Used by one goroutine.
type Copier struct {
	c    *conn       // of a database in memory, to which live is attached, and pack and state while they are written
	file os.FileInfo // of live
	live string      // its path
	pack string      // the file being written, "" for none
}

// ErrExchanged says that another file was put in the place of a mail.db while it was being copied.
var ErrExchanged = errors.New("another file was put in its place")

// OpenCopier opens the mail.db at path. ErrCorrupt names the file. Any method may fail with ErrExchanged: then it is to be
// opened again.
func OpenCopier(path string) (*Copier, error) {
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	c, err := openMemory(path)
	if err != nil {
		return nil, err
	}
	k := &Copier{c: c, live: path, file: file}
	err = c.attach(path, "live", live)
	if err == nil {
		_, err = k.IsNew()
	}
	if err != nil {
		c.close()
		return nil, k.unmoved(err)
	}
	return k, nil
}

// unmoved returns err, or ErrExchanged when another file is in the place of the mail.db by now. Compact exchanges no file
// that somebody has open, except in a moment in which it cannot tell: who has just opened the old file would read it with
// the log of the new one.
func (k *Copier) unmoved(err error) error {
	now, e := os.Stat(k.live)
	switch {
	case e != nil:
		return e
	case !os.SameFile(k.file, now):
		return fmt.Errorf("%s: %w", k.live, ErrExchanged)
	}
	return err
}

// Close gives the files back. A pack that is still open is not to be used.
func (k *Copier) Close() error { return k.c.close() }

// IsNew reports whether the mail.db is being made just now, and has no tables yet.
func (k *Copier) IsNew() (bool, error) {
	schema, err := k.c.queryInt("PRAGMA live.user_version")
	return schema == 0, k.unmoved(err)
}

// Objects is the mail.db's Objects, 0 in one from before there were any.
func (k *Copier) Objects() (n uint64, err error) {
	v, err := k.c.queryInt("SELECT coalesce(max(value), 0) FROM live.meta WHERE key = 'objects'")
	return uint64(v), k.unmoved(err)
}

// LastMessage returns the highest ID of a message in the mail.db, and the highest that was ever given to one: given is
// above last when the latest messages have been erased. Later messages get IDs above given.
func (k *Copier) LastMessage() (last, given MessageID, err error) {
	err = k.c.queryRow(`SELECT coalesce((SELECT max(id) FROM live.message), 0),
		coalesce((SELECT value FROM live.meta WHERE key = 'erased'), 0)`,
		func(r row) { last, given = MessageID(r.int(0)), MessageID(r.int(1)) })
	return last, max(given, last), k.unmoved(err)
}

// together runs f in one transaction, which sees the mail.db as of one moment.
func (k *Copier) together(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := k.c.exec("BEGIN"); err != nil {
		return err
	}
	defer k.c.rollback()
	if err := k.unmoved(f()); err != nil {
		return err
	}
	return k.c.exec("COMMIT")
}

// wrapWriting has ErrFull name the file that is being written. SQLite's error names the mail.db, which is only read.
func wrapWriting(path string, err error) error {
	if errors.Is(err, ErrFull) {
		return fmt.Errorf("write %s: %w", path, ErrFull)
	}
	return err
}
