package backend

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
)

// spoolRoom is what all spools of a backend share.
type spoolRoom struct {
	dir    string       // where their files are
	memory atomic.Int64 // bytes that they have in memory
}

// What is held in memory of messages on their way in: the rest is in files.
const (
	spoolMemory  = 1 << 20  // bytes of one message as it came
	spoolAlways  = 64 << 10 // bytes of one spool, whatever others hold
	spoolsMemory = 16 << 20 // bytes of all spools together, but for the smallest
)

// full says that spools have no memory left but for small ones.
func (r *spoolRoom) full() bool { return r.memory.Load() > spoolsMemory }

// Spool holds a message on its way in: in memory up to a bound as long as all spools
// together have little, in an unnamed file of the data folder beyond that. Close it
// when done.
type Spool struct {
	room    *spoolRoom
	limit   int64
	most    int64 // bytes in memory
	size    int64
	counted int64 // bytes of the room's memory
	mem     []byte
	lent    *[]byte // the memory of mem, if it is to be given back
	file    *os.File
	mapped  []byte
}

// NewSpool makes an empty spool that takes up to the append limit.
func (b *Backend) NewSpool() *Spool { return b.spools.spool(b.cfg.AppendLimit) }

func (r *spoolRoom) spool(limit int64) *Spool {
	return &Spool{room: r, limit: limit, most: spoolMemory}
}

// Size is the number of bytes written.
func (s *Spool) Size() int64 { return s.size }

// fits reports whether the spool may have n bytes in memory, which count then.
func (s *Spool) fits(n int64) bool {
	more := n - s.counted
	switch {
	case more <= 0:
		return true
	case n > s.most:
		return false
	case s.room.memory.Add(more) > spoolsMemory && n > spoolAlways:
		s.room.memory.Add(-more)
		return false
	}
	s.counted = n
	return true
}

// Grow prepares for a message of n bytes, so that it is not moved about as it
// comes in.
func (s *Spool) Grow(n int64) {
	n++ // with room to see the end
	switch {
	case n > s.most || int64(cap(s.mem)) >= n:
	case n < minLent && s.fits(n):
		s.mem = append(make([]byte, 0, n), s.mem...)
	case n >= minLent && s.fits(1<<lendingClass(n)):
		s.lent = lend(n)
		s.mem = append((*s.lent)[:0], s.mem...)
	}
}

// lending holds the memory of closed spools, that of 1<<i bytes at i: mail comes
// in streams, and to have clean memory for each message costs more than to fill
// it. Below minLent bytes it does not.
var lending [23]sync.Pool

const minLent = 4 << 10

func lendingClass(n int64) int { return bits.Len64(uint64(n - 1)) }

// lend returns a buffer of at least n bytes, for takeBack.
func lend(n int64) *[]byte {
	class := lendingClass(n)
	if b, ok := lending[class].Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 1<<class)
	return &b
}

func takeBack(b *[]byte) { lending[lendingClass(int64(len(*b)))].Put(b) }

// Write appends. It fails with ErrTooBig beyond the limit and with ErrFull when
// the disk is full.
func (s *Spool) Write(p []byte) (int, error) {
	if s.size+int64(len(p)) > s.limit {
		return 0, ErrTooBig
	}
	if s.file == nil && !s.fits(s.size+int64(len(p))) {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	s.unmap()
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
	for s.file == nil && int64(len(s.mem)) < s.most {
		if len(s.mem) == cap(s.mem) {
			more := max(4<<10, len(s.mem))
			if !s.fits(int64(len(s.mem) + more)) {
				break
			}
			s.mem = slices.Grow(s.mem, more)
		}
		k, err := r.Read(s.mem[len(s.mem):min(int64(cap(s.mem)), s.most)])
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
	f, err := os.CreateTemp(s.room.dir, "spool-*")
	if err != nil {
		return fmt.Errorf("spool a message: %w", diskError(err))
	}
	os.Remove(f.Name())
	s.file = f
	if _, err := f.Write(s.mem); err != nil {
		return fmt.Errorf("spool a message: %w", diskError(err))
	}
	s.forget()
	return nil
}

// forget gives the memory back.
func (s *Spool) forget() {
	if s.lent != nil {
		takeBack(s.lent)
	}
	s.room.memory.Add(-s.counted)
	s.mem, s.lent, s.counted = nil, nil, 0
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

func (s *Spool) unmap() {
	if s.mapped != nil {
		syscall.Munmap(s.mapped)
		s.mapped = nil
	}
}

// Close gives memory and file back. Size stays.
func (s *Spool) Close() {
	s.unmap()
	if s.file != nil {
		s.file.Close()
		s.file = nil
	}
	s.forget()
}

// diskError says ErrFull where the system says that there is no space.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}
