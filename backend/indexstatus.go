package backend

import "fmt"

// IndexStatus says how far an account's search index is. Messages are counted from the
// first that was ever stored: those erased since are among them.
type IndexStatus struct {
	Account  string
	Messages uint64 // stored so far
	Indexed  uint64 // of them; the others are read by each search for a text
	Segments int
	Size     int64 // of the index, bytes
}

// IndexStatus tells of the accounts named, none meaning all.
func (b *Backend) IndexStatus(accounts []string, each func(IndexStatus) error) error {
	return b.eachIndex(accounts, func(a *Account) error { return a.tellIndex(each) })
}

// RebuildIndex makes the search indexes of the accounts named anew, none meaning all.
// It tells how far it is, again and again, and for the last time when an account is
// done. Searches go on meanwhile, and read what is not indexed yet.
func (b *Backend) RebuildIndex(accounts []string, each func(IndexStatus) error) error {
	return b.eachIndex(accounts, func(a *Account) error {
		x, err := a.searchIndex()
		if err == nil {
			err = x.Erase()
		}
		for more := true; more && err == nil; {
			if more, err = a.indexSome(func() error { return b.pause(0) }); err == nil {
				err = a.tellIndex(each)
			}
		}
		return err
	})
}

func (b *Backend) eachIndex(accounts []string, do func(a *Account) error) error {
	infos, err := b.wanted(accounts)
	if err != nil {
		return err
	}
	for _, info := range infos {
		a, err := b.Account(info.ID, info.Name)
		if err != nil {
			return err
		}
		err = do(a)
		a.Release()
		if err != nil {
			return fmt.Errorf("search index of %s: %w", info.Name, err)
		}
	}
	return nil
}

func (a *Account) tellIndex(each func(IndexStatus) error) error {
	x, err := a.searchIndex()
	if err != nil {
		return err
	}
	last, err := a.mail.LastMessage()
	if err != nil {
		return err
	}
	return each(IndexStatus{a.name, uint64(last), uint64(x.Covered()), x.Segments(), x.Size()})
}
