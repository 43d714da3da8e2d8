package storage

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/mattn/go-sqlite3"

	"satchel/storage/terms"
)

// SearchIndex is one account's search.db: which terms are in which messages of its mail.db. It is made from there and
// can be made anew: a file that is damaged, of another mail.db or of other rules is replaced by an empty one. Its
// methods may be called concurrently.
type SearchIndex struct {
	path     string
	identity string

	writing sync.Mutex // held while the file is being changed
	write   *conn      // nil until it is needed; guarded by writing
	readers

	using    sync.RWMutex // held for reading while blocks are being looked up
	segments []segment    // in use, in order; guarded by using
}

const searchPageSize = 16384

// searchOptions are those of the connection that writes.
var searchOptions = connOptions{pageSize: searchPageSize, cache: readCache, create: true, derived: true}

// OpenSearchIndex opens the search.db at path. identity names the mail.db that it belongs to and the rules by which
// texts are made; a file with another one is replaced. replaced says why a file was, nil if none was.
func OpenSearchIndex(path, identity string) (x *SearchIndex, replaced, err error) {
	x = &SearchIndex{path: path, identity: identity, readers: newReaders(path, searchOptions)}
	x.writing.Lock()
	defer x.writing.Unlock()
	err = x.load()
	if err != nil && useless(err) {
		replaced, err = err, x.replace()
	}
	if err != nil {
		x.closeAll()
		return nil, replaced, fmt.Errorf("open the search index: %w", err)
	}
	return x, replaced, nil
}

// ErrErased says that a search index was erased while something was made for it.
var ErrErased = errors.New("the search index was erased meanwhile")

var errOtherMail = errors.New("search index of other mail, or made in another way")

// useless reports whether an error is about what is in the file, and so would come again: damage, missing tables or
// columns, or rows that cannot be.
func useless(err error) bool {
	var e sqlite3.Error
	return errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNewerSchema) || errors.Is(err, errOtherMail) ||
		errors.As(err, &e) && (e.Code == sqlite3.ErrError || e.Code == sqlite3.ErrConstraint)
}

// load reads what the file has. Callers hold writing.
func (x *SearchIndex) load() error {
	c, err := x.writer()
	if err != nil {
		return err
	}
	if err := c.exec("INSERT OR IGNORE INTO meta (key, value) VALUES ('identity', ?)", x.identity); err != nil {
		return err
	}
	identity := ""
	if err := c.queryRow("SELECT value FROM meta WHERE key = 'identity'", func(r row) { identity = r.text(0) }); err != nil {
		return err
	}
	if identity != x.identity {
		return errOtherMail
	}
	segments, err := readSegments(c)
	if err != nil {
		return err
	}
	x.using.Lock()
	x.segments = segments
	x.using.Unlock()
	return x.eraseLeftovers(c)
}

// writer is the connection that writes. Callers hold writing.
func (x *SearchIndex) writer() (*conn, error) {
	if x.write != nil {
		return x.write, nil
	}
	c, err := openConn(x.path, searchOptions)
	if err != nil {
		return nil, err
	}
	if err = migrate(c, "search"); err == nil {
		err = verify(c, x.segments) // which change only while writing is held
	}
	if err != nil {
		c.close()
		return nil, err
	}
	x.write = c
	return c, nil
}

// replace puts an empty file in the place of this one. Callers hold writing.
func (x *SearchIndex) replace() error {
	x.using.Lock()
	defer x.using.Unlock()
	x.segments = nil
	x.closeAll() // whatever is wrong with the file goes with it
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(x.path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	c, err := x.writer()
	if err != nil {
		return err
	}
	return c.exec("INSERT INTO meta (key, value) VALUES ('identity', ?)", x.identity)
}

// Erase makes the index empty, so that it is made anew.
func (x *SearchIndex) Erase() error {
	x.writing.Lock()
	defer x.writing.Unlock()
	if err := x.replace(); err != nil {
		return fmt.Errorf("erase the search index: %w", err)
	}
	return nil
}

// Covered is the highest message that the index knows; it knows all below it.
func (x *SearchIndex) Covered() MessageID {
	x.using.RLock()
	defer x.using.RUnlock()
	return covered(x.segments)
}

func covered(segments []segment) MessageID {
	if n := len(segments); n > 0 {
		return segments[n-1].last
	}
	return 0
}

// Rest gives connections and memory back until the index is used again. It does nothing while the index is being changed.
func (x *SearchIndex) Rest() error {
	if !x.writing.TryLock() {
		return nil
	}
	defer x.writing.Unlock()
	if x.write == nil {
		return x.closeReaders()
	}
	return errors.Join(x.write.exec("PRAGMA wal_checkpoint(TRUNCATE)"), x.closeAll())
}

func (x *SearchIndex) closeAll() error {
	err := x.closeReaders()
	if x.write != nil {
		err = errors.Join(err, x.write.close())
	}
	x.write = nil
	return err
}

// Matches is what the index knows of a text. Messages up to Covered that are in neither set do not have it.
type Matches struct {
	Covered  MessageID
	Sure     terms.Set // messages that have it
	Possible terms.Set // messages that may have it
}

// Find looks a folded text up in fields: a message matches when one of them has it. What concerns only messages up to
// after may be left out: the caller knows of them. more is called now and then, with only Erase locked out; its error
// ends the search. ErrCorrupt when the file is damaged.
func (x *SearchIndex) Find(needle []byte, fields []terms.Field, after MessageID, more func() error) (*Matches, error) {
	f := terms.NewFinder(needle)
	if f.Any() {
		return &Matches{}, nil
	}
	x.using.RLock()
	defer x.using.RUnlock()
	m := &Matches{Covered: covered(x.segments)}
	into := &m.Possible
	if f.Exact() {
		into = &m.Sure
	}
	for i := range x.segments {
		s := &x.segments[i]
		if s.last <= after {
			continue
		}
		for _, id := range s.opaque {
			m.Possible.Add(id)
		}
		for _, field := range fields {
			if err := more(); err != nil {
				return nil, err
			}
			if err := x.read(func(c *conn) error { return s.find(c, f, field) }); err != nil {
				return nil, fmt.Errorf("look up in the search index: %w", x.spoiled(err))
			}
			f.Take(into)
		}
	}
	return m, nil
}

// Segments is how many segments there are.
func (x *SearchIndex) Segments() int { return len(x.snapshot()) }

// Size is the bytes of the file, when its log is folded into it.
func (x *SearchIndex) Size() (n int64, err error) {
	x.using.RLock() // or the connection would outlive a file that is replaced
	defer x.using.RUnlock()
	err = x.read(func(c *conn) error {
		n, err = c.queryInt("PRAGMA page_count")
		return err
	})
	return n * searchPageSize, err
}

// snapshot is the segments as they are now.
func (x *SearchIndex) snapshot() []segment {
	x.using.RLock()
	defer x.using.RUnlock()
	return slices.Clone(x.segments)
}
