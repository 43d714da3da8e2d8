package backend

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"

	"satchel/backend/message"
	"satchel/storage"
	"satchel/storage/terms"
)

// textIndex is an account's index of the words in its messages. It is opened when
// it is first needed.
type textIndex struct {
	stored MessageID // the last message when the account was opened: an index of this mail has no later ones on disk

	opening sync.Mutex
	store   *storage.SearchIndex // guarded by opening; nil until it is open

	work   sync.Mutex  // held by the one who indexes
	failed atomic.Bool // the last one could not

	behind atomic.Int64 // messages that it did not have when it was last worked on
}

// textRules names the rules by which texts become terms. An index that was made by
// others, or with other programs for attachments, is of no use.
const textRules = message.TextRules<<16 | terms.Rules

func (a *Account) searchFile() string {
	return filepath.Join(a.backend.cfg.Data, "accounts", a.id, "search.db")
}

// searchIndex opens the account's search.db.
func (a *Account) searchIndex() (*storage.SearchIndex, error) {
	t := &a.texts
	t.opening.Lock()
	defer t.opening.Unlock()
	if a.givenUp.Load() {
		return nil, ErrReplaced // the next one to open the account has the file
	}
	if t.store != nil {
		return t.store, nil
	}
	store, replaced, err := storage.OpenSearchIndex(a.searchFile(), fmt.Sprintf("%s %d%s", a.objects, textRules, a.backend.extractors.Rules()))
	if replaced != nil {
		a.backend.cfg.Log.Warn("search index is made anew", "account", a.name, "reason", replaced)
	}
	if err != nil {
		return nil, err
	}
	newest, err := store.Newest()
	if err == nil && t.stored < newest { // what an older mail.db will have under these IDs is not what was indexed
		err = fmt.Errorf("%w: it knows mail that is not there", storage.ErrCorrupt)
	}
	if errors.Is(err, storage.ErrCorrupt) {
		a.backend.cfg.Log.Warn("search index is made anew", "account", a.name, "reason", err)
		err = store.Erase()
	}
	if err != nil {
		store.Rest()
		return nil, err
	}
	t.store = store
	return store, nil
}

// rest gives the index's connections and memory back until it is used again.
func (t *textIndex) rest() error {
	t.opening.Lock()
	defer t.opening.Unlock()
	if t.store == nil {
		return nil
	}
	return t.store.Rest()
}

// mend empties a damaged index, so that it is made anew, and returns what of the
// error is left to be told.
func (a *Account) mend(x *storage.SearchIndex, err error) error {
	if !errors.Is(err, storage.ErrCorrupt) {
		return err
	}
	a.backend.cfg.Log.Warn("search index is made anew", "account", a.name, "reason", err)
	if err := x.Erase(); err != nil {
		return err
	}
	a.backend.indexer.notice(a)
	return nil
}

// findText looks a folded text up, in the messages after one at least. What the index
// cannot tell is left open: an error of the index is logged, and makes a search slow,
// not wrong.
func (a *Account) findText(needle []byte, fields []terms.Field, after MessageID, more func() error) (*storage.Matches, error) {
	if a.backend.cfg.NoIndex {
		return &storage.Matches{}, nil
	}
	x, err := a.searchIndex()
	var m *storage.Matches
	if err == nil {
		m, err = x.Find(needle, fields, after, more)
	}
	if err == nil {
		return m, nil
	}
	if stopped := more(); stopped != nil {
		return nil, stopped
	}
	a.indexFailed(x, err)
	return &storage.Matches{}, nil
}

// indexFailed has an index that is damaged made anew, and logs other errors of one; x
// is nil if it could not be opened.
func (a *Account) indexFailed(x *storage.SearchIndex, err error) {
	if x != nil {
		err = a.mend(x, err)
	}
	if err != nil {
		a.trouble("search index", err)
	}
}

// knowsBeyond reports whether the index may know of messages above one.
func (a *Account) knowsBeyond(id MessageID) bool {
	x, err := a.searchIndex()
	return err == nil && x.Covered() > id
}
