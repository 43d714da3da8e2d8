// Package backend is mail as users see it: accounts and logging in, mailboxes,
// the index of each open mailbox in memory, the views through which sessions
// look at it, and who is woken when something changes.
//
// It knows no SQL (that is storage's) and no IMAP text (server's). Sequence
// numbers exist only in views. Every change goes through its account's writer,
// which answers once it is on disk. Backend and Account are safe for concurrent
// use; a View belongs to one goroutine.
package backend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"satchel/backend/extract"
)

// Config is what a backend needs to know.
type Config struct {
	Data        string        // the data folder
	AppendLimit int64         // largest message in bytes; 0 means 100 MiB
	IndexMemory int64         // bytes for indexes of mailboxes that nobody has open, and for sorting; 0 means 256 MiB
	KeepOpen    time.Duration // how long an unused account and index stay open; 0 means 10 minutes
	KeepGone    time.Duration // how long expunged messages can be brought back; 0 means 14 days, less only as long as views count them
	// KeepVanished is how long the UIDs of expunged messages are remembered; 0
	// means a year. A client that comes back later is told of more than it asked.
	KeepVanished time.Duration
	NoIndex      bool              // keep no search indexes: searches read the messages
	ReadFew      int               // a search among so many messages at most reads them, and asks no index; 0 means 16, -1 none
	Extract      []extract.Program // programs that find the text in attachments
	Annotations  map[string]string // the server's shared annotations (RFC 5464), by their entry in lower case
	Login        LoginConfig
	Quotas       QuotaConfig
	Log          *slog.Logger // nil discards
}

func (c *Config) setDefaults() {
	if c.AppendLimit == 0 {
		c.AppendLimit = 100 << 20
	}
	if c.IndexMemory == 0 {
		c.IndexMemory = 256 << 20
	}
	if c.KeepOpen == 0 {
		c.KeepOpen = 10 * time.Minute
	}
	if c.KeepGone == 0 {
		c.KeepGone = 14 * 24 * time.Hour
	}
	if c.KeepVanished == 0 {
		c.KeepVanished = 365 * 24 * time.Hour
	}
	if c.ReadFew == 0 {
		c.ReadFew = few
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
}

// Backend owns a data folder: one process at a time has it.
type Backend struct {
	cfg  Config
	lock *os.File
	dir  *directory

	annotations []AnnotationSize // of cfg, sorted
	indexer     indexer
	extractors  *extract.Programs
	meters      *meters
	served      *served
	quotas      atomic.Pointer[quotas]
	spools      spoolRoom

	limiting sync.Mutex // keeps accounts' own limits in memory as they are on disk

	wakeLost atomic.Pointer[func()] // of WakeLost
	dirLost  bool                   // the log knows that directory.db is not in its place; tidy's

	mu       sync.Mutex
	accounts map[string]*Account // by id; guarded by mu
	closed   bool                // guarded by mu

	ctx     context.Context // of the work in the background; ends when the backend closes
	stop    context.CancelFunc
	stopped sync.WaitGroup
}

// Open takes the data folder, making it if it is missing. ErrInUse names the
// process that has it.
func Open(cfg Config) (*Backend, error) {
	cfg.setDefaults()
	q, err := cfg.Quotas.prepare()
	if err != nil {
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	lock, err := Claim(cfg.Data)
	if err != nil {
		return nil, err
	}
	extractors, err := extract.New(cfg.Extract, filepath.Join(cfg.Data, "tmp"), cfg.Log)
	if err != nil {
		lock.Close()
		return nil, fmt.Errorf("open data folder: %w", err)
	}
	dir, err := openDirectory(cfg.Data, cfg.Login, cfg.Log, time.Now)
	if err != nil {
		lock.Close()
		return nil, err
	}
	b := &Backend{cfg: cfg, lock: lock, dir: dir, accounts: map[string]*Account{}, extractors: extractors, meters: newMeters()}
	b.ctx, b.stop = context.WithCancel(context.Background())
	b.served = newServed(filepath.Join(cfg.Data, "served"), time.Now())
	b.quotas.Store(q)
	b.spools.dir = filepath.Join(cfg.Data, "tmp")
	b.indexer.wake, b.indexer.turn = make(chan struct{}, 1), extractTurn
	for entry, value := range cfg.Annotations {
		b.annotations = annotated(b.annotations, entry, len(value))
	}
	b.stopped.Go(b.tidy)
	if !cfg.NoIndex {
		b.stopped.Go(b.indexMail)
	}
	return b, nil
}

// AppendLimit is the largest message in bytes (RFC 7889).
func (b *Backend) AppendLimit() int64 { return b.cfg.AppendLimit }

// Close waits for changes under way, closes all files and gives the folder free.
// Views and accounts still in use fail from then on.
func (b *Backend) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	open := b.accounts
	b.accounts = map[string]*Account{}
	b.mu.Unlock()
	b.stop()
	b.extractors.Close()
	b.stopped.Wait()
	b.served.note(time.Now(), b.cfg.Log)
	var errs []error
	for _, a := range open {
		a.opening.Do(func() { a.err = ErrClosed }) // one that is being opened is waited for
		if a.err == nil && a.closing == nil {      // else it is closed by now
			errs = append(errs, a.close())
		}
	}
	errs = append(errs, b.dir.close(), b.lock.Close())
	return errors.Join(errs...)
}

// Account opens an account's mail by its permanent id, or shares it if it is
// open and still the one that is there. Release it when done.
func (b *Backend) Account(id, name string) (*Account, error) {
	for {
		a, err := b.use(id, name)
		if err != nil {
			return nil, err
		}
		opened := false
		a.opening.Do(func() { a.err, opened = a.open(), true })
		if opened || a.err != nil || !a.lostBy(a.mail.InPlace()) {
			return b.began(a)
		}
		a.Release() // and wait until the next one can be opened
	}
}

// began ends the opening of an account.
func (b *Backend) began(a *Account) (*Account, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.err == nil {
		if !a.ready {
			a.ready = true
			b.indexer.notice(a) // what arrived before may not be indexed
		}
		return a, nil
	}
	a.uses--
	if b.accounts[a.id] == a {
		delete(b.accounts, a.id) // so that the next one tries again
	}
	return nil, a.err
}

// use counts a use of an account, after waiting for one that is being closed.
func (b *Backend) use(id, name string) (*Account, error) {
	for {
		b.mu.Lock()
		if b.closed {
			b.mu.Unlock()
			return nil, ErrClosed
		}
		a := b.accounts[id]
		if a == nil {
			a = &Account{backend: b, id: id, name: name, reading: make(chan struct{}, 1)}
			b.accounts[id] = a
		}
		if a.closing == nil {
			a.uses++
			b.mu.Unlock()
			return a, nil
		}
		b.mu.Unlock()
		<-a.closing
	}
}

// hold counts a use of an account that is open, unless it is being closed.
func (b *Backend) hold(a *Account) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !a.ready || a.closing != nil || b.closed {
		return false
	}
	a.uses++
	return true
}
