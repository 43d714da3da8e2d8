package storage

import (
	"context"
	"fmt"
)

// Needs collects which messages states need, and finds them in packs. Used by one goroutine.
type Needs struct{ c *conn }

// NewNeeds begins with none.
func NewNeeds() (*Needs, error) {
	c, err := openMemory("needed messages")
	if err != nil {
		return nil, err
	}
	return &Needs{c}, c.script(makeNeeded)
}

const makeNeeded = "CREATE TEMP TABLE needed (id INTEGER PRIMARY KEY); CREATE TEMP TABLE found (id INTEGER PRIMARY KEY, size INTEGER)"

// Close forgets them.
func (n *Needs) Close() error { return n.c.close() }

// Add adds what a state needs.
func (n *Needs) Add(state string) error {
	return n.c.with(state, "state", func() error { return n.c.noteNeeded("state") })
}

// noteNeeded notes the messages that have entries, or are kept although they have none any more.
func (c *conn) noteNeeded(schema string) error {
	return c.script(fmt.Sprintf(`INSERT OR IGNORE INTO temp.needed SELECT message FROM %s.entry;
		INSERT OR IGNORE INTO temp.needed SELECT message FROM %[1]s.orphan`, schema))
}

// Find notes which messages a pack has.
func (n *Needs) Find(pack string) error {
	return n.c.with(pack, "pack", func() error {
		return n.c.script("INSERT OR IGNORE INTO temp.found SELECT id, size FROM pack.message")
	})
}

// Missing counts the messages that a state needs and no pack has, or with another size.
func (n *Needs) Missing(state string) (missing int64, err error) {
	err = n.c.with(state, "state", func() (err error) {
		missing, err = n.c.queryInt(`SELECT (SELECT count(*) FROM state.entry e LEFT JOIN temp.found f ON f.id = e.message
			WHERE f.size IS NOT e.size) + (SELECT count(*) FROM state.orphan WHERE message NOT IN (SELECT id FROM temp.found))`)
		return err
	})
	return missing, err
}

// Unneeded counts the messages of a pack that are not needed.
func (n *Needs) Unneeded(pack string) (count PackCount, err error) {
	err = n.c.with(pack, "pack", func() error {
		return n.c.queryRow("SELECT count(*), coalesce(sum(size), 0) FROM pack.message WHERE id NOT IN temp.needed",
			func(r row) { count = PackCount{r.int(0), r.int(1)} })
	})
	return count, err
}

// Repack puts those messages of packs that are needed into a new pack at path, as MergePacks does.
func (n *Needs) Repack(ctx context.Context, path string, packs []string, small bool) (PackCount, error) {
	return n.c.repack(ctx, path, packs, small, true)
}

// MergePacks puts the messages of packs, given in the order of their IDs, into a new one at path, of which small says that
// it will be one of a few messages. It has the tables of the last: columns that came later are NULL in older messages.
func MergePacks(ctx context.Context, path string, packs []string, small bool) (PackCount, error) {
	c, err := openMemory(path)
	if err != nil {
		return PackCount{}, err
	}
	defer c.close()
	return c.repack(ctx, path, packs, small, false)
}

func (c *conn) repack(ctx context.Context, path string, packs []string, small, neededOnly bool) (n PackCount, err error) {
	if err := c.attachNew(path, "target", pageSizeOf(small)); err != nil {
		return n, err
	}
	defer c.detach("target")
	err = c.with(packs[len(packs)-1], "pack", func() error { return c.messageTablesLike("pack", "target") })
	for _, pack := range packs {
		if err == nil {
			err = c.with(pack, "pack", func() error { return c.copyPack(ctx, "target", neededOnly, func(PackCount) {}) })
		}
	}
	if err == nil {
		err = c.script(fmt.Sprintf(packIndex, "target"))
	}
	if err == nil {
		err = c.queryRow("SELECT count(*), coalesce(sum(size), 0) FROM target.message",
			func(r row) { n = PackCount{r.int(0), r.int(1)} })
	}
	return n, wrapWriting(path, err)
}

// copyBytes is how much is copied before a look at whether to go on.
const copyBytes = 32 << 20

// copyPack copies the messages of the attached pack, and tells how many it has gone through.
func (c *conn) copyPack(ctx context.Context, to string, neededOnly bool, each func(PackCount)) error {
	last, err := c.queryInt("SELECT coalesce(max(id), 0) FROM pack.message")
	if err != nil {
		return err
	}
	for after := MessageID(0); after < MessageID(last); {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, done, err := c.copySome("pack", to, after, MessageID(last), copyBytes, neededOnly)
		if err != nil {
			return err
		}
		each(n)
		after = done
	}
	return nil
}
