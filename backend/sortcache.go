package backend

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"satchel/backend/message"
)

// sortCache holds in memory what SORT and THREAD compare of the messages of an open
// mailbox. A column is made when it is first asked for, and grows with the mailbox;
// messages that are gone stay in it until they are half of all. Sorting then
// compares numbers: each message has the rank of its text among all texts.
type sortCache struct {
	mu      sync.Mutex
	uids    []UID // of the messages held, ascending; guarded by mu, as all that follows
	msgs    []MessageID
	dates   []int64 // INTERNALDATE
	sizes   []uint32
	columns [sortColumns]column
	threads threadColumn

	bytes atomic.Int64 // about what it takes
	used  atomic.Int64 // when last, in Unix nanoseconds
}

// sortColumns is the number of sort keys that have a column.
const sortColumns = int(SortDisplayTo) + 1

// sortBatch is how many messages' keys are read at once.
const sortBatch = 1024

// sortKeys is the mailbox's cache, made when there is none.
func (m *mailbox) sortKeys() *sortCache {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sort == nil {
		m.sort = new(sortCache)
	}
	return m.sort
}

// needs is a set of columns, by their sort keys, and threadNeed.
type needs uint16

const threadNeed needs = 1 << sortColumns

func (n needs) has(k SortKey) bool { return n&(1<<k) != 0 }

// maxMade is after how many keys that had to be made they are put away.
const maxMade = 4 * sortBatch

// load sees to it that the cache has the columns needed for all messages of a view,
// or for more of them than before. Callers hold mu. It returns the keys that had to
// be made, for keepSortKeys.
func (c *sortCache) load(ctx context.Context, v *View, need needs) (made []madeKeys, done bool, err error) {
	c.follow(v)
	for from := c.start(need); from < len(c.uids); {
		if err := ctx.Err(); err != nil || len(made) >= maxMade {
			return made, false, err
		}
		to := min(from+sortBatch, len(c.uids))
		var keys []message.SortKeys
		if need&^(1<<SortArrival|1<<SortSize) != 0 {
			if keys, err = c.read(v, from, to, &made); err != nil {
				return made, false, err
			}
		}
		c.take(need, from, to, keys)
		from = to
	}
	c.rank(need)
	c.bytes.Store(c.size())
	return made, true, nil
}

// follow takes the view's messages in. A message among those held that is not held
// means that the view counts some that were gone when the others were taken in: the
// cache begins again, as it does when most of it is gone.
func (c *sortCache) follow(v *View) {
	held := 0
	if n := len(c.uids); n > 0 {
		held, _ = slices.BinarySearch(v.uids, c.uids[n-1]+1)
	}
	if len(c.uids) > 2*len(v.uids)+sortBatch || !containsAll(c.uids, v.uids[:held]) {
		c.reset()
		held = 0
	}
	rows := make([]Row, 0, min(MaxBatch, len(v.uids)-held))
	rest := v.All().Slice(held, len(v.uids))
	for from := 0; from < rest.Len(); from += MaxBatch {
		for _, r := range v.Rows(rest, from, MaxBatch, rows[:0]) {
			c.uids, c.msgs = append(c.uids, r.UID), append(c.msgs, r.Message)
			c.dates, c.sizes = append(c.dates, r.Date), append(c.sizes, r.Size)
		}
	}
}

func (c *sortCache) reset() {
	c.uids, c.msgs, c.dates, c.sizes = nil, nil, nil, nil
	c.columns, c.threads = [sortColumns]column{}, threadColumn{}
}

// containsAll reports whether all of the ascending UIDs in some are in all.
func containsAll(all, some []UID) bool {
	if len(all) == len(some) {
		return slices.Equal(all, some)
	}
	for _, uid := range some {
		for len(all) > 0 && all[0] < uid {
			all = all[1:]
		}
		if len(all) == 0 || all[0] != uid {
			return false
		}
	}
	return true
}

// start is the first place that a column needed lacks.
func (c *sortCache) start(need needs) int {
	from := len(c.uids)
	for k := range c.columns {
		if need.has(SortKey(k)) {
			from = min(from, c.columns[k].taken())
		}
	}
	if need&threadNeed != 0 {
		from = min(from, len(c.threads.own))
	}
	return from
}

// take puts the values of the messages in [from, to) into the columns that lack
// them.
func (c *sortCache) take(need needs, from, to int, keys []message.SortKeys) {
	for k := range c.columns {
		if !need.has(SortKey(k)) {
			continue
		}
		for i := max(from, c.columns[k].taken()); i < to; i++ {
			c.columns[k].add(func(dst []byte) []byte { return c.appendValue(dst, SortKey(k), i, keys, i-from) })
		}
	}
	if need&threadNeed != 0 {
		for i := max(from, len(c.threads.own)); i < to; i++ {
			c.threads.add(keys[i-from])
		}
	}
}

func (c *sortCache) rank(need needs) {
	for k := range c.columns {
		if need.has(SortKey(k)) {
			c.columns[k].rankAdded()
		}
	}
}

func (c *sortCache) size() int64 {
	n := int64(cap(c.uids))*(4+8+8+4) + c.threads.size()
	for k := range c.columns {
		n += c.columns[k].size()
	}
	return n
}

// withSortKeys calls f with the cache of the view's mailbox, loaded and locked.
func (v *View) withSortKeys(ctx context.Context, need needs, f func(*sortCache)) error {
	c := v.mailbox.sortKeys()
	for done := false; !done; {
		var made []madeKeys
		var err error
		made, done, err = c.use(ctx, v, need, f)
		v.account.keepSortKeys(made)
		if err != nil {
			return fmt.Errorf("sort %q: %w", v.Name(), err)
		}
	}
	return nil
}

// use loads the cache, or more of it, and calls f once that is done.
func (c *sortCache) use(ctx context.Context, v *View, need needs, f func(*sortCache)) ([]madeKeys, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used.Store(time.Now().UnixNano())
	made, done, err := c.load(ctx, v, need)
	if !done {
		return made, false, err
	}
	f(c)
	if c.bytes.Load() > v.account.backend.cfg.IndexMemory/4 {
		c.reset()
		c.bytes.Store(0)
	}
	return made, true, nil
}
