package backend

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"satchel/storage"
)

// Erase erases the expunged messages that a filter picks for good, and says how
// many: when it returns nil, nothing of them is in the account's files, the search
// index included, which is made anew. Clients that still count one of them cannot
// read it any more. agree is told how many were picked, if any, before the first is
// erased, and may take its time: what is expunged meanwhile is not among them.
// mail.db is written anew, however few they are: it takes room for a second one, and
// changes of the account wait. each is told how many are erased, now and then; its
// error, agree's or ctx's ends it. What was begun is finished later, after a crash too.
func (a *Account) Erase(ctx context.Context, f ExpungedFilter, agree func(n int) error, each func(done, total int) error) (n int, err error) {
	ids, err := a.expungedIDs(ctx, &f, 0)
	if err == nil && len(ids) > 0 {
		if err := agree(len(ids)); err != nil {
			return 0, err
		}
	}
	if err == nil {
		slices.Sort(ids)
		n, err = a.eraseBytes(ids, true, func(done int) error { return errors.Join(ctx.Err(), each(done, len(ids))) })
	}
	if err == nil {
		err = a.clean(ctx)
	}
	if err != nil {
		err = fmt.Errorf("erase mail of %s: %w", a.name, err)
	}
	return n, err
}

// eraseBytes erases those of some messages that are expunged. forGood has the files
// cleaned of them, by clean.
func (a *Account) eraseBytes(ids []MessageID, forGood bool, each func(done int) error) (n int, err error) {
	done := 0
	for some := range slices.Chunk(ids, purgeBatch) {
		erased := 0
		err := a.write(&change{run: func(tx *storage.Tx) (err error) {
			if erased, err = tx.Erase(some); err == nil && forGood {
				err = tx.SetUnclean()
			}
			return err
		}})
		n, done = n+erased, done+len(some)
		if err == nil {
			err = each(done)
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// clean frees the account's files of what has been erased for good, if there is any.
func (a *Account) clean(ctx context.Context) error {
	mark, err := a.mail.Unclean()
	if err != nil || mark == 0 {
		return err
	}
	err = a.write(&change{run: (*storage.Tx).ForgetFormer})
	if err == nil {
		err = a.write(&change{alone: true, run: func(*storage.Tx) error { return a.mail.Compact(ctx) }})
	}
	if err == nil {
		err = a.eraseTexts()
	}
	if err == nil {
		err = a.write(&change{run: func(tx *storage.Tx) error { return tx.SetClean(mark) }})
	}
	return err
}

// eraseTexts erases the search index, if there is one, so that it is made anew, when
// nobody is left who adds to it what was read before.
func (a *Account) eraseTexts() error {
	if _, err := os.Stat(a.searchFile()); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	a.reading <- struct{}{}
	defer func() { <-a.reading }()
	a.texts.work.Lock()
	defer a.texts.work.Unlock()
	x, err := a.searchIndex()
	if err == nil {
		err = x.Erase()
	}
	a.backend.indexer.notice(a)
	return err
}
