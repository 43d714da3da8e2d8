package backend

import (
	"context"
	"errors"
	"time"

	"satchel/backend/extract"
	"satchel/backend/message"
	"satchel/storage"
)

const (
	maxExtracted = 20               // attachments of a message; those that follow have no text
	extractTurn  = 10 * time.Second // spent on running programs, after which the index of another account has its turn
)

// attached finds the texts of attachments, one message after the other: those that
// are kept, and otherwise by running programs. Whoever is first to need a text has
// it kept for the others.
type attached struct {
	account *Account
	use     extract.Use
	ctx     context.Context // ends the programs
	spent   time.Duration   // on running them

	message MessageID
	count   int   // attachments of the message so far
	err     error // why the texts of the message are not all known
}

// extract is what message.Scratch is given; nil if no programs are configured.
func (t *attached) extract() func(dst []byte, a *message.Attachment) []byte {
	if !t.account.backend.extractors.Any() {
		return nil
	}
	return t.text
}

// begin begins a message.
func (t *attached) begin(id MessageID) { t.message, t.count, t.err = id, 0, nil }

// tired reports whether it is another account's turn to be indexed.
func (t *attached) tired() bool { return t.spent >= t.account.backend.indexer.turn }

// text appends the text of an attachment of the message.
func (t *attached) text(dst []byte, a *message.Attachment) []byte {
	x := t.account.backend.extractors
	if !x.Handles(string(a.Type)) || t.count == maxExtracted || t.err != nil {
		return dst
	}
	t.count++
	store := t.store()
	if store != nil {
		kept, err := store.AppendExtract(dst, t.message, a.At)
		if err == nil {
			return kept
		}
		if !errors.Is(err, ErrNotFound) {
			t.account.indexFailed(store, err)
		}
	}
	began := time.Now()
	text, err := x.Run(t.ctx, t.use, string(a.Type), a, dst)
	t.spent += time.Since(began)
	if errors.Is(err, extract.ErrClosed) {
		err = ErrClosed
	}
	if err != nil {
		t.err = err
		return dst
	}
	if store != nil {
		t.account.indexFailed(store, store.KeepExtract(t.message, a.At, text[len(dst):], t.use == extract.ToIndex))
	}
	return text
}

// store is where texts are kept; nil if they are not.
func (t *attached) store() *storage.SearchIndex {
	if t.account.backend.cfg.NoIndex {
		return nil
	}
	store, err := t.account.searchIndex()
	t.account.indexFailed(nil, err)
	return store
}
