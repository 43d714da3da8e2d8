package backend

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"satchel/storage"
)

// Account is one person's mail. It is safe for concurrent use; Release it when
// done.
type Account struct {
	backend *Backend
	id      string
	name    string
	mail    *storage.Mail
	objects string // in every object identifier of the account
	writer  writer
	texts   textIndex
	answers answers
	reading chan struct{} // has room for one: the search that reads a message

	mu         sync.RWMutex
	byName     map[string]*mailbox            // guarded by mu
	byID       map[storage.MailboxID]*mailbox // guarded by mu
	subscribed map[string]bool                // guarded by mu
	listing    []MailboxInfo                  // cached List, nil when stale; guarded by mu

	watches []*Watch // guarded by mu
	stamp   uint64   // counts the commits that changed mailboxes or annotations; guarded by mu
	newest  *mailbox // that changed last; guarded by mu
	notes   notes    // which annotations changed last; guarded by mu

	annotations     []AnnotationSize // of the server, sorted, never changed in place; guarded by mu
	annotationCount int              // of the server and all mailboxes; guarded by mu

	usage Usage      // of all mailboxes, as of the last commit; guarded by mu
	own   Limits     // set for this account; guarded by mu
	told  quotaLevel // to the log; guarded by mu

	purgedAt, forgotAt, retriedAt time.Time // tidy's, like the next two
	seenCommits, settledAt        uint64

	expunged, expungedBytes atomic.Int64 // kept, as tidy last saw it

	opening sync.Once
	err     error         // of opening
	ready   bool          // opened; guarded by backend.mu
	uses    int           // guarded by backend.mu
	idle    time.Time     // since when uses is 0; guarded by backend.mu
	closing chan struct{} // being closed for want of use, until it is closed; guarded by backend.mu
}

// standardMailboxes is what a new account has besides INBOX (RFC 6154, 2).
var standardMailboxes = []struct{ name, use string }{
	{"INBOX", ""}, {"Drafts", `\Drafts`}, {"Sent", `\Sent`}, {"Junk", `\Junk`}, {"Trash", `\Trash`}, {"Archive", `\Archive`},
}

// ID is the account's permanent id, Name the name it logs in with.
func (a *Account) ID() string { return a.id }

// Name is the account's name.
func (a *Account) Name() string { return a.name }

// Release ends one use of the account. Its files stay open for a while.
func (a *Account) Release() {
	b := a.backend
	b.mu.Lock()
	defer b.mu.Unlock()
	a.uses--
	if a.uses == 0 {
		a.idle = time.Now()
	}
}

// open brings the account's mailboxes into memory; a new account gets its
// standard ones.
func (a *Account) open() error {
	dir := filepath.Join(a.backend.cfg.Data, "accounts", a.id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("open account %s: %w", a.name, err)
	}
	mail, err := storage.OpenMail(filepath.Join(dir, "mail.db"))
	if err != nil {
		return fmt.Errorf("open account %s: %w", a.name, err)
	}
	a.mail = mail
	rows, subscribed, err := mail.Mailboxes()
	if err == nil && len(rows) == 0 {
		if err = a.furnish(); err == nil {
			rows, subscribed, err = mail.Mailboxes()
		}
	}
	var objects uint64
	if err == nil {
		objects, err = mail.Objects()
	}
	if err == nil {
		a.texts.stored, err = mail.LastMessage()
	}
	if err != nil {
		mail.Close()
		return fmt.Errorf("open account %s: %w", a.name, err)
	}
	a.objects = strconv.FormatUint(objects, 36)
	a.byName, a.byID = map[string]*mailbox{}, map[storage.MailboxID]*mailbox{}
	for _, row := range rows {
		a.enter(row)
		a.usage = a.usage.Plus(row.Usage())
	}
	a.subscribed = map[string]bool{}
	for _, name := range subscribed {
		a.subscribed[name] = true
	}
	if err := errors.Join(a.loadAnnotations(), a.loadLimits()); err != nil {
		mail.Close()
		return fmt.Errorf("open account %s: %w", a.name, err)
	}
	return nil
}

