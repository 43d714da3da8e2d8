package backend

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
)

// spoolMemory is how many bytes of a message are held in memory; a longer one
// goes to a file.
const spoolMemory = 1 << 20

// Spool holds a message on its way in: in memory up to 1 MiB, in an unnamed file
// of the data folder beyond that. Close it when done.
type Spool struct {
	dir    string
	limit  int64
	size   int64
	mem    []byte
	lent   *[]byte // the memory of mem, if it is to be given back
	file   *os.File
	mapped []byte
}

// NewSpool makes an empty spool that takes up to the append limit.
func (b *Backend) NewSpool() *Spool {
	return &Spool{dir: filepath.Join(b.cfg.Data, "tmp"), limit: b.cfg.AppendLimit}
}

// Size is the number of bytes written.
func (s *Spool) Size() int64 { return s.size }

// Grow prepares for a message of n bytes, so that it is not moved about as it
// comes in.
func (s *Spool) Grow(n int64) {
	switch {
	case n > spoolMemory || int64(cap(s.mem)) >= n:
	case n < minLent:
		s.mem = append(make([]byte, 0, n+1), s.mem...) // with room to see the end
	default:
		s.lent = lend(int(n) + 1)
		s.mem = append((*s.lent)[:0], s.mem...)
	}
}

// lending holds the memory of closed spools, that of 1<<i bytes at i: mail comes
// in streams, and to have clean memory for each message costs more than to fill
// it. Below minLent bytes it does not.
var lending [22]sync.Pool

const minLent = 4 << 10

// lend returns a buffer of at least n bytes, for takeBack.
func lend(n int) *[]byte {
	class := bits.Len(uint(n - 1))
	if b, ok := lending[class].Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 1<<class)
	return &b
}

func takeBack(b *[]byte) { lending[bits.Len(uint(len(*b)-1))].Put(b) }

// Write appends. It fails with ErrTooBig beyond the limit and with ErrFull when
// the disk is full.
func (s *Spool) Write(p []byte) (int, error) {
	if s.size+int64(len(p)) > s.limit {
		return 0, ErrTooBig
	}
	if s.file == nil && s.size+int64(len(p)) > spoolMemory {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	s.size += int64(len(p))
	if s.file == nil {
		s.mem = append(s.mem, p...)
		return len(p), nil
	}
	n, err := s.file.Write(p)
	return n, diskError(err)
}

// ReadFrom fills the spool from r, without a buffer of its own while it fits
// into memory.
func (s *Spool) ReadFrom(r io.Reader) (int64, error) {
	var n int64
	for s.file == nil && len(s.mem) < spoolMemory {
		if len(s.mem) == cap(s.mem) {
			s.mem = slices.Grow(s.mem, max(4<<10, len(s.mem)))
		}
		k, err := r.Read(s.mem[len(s.mem):min(cap(s.mem), spoolMemory)])
		s.mem = s.mem[:len(s.mem)+k]
		s.size += int64(k)
		n += int64(k)
		if s.size > s.limit {
			return n, ErrTooBig
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	k, err := io.CopyBuffer(struct{ io.Writer }{s}, struct{ io.Reader }{r}, make([]byte, 32<<10))
	return n + k, err
}

// spill moves the spool to a file that has no name and vanishes with the process.
func (s *Spool) spill() error {
	f, err := os.CreateTemp(s.dir, "spool-*")
	if err != nil {
		return fmt.Errorf("spool a message: %w", diskError(err))
	}
	os.Remove(f.Name())
	s.file = f
	if _, err := f.Write(s.mem); err != nil {
		return fmt.Errorf("spool a message: %w", diskError(err))
	}
	s.mem = nil
	return nil
}

// Bytes is the whole message, good until Close. A large one is mapped, so it
// costs address space and cache, not heap.
func (s *Spool) Bytes() ([]byte, error) {
	if s.file == nil {
		return s.mem, nil
	}
	if s.mapped != nil {
		return s.mapped, nil
	}
	m, err := syscall.Mmap(int(s.file.Fd()), 0, int(s.size), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("map a spooled message: %w", err)
	}
	s.mapped = m
	return m, nil
}

// Close gives memory and file back.
func (s *Spool) Close() {
	if s.mapped != nil {
		syscall.Munmap(s.mapped)
	}
	if s.file != nil {
		s.file.Close()
	}
	if s.lent != nil {
		takeBack(s.lent)
	}
	s.mem, s.lent, s.file, s.mapped = nil, nil, nil, nil
}

// diskError says ErrFull where the system says that there is no space.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
