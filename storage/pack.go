package storage

import (
	"context"
	"fmt"
)

// PackCount says how much is in a pack, or has been added to it.
type PackCount struct {
	Messages int64
	Bytes    int64 // RFC822.SIZE of all
}

// packIndex answers which messages a pack has, and how large they are, without a look at their rows.
const packIndex = "CREATE INDEX %s.message_sizes ON message (id, size)"

// Pages of a pack: an archive of years is read best in large ones, and one of a few letters is mostly what its last
// pages leave unused.
func pageSizeOf(small bool) int {
	if small {
		return 1024
	}
	return mailPageSize
}

// StartPack makes a pack at path, of which small says that it will be one of a few messages. Its tables are those of the
// mail.db.
func (k *Copier) StartPack(path string, small bool) error {
	if err := k.c.attachNew(path, "pack", pageSizeOf(small)); err != nil {
		return err
	}
	k.pack = path
	return wrapWriting(path, k.c.messageTablesLike("live", "pack"))
}

// CopyMessages adds to the pack the messages after one, up to last, but no more than have so many bytes together, the first
// excepted; done is the ID up to which all have been copied. It is one short transaction.
func (k *Copier) CopyMessages(ctx context.Context, after, last MessageID, bytes int64) (n PackCount, done MessageID, err error) {
	err = k.together(ctx, func() (err error) {
		n, done, err = k.c.copySome("live", "pack", after, last, bytes, false)
		return err
	})
	return n, done, wrapWriting(k.pack, err)
}

// copySome does what CopyMessages says, with neededOnly for those in temp.needed. The others are counted all the same.
func (c *conn) copySome(from, to string, after, last MessageID, bytes int64, neededOnly bool) (n PackCount, done MessageID, err error) {
	done = last
	err = c.query("SELECT id, size FROM "+from+".message WHERE id > ? AND id <= ? ORDER BY id", func(r row) error {
		if n.Messages > 0 && n.Bytes+r.int(1) > bytes {
			done = MessageID(r.int(0)) - 1
			return errStop
		}
		n.Messages, n.Bytes = n.Messages+1, n.Bytes+r.int(1)
		return nil
	}, int64(after), int64(last))
	if err == nil && n.Messages > 0 {
		err = c.copyMessages(from, to, after+1, done, neededOnly)
	}
	return n, done, err
}

// EndPack completes the pack.
func (k *Copier) EndPack() error {
	path := k.pack
	k.pack = ""
	err := k.c.script(fmt.Sprintf(packIndex, "pack"))
	if e := k.c.detach("pack"); err == nil {
		err = e
	}
	return wrapWriting(path, err)
}

// ComparePack compares a pack with the mail.db, byte by byte. ErrCorrupt when they differ. What has been erased from the
// mail.db since is not compared.
func (k *Copier) ComparePack(path string) error {
	err := k.c.with(path, "pack", func() error {
		for _, differing := range packDifferences {
			n, err := k.c.queryInt(differing)
			if err == nil && n > 0 {
				err = fmt.Errorf("%w: not what was written", ErrCorrupt)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return k.unmoved(err)
}

// packDifferences count what is fixed for good and differs. Sort keys and previews may be made anew meanwhile.
var packDifferences = [...]string{
	`SELECT count(*) FROM pack.message p JOIN live.message l ON l.id = p.id WHERE (p.size, p.header_size, p.sent,
		p.sent_zone, p.envelope, p.structure, p.parts, p.head_text) IS NOT (l.size, l.header_size, l.sent, l.sent_zone,
		l.envelope, l.structure, l.parts, l.head_text)`,
	"SELECT count(*) FROM pack.header p JOIN live.header l ON l.message = p.message WHERE p.data IS NOT l.data",
	"SELECT count(*) FROM pack.body p JOIN live.body l ON l.id = p.id WHERE p.data IS NOT l.data",
}

// SamePack reports whether the latest messages of a pack, as far as the mail.db still has them, are those of the mail.db:
// one that was replaced by other mail gives the same IDs to other messages.
func (k *Copier) SamePack(path string) (same bool, err error) {
	err = k.c.with(path, "pack", func() error {
		n, err := k.c.queryInt(`SELECT count(*) FROM pack.message p JOIN live.message l ON l.id = p.id
			JOIN pack.header ph ON ph.message = p.id JOIN live.header lh ON lh.message = l.id
			WHERE p.id IN (SELECT id FROM pack.message ORDER BY id DESC LIMIT 100)
			AND (p.size, p.header_size, ph.data) IS NOT (l.size, l.header_size, lh.data)`)
		same = n == 0
		return err
	})
	return same, k.unmoved(err)
}
