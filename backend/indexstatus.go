package backend

import (
	"context"
	"errors"
	"fmt"

	"satchel/storage"
)

// IndexStatus says how far an account's search index is. Messages are counted from the
// first that was ever stored: those erased since are among them.
type IndexStatus struct {
	Account  string
	Messages uint64 // stored so far
	Indexed  uint64 // of them; the others are read by each search for a text
	Segments int
	Size     int64 // of the index, bytes
}

// IndexStatus tells of an account, in any spelling. An index that is gone or damaged
// is begun anew. ErrNoIndex when none is kept.
func (b *Backend) IndexStatus(account string) (s IndexStatus, err error) {
	err = b.withIndex(account, func(a *Account, x *storage.SearchIndex) error {
		s, err = a.indexStatus(x)
		return err
	})
	return s, err
}

// RebuildIndex makes an account's search index anew. It tells how far it is, again and
// again, and for the last time when all is done. Searches go on meanwhile, and read
// what is not indexed yet. When ctx ends, or each returns an error, the rest is left to
// the background. ErrNoIndex when no index is kept.
func (b *Backend) RebuildIndex(ctx context.Context, account string, each func(IndexStatus) error) error {
	return b.withIndex(account, func(a *Account, x *storage.SearchIndex) error {
		err := b.goOn(ctx)
		if err == nil {
			err = x.Erase()
			defer b.indexer.notice(a)
		}
		for more := true; more && err == nil; {
			if more, err = a.indexSome(func() error { return b.goOn(ctx) }); err == nil {
				err = a.tellIndex(x, each)
			}
		}
		return err
	})
}

// goOn is nil until ctx ends, for whatever cause, or the backend closes.
func (b *Backend) goOn(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-b.ctx.Done():
		return ErrClosed
	default:
		return nil
	}
}

// withIndex runs do with an account and its index.
func (b *Backend) withIndex(account string, do func(a *Account, x *storage.SearchIndex) error) error {
	if b.cfg.NoIndex {
		return ErrNoIndex
	}
	info, err := b.AccountByName(account)
	if err != nil {
		return err
	}
	a, err := b.Account(info.ID, info.Name)
	if err != nil {
		return err
	}
	defer a.Release()
	x, err := a.soundIndex()
	if err == nil {
		err = do(a, x)
	}
	if err != nil {
		return fmt.Errorf("search index of %s: %w", info.Name, err)
	}
	return nil
}

// soundIndex opens the account's search.db. One that is gone or damaged is begun anew.
func (a *Account) soundIndex() (*storage.SearchIndex, error) {
	x, err := a.searchIndex()
	if err == nil {
		err = a.mend(x, x.Verify())
	}
	return x, err
}

func (a *Account) indexStatus(x *storage.SearchIndex) (IndexStatus, error) {
	last, covered := MessageID(0), x.Covered()
	left, err := a.mail.MessagesAfter(covered, 1, 0, 0, nil)
	if len(left) == 0 {
		last = covered // later ones were erased
	} else {
		last, err = a.mail.LastMessage()
	}
	size, e := x.Size()
	return IndexStatus{a.name, uint64(last), uint64(covered), x.Segments(), size}, errors.Join(err, e)
}

func (a *Account) tellIndex(x *storage.SearchIndex, each func(IndexStatus) error) error {
	s, err := a.indexStatus(x)
	if err != nil {
		return err
	}
	return each(s)
}
