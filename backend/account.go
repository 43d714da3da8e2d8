package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
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

	// step is held while memory is brought in step with a commit: views see all of
	// one or nothing.
	step sync.RWMutex

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
	closing chan struct{} // being closed, for want of use or because it is lost, until it is closed; guarded by backend.mu
	givenUp atomic.Bool   // its file is not in its place
}

// standardMailboxes is what a new account has besides INBOX (RFC 6154, 2).
var standardMailboxes = []struct{ name, use string }{
	{"INBOX", ""}, {"Drafts", `\Drafts`}, {"Sent", `\Sent`}, {"Junk", `\Junk`}, {"Trash", `\Trash`}, {"Archive", `\Archive`},
}

// ID is the account's permanent id, which is also the name of its folder.
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

// open opens the account's files and brings its mailboxes into memory; a new
// account gets its standard ones.
func (a *Account) open() error {
	err := a.openMail()
	if err == nil {
		if err = a.load(); err != nil {
			a.mail.Close()
		}
	}
	if err != nil {
		err = fmt.Errorf("open account %s: %w", a.name, err)
		if errors.Is(err, fs.ErrPermission) {
			err = fmt.Errorf("%w; its files must be those of the user that satchel runs as (chown)", err)
		}
	}
	return err
}

func (a *Account) openMail() error {
	d := a.backend.dir
	path := d.mailFile(a.id)
	err := d.missing(a.id)
	if err == nil {
		err = storage.MakeFolder(filepath.Dir(path))
	}
	if err == nil {
		a.mail, err = storage.OpenMail(path)
	}
	if err != nil {
		return err
	}
	if err := d.noteMail(a.id); err != nil {
		return errors.Join(err, a.mail.Close())
	}
	a.mail.SetServed(a.backend.served.at(time.Now()))
	return nil
}

// load reads what is in memory of an account for as long as it is open.
func (a *Account) load() error {
	rows, subscribed, err := a.stored()
	if err != nil {
		return err
	}
	objects, err := a.mail.Objects()
	if err != nil {
		return err
	}
	if a.texts.stored, err = a.mail.LastMessage(); err != nil {
		return err
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
	return errors.Join(a.loadAnnotations(), a.loadLimits())
}

// stored gives the account's mailboxes and the names subscribed to.
func (a *Account) stored() (rows []storage.Mailbox, subscribed []string, err error) {
	rows, subscribed, err = a.mail.Mailboxes()
	if err != nil || len(rows) > 0 {
		return rows, subscribed, err
	}
	if err := a.furnish(); err != nil {
		return nil, nil, err
	}
	return a.mail.Mailboxes()
}

// furnish makes the mailboxes of a new account, subscribed.
func (a *Account) furnish() error {
	tx, err := a.mail.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, m := range standardMailboxes {
		if _, err := tx.CreateMailbox(m.name, m.use); err != nil {
			return err
		}
		if err := tx.SetSubscribed(m.name, true); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// trouble logs what went wrong in the background. Of an account that was removed
// meanwhile nothing is said: its files are gone.
func (a *Account) trouble(what string, err error) {
	if !a.writer.ended() {
		a.backend.cfg.Log.Error(what, "account", a.name, "error", err)
	}
}

// close writes what is left, waits for changes under way and closes the files. The
// account has been opened.
func (a *Account) close() error {
	err := a.keepRecent()
	if errors.Is(err, ErrClosed) || errors.Is(err, ErrReplaced) { // it was removed, or is lost
		err = nil
	}
	a.writer.close()
	return errors.Join(err, a.texts.rest(), a.mail.Close())
}
