package backup

import (
	"os"

	"satchel/storage"
)

// Bounds of what is copied in one transaction, and of a pack, in bytes: an interrupted run loses one pack at most.
const (
	batchBytes = 4 << 20
	packBytes  = 256 << 20
)

// fewMessages are those that are expected to fit into a small pack.
const fewMessages = 64

// copying brings an account's messages into packs, and its state into a file.
type copying struct {
	*job
	name    string
	from    *storage.Copier
	to      *lineage
	through storage.MessageID // all up to here are in packs

	pack  string // being written, "" for none
	span  span   // of it
	count storage.PackCount
}

// copy copies the messages first, in short transactions, and then the state with what has come meanwhile, in one.
func (c *copying) copy(state string) error {
	last, _, err := c.from.LastMessage()
	if err != nil {
		return source(err)
	}
	gaps := c.to.gaps(last)
	todo := int64(0)
	for _, g := range gaps {
		todo += int64(g.last-g.first) + 1
	}
	c.watch.Account(c.name, todo)
	for i, g := range gaps {
		if err := c.fill(g); err != nil {
			return err
		}
		if i+1 < len(gaps) || g.last < last {
			if err := c.end(); err != nil {
				return err
			}
		}
	}
	c.through = max(last, c.to.last())
	return c.finish(state)
}

// fill copies the messages of a gap. The last pack of it stays open.
func (c *copying) fill(g span) error {
	for after := g.first - 1; after < g.last; {
		if err := c.start(after+1, g.last-after <= fewMessages); err != nil {
			return err
		}
		n, done, err := c.from.CopyMessages(c.ctx, after, g.last, batchBytes)
		if err != nil {
			return source(err)
		}
		c.counted(n, done)
		after = done
		if c.count.Bytes >= packBytes {
			if err := c.end(); err != nil {
				return err
			}
		}
	}
	return nil
}

// finish copies the state, and the messages that have come since the last was found.
func (c *copying) finish(state string) error {
	if err := c.start(c.through+1, true); err != nil {
		return err
	}
	n, last, err := c.from.CopyState(c.ctx, state, c.through)
	if err != nil {
		return source(err)
	}
	c.counted(n, last)
	c.through = last
	return c.end()
}

// start begins a pack, unless one is open.
func (c *copying) start(first storage.MessageID, small bool) error {
	if c.pack != "" {
		return nil
	}
	c.pack = c.r.file("tmp/new.pack")
	if err := os.RemoveAll(c.pack); err != nil {
		return err
	}
	c.span, c.count = span{first, first - 1}, storage.PackCount{}
	return source(c.from.StartPack(c.pack, small))
}

func (c *copying) counted(n storage.PackCount, done storage.MessageID) {
	c.span.last = done
	c.count.Messages += n.Messages
	c.count.Bytes += n.Bytes
	c.watch.Copied(n)
}

// end completes the open pack, if there is one, compares what the disk has of it with the mail.db, and adds it to the
// lineage unless it is empty.
func (c *copying) end() error {
	if c.pack == "" {
		return nil
	}
	pack := c.pack
	c.pack = ""
	if err := c.from.EndPack(); err != nil {
		return err
	}
	if c.count.Messages == 0 {
		return os.Remove(pack)
	}
	if err := settle(pack); err != nil {
		return err
	}
	if err := c.from.ComparePack(pack); err != nil {
		return err
	}
	p, err := c.to.add(pack, c.span, c.count)
	c.run.Added.Messages += p.Count.Messages
	c.run.Added.Bytes += p.Size
	return err
}
