package control

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"satchel/backend"
)

// Adoption is an account of a backup that is to be added.
type Adoption struct {
	From string // the folder of backend.NewAdoption, by its last element
	Name string // the account's in the backup
	As   string // its name from now on
}

// Adopted is an account that was added, and the addresses that it had in the backup and others have now.
type Adopted struct {
	backend.AccountInfo
	Taken []string
}

// Copies are messages of a backup, of which somebody wants to know whether a mailbox has them.
type Copies struct {
	Account, Mailbox string
	Objects          uint64 // of the mail.db that they were copied from
	List             []Copy // at most MaxCopies
}

// Copy is one of them.
type Copy struct {
	Message backend.MessageID
	Size    uint32 // bytes
	Date    int64  // INTERNALDATE, Unix seconds
	Sum     []byte // SHA-256 of its bytes; nil when they are not to be compared
}

// Presence says whether a mailbox has a message.
type Presence int

// What Present answers.
const (
	Absent   Presence = iota
	Possible          // one of its size and date is there, and no Sum was given
	Present
)

// MaxCopies is how many messages Present is asked about at a time.
const MaxCopies = 5000

// AdoptAccount implements Admin.
func (l *Local) AdoptAccount(a Adoption) (Adopted, error) {
	info, taken, err := l.Backend.AdoptAccount(a.From, a.Name, a.As)
	return Adopted{info, taken}, err
}

// Present implements Admin.
func (l *Local) Present(c Copies) ([]Presence, error) {
	if len(c.List) > MaxCopies {
		return nil, fmt.Errorf("%d messages: %w", len(c.List), backend.ErrLimit)
	}
	a, err := l.open(c.Account)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	s := sighting{copies: c.List, found: make([]Presence, len(c.List)), alike: map[likeness][]int{}, same: a.HasObjects(c.Objects)}
	v, err := a.Open(c.Mailbox, true, func() {})
	if errors.Is(err, backend.ErrNotFound) {
		return s.found, nil
	}
	if err != nil {
		return nil, err
	}
	defer v.Close()
	return s.found, s.look(v)
}

// likeness is what two copies of a message have in common, and few others.
type likeness struct {
	size uint32
	date int64
}

// sighting looks for copies in a mailbox.
type sighting struct {
	copies []Copy
	found  []Presence
	alike  map[likeness][]int // places of copies
	same   bool               // message numbers mean the same in the mailbox
}

func (s *sighting) look(v *backend.View) error {
	for i, c := range s.copies {
		key := likeness{c.Size, c.Date}
		s.alike[key] = append(s.alike[key], i)
	}
	all, r := v.All(), &rowReader{v: v}
	var rows []backend.Row
	for from := 0; from < all.Len(); from += len(rows) {
		rows = v.Rows(all, from, exportRows, rows[:0])
		for i := range rows {
			if err := s.compare(r, &rows[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare holds a message against the copies that are like it.
func (s *sighting) compare(r *rowReader, row *backend.Row) error {
	var sum []byte
	for _, i := range s.alike[likeness{row.Size, row.Date}] {
		if s.found[i] == Present {
			continue
		}
		switch {
		case s.same && s.copies[i].Message == row.Message:
			s.found[i] = Present
			continue
		case s.copies[i].Sum == nil:
			s.found[i] = Possible
			continue
		case sum == nil:
			r.reset(row)
			h := sha256.New()
			if _, err := io.Copy(h, r); err != nil {
				return err
			}
			sum = h.Sum(nil)
		}
		if bytes.Equal(sum, s.copies[i].Sum) {
			s.found[i] = Present
		}
	}
	return nil
}

// AdoptAccount implements Admin.
func (r *Remote) AdoptAccount(a Adoption) (Adopted, error) { return ask[Adopted](r, opAdopt, a) }

// Present implements Admin.
func (r *Remote) Present(c Copies) ([]Presence, error) {
	found, err := ask[[]Presence](r, opPresent, c)
	if err == nil && len(found) != len(c.List) {
		err = errProtocol
	}
	return found, err
}
