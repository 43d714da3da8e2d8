package backup

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"satchel/storage"
)

// Browser looks into an account as of a run. Used by one goroutine.
type Browser struct {
	tmp     string
	mail    *storage.Mail // whose messages have no bytes
	lineage *lineage
	aside   []string // packs that were put aside
	pack    openPack // one of the lineage
	other   openPack // one that was put aside
}

// openPack is the pack that was read last.
type openPack struct {
	name string
	*storage.Pack
}

// Browse opens an account of a run.
func (r *Repository) Browse(a *Account) (b *Browser, err error) {
	b = &Browser{lineage: &lineage{r: r}}
	if b.tmp, err = os.MkdirTemp("", "satchel-restore-"); err != nil {
		return nil, err
	}
	if a.Lineage != "" {
		err = b.load(r, a)
	}
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Browser) load(r *Repository, a *Account) (err error) {
	state, mail := filepath.Join(b.tmp, "state.db"), filepath.Join(b.tmp, "mail.db")
	if err = r.state(a, state); err != nil {
		return err
	}
	if b.lineage, err = r.openLineage(a.dir()); err != nil {
		return err
	}
	b.aside = r.aside(a.dir())
	x, err := storage.Assemble(mail, state)
	if err == nil {
		err = x.Outline()
	}
	if err == nil {
		b.mail, err = storage.OpenMail(mail)
	}
	return err
}

// Close gives everything back.
func (b *Browser) Close() error {
	err := errors.Join(b.pack.close(), b.other.close())
	if b.mail != nil {
		err = errors.Join(err, b.mail.Close())
	}
	return errors.Join(err, os.RemoveAll(b.tmp))
}

// Objects is the mail.db's Objects.
func (b *Browser) Objects() (uint64, error) {
	if b.mail == nil {
		return 0, nil
	}
	return b.mail.Objects()
}

// Mailboxes returns the account's mailboxes, and the names subscribed to.
func (b *Browser) Mailboxes() ([]storage.Mailbox, []string, error) {
	if b.mail == nil {
		return nil, nil, nil
	}
	return b.mail.Mailboxes()
}

// Entries calls each for every message of a mailbox in the order of UIDs.
func (b *Browser) Entries(id storage.MailboxID, each func(*storage.Entry) error) error {
	return b.mail.Entries(id, each)
}

// Header returns a message's header. ErrDamaged when it is not in the backup. Ascending messages are fastest.
func (b *Browser) Header(id storage.MessageID) ([]byte, error) {
	var header []byte
	err := b.in(id, func(p *storage.Pack) error {
		found, err := p.Headers([]storage.MessageID{id}, nil)
		if err == nil && found[0].ID == 0 {
			err = ErrNotFound
		}
		if err == nil {
			header = found[0].Header
		}
		return err
	})
	return header, err
}

// Body reads a message. ErrDamaged when it is not in the backup, or not all of it.
func (b *Browser) Body(e *storage.Entry) io.Reader {
	return &body{b: b, id: e.Message, size: int64(e.Size)}
}

// body reads a message piece by piece.
type body struct {
	b         *Browser
	id        storage.MessageID
	pos, size int64
	buf, rest []byte
}

// pieceSize is how much of a message is read from its pack at a time.
const pieceSize = 256 << 10

func (m *body) Read(p []byte) (int, error) {
	if len(m.rest) == 0 {
		if m.pos == m.size {
			return 0, io.EOF
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

func (m *body) next() error {
	to := min(m.pos+pieceSize, m.size)
	err := m.b.in(m.id, func(p *storage.Pack) (err error) {
		m.buf, err = p.AppendBytes(m.buf[:0], m.id, m.pos, to)
		if err == nil && int64(len(m.buf)) != to-m.pos {
			err = errEndsEarly
		}
		return err
	})
	m.rest, m.pos = m.buf, m.pos+int64(len(m.buf))
	return err
}

var errEndsEarly = errors.New("it ends early")

// in runs f with the pack that has a message, and where that does not have it whole with those that were put aside.
func (b *Browser) in(id storage.MessageID, f func(*storage.Pack) error) error {
	err := fmt.Errorf("message %d: %w: no pack has it", id, ErrDamaged)
	packs := b.lineage.list.Packs
	i, found := slices.BinarySearchFunc(packs, id, func(p packFile, id storage.MessageID) int {
		switch {
		case p.Last < id:
			return -1
		case p.First > id:
			return 1
		}
		return 0
	})
	if found {
		err = b.with(&b.pack, packs[i].Name, id, f)
	}
	for _, name := range b.aside {
		if err == nil {
			break
		}
		if covers(name, id) && b.with(&b.other, name, id, f) == nil {
			return nil
		}
	}
	return err
}

// covers reports that a pack, by its name, may have a message.
func covers(name string, id storage.MessageID) bool {
	var first, last storage.MessageID
	_, err := fmt.Sscanf(path.Base(name), "%d-%d-", &first, &last)
	return err == nil && first <= id && id <= last
}

// with runs f with a pack.
func (b *Browser) with(o *openPack, name string, id storage.MessageID, f func(*storage.Pack) error) error {
	if o.name != name {
		o.close()
		p, err := storage.OpenPack(b.lineage.r.file(name))
		if err != nil {
			return err
		}
		*o = openPack{name, p}
	}
	if err := f(o.Pack); err != nil {
		return fmt.Errorf("message %d in %s: %w: %w", id, name, ErrDamaged, err)
	}
	return nil
}

func (o *openPack) close() error {
	if o.Pack == nil {
		return nil
	}
	err := o.Close()
	*o = openPack{}
	return err
}