// furnish makes the mailboxes of a new account, subscribed.
func (a *Account) furnish() error {
	tx, err := a.mail.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, m := range standardMailboxes {
		if _, err := tx.CreateMailbox(m.name, m.use, 0); err != nil {
			return err
		}
		if err := tx.SetSubscribed(m.name, true); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// enter adds a mailbox to the maps. Callers hold mu or are alone.
func (a *Account) enter(row storage.Mailbox) *mailbox {
	m := &mailbox{account: a, id: row.ID, row: row}
	a.byName[row.Name], a.byID[row.ID] = m, m
	return m
}

// mailbox finds a mailbox by its name, which need not be in canonical form.
func (a *Account) mailbox(name string) (*mailbox, error) {
	canonical, err := canonicalName(name)
	if err != nil {
		return nil, fmt.Errorf("mailbox %q: %w", name, ErrNotFound)
	}
	if canonical == "" {
		return nil, fmt.Errorf("mailbox %q: %w", name, ErrInvalidName)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if m := a.byName[canonical]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("mailbox %q: %w", name, ErrNotFound)
}

// publish brings the mailboxes in memory in step with a commit: counters, new
// names, new mailboxes, and the usage by what it has grown. It runs in the
// writer's lane.
func (a *Account) publish(rows []storage.Mailbox, grown Usage) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stamp++
	a.usage = a.usage.Plus(grown)
	for _, row := range rows {
		m := a.byID[row.ID]
		if m == nil {
			m = a.enter(row)
			a.stampRow(m, &storage.Mailbox{UIDNext: 1, ModSeq: row.ModSeq}, &row)
			a.listing = nil
			continue
		}
		m.mu.Lock()
		if m.row.Name != row.Name {
			if a.byName[m.row.Name] == m {
				delete(a.byName, m.row.Name)
			}
			a.byName[row.Name] = m
			a.listing = nil
		}
		if m.row.SpecialUse != row.SpecialUse {
			a.listing = nil
		}
		a.stampRow(m, &m.row, &row)
		row.Recent = max(row.Recent, m.row.Recent)
		m.row = row
		m.mu.Unlock()
	}
}

func (a *Account) wakeTouched(rows []storage.Mailbox) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, row := range rows {
		if m := a.byID[row.ID]; m != nil {
			m.wake()
		}
	}
}

// mailboxes is a snapshot of all.
func (a *Account) mailboxes() []*mailbox {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return slices.Collect(maps.Values(a.byID))
}

// keepRecent writes down which messages have been claimed as \Recent. Until
// then a crash makes them recent once more, which RFC 3501, 2.3.2 allows.
func (a *Account) keepRecent() error {
	var dirty []*mailbox
	for _, m := range a.mailboxes() {
		m.mu.Lock()
		if m.recentDirty && !m.gone {
			dirty = append(dirty, m)
		}
		m.recentDirty = false
		m.mu.Unlock()
	}
	if len(dirty) == 0 {
		return nil
	}
	return a.write(&change{run: func(tx *storage.Tx) error {
		for _, m := range dirty {
			m.mu.RLock()
			recent := m.row.Recent
			m.mu.RUnlock()
			if err := tx.SetRecent(m.id, recent); err != nil {
				return err
			}
		}
		return nil
	}})
}

// trouble logs what went wrong in the background. Of an account that was removed
// meanwhile nothing is said: its files are gone.
func (a *Account) trouble(what string, err error) {
	if !a.writer.ended() {
		a.backend.cfg.Log.Error(what, "account", a.name, "error", err)
	}
}

// close writes what is left and closes the files. Nobody uses the account.
func (a *Account) close() error {
	if a.mail == nil {
		return nil
	}
	err := a.keepRecent()
	if errors.Is(err, ErrClosed) { // it was removed
		err = nil
	}
	a.writer.close()
	return errors.Join(err, a.texts.rest(), a.mail.Close())
}
