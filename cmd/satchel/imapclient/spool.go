package imapclient

import (
	"bytes"
	"io"
	"os"
	"slices"
)

// spoolMemory is how many bytes of a message are held in memory; a longer one goes to a file.
const spoolMemory = 1 << 20

// spool holds one message after the other.
type spool struct {
	mem  []byte
	file *os.File // nil until a message is long; it has no name
	read bytes.Reader
}

// fill reads a message of n bytes, which is good until the next.
func (s *spool) fill(in io.Reader, n int64) (io.Reader, error) {
	if n > spoolMemory {
		return s.fillFile(in, n)
	}
	s.mem = slices.Grow(s.mem[:0], int(n))[:n]
	_, err := io.ReadFull(in, s.mem)
	s.read.Reset(s.mem)
	return &s.read, err
}

func (s *spool) fillFile(in io.Reader, n int64) (io.Reader, error) {
	if s.file == nil {
		f, err := os.CreateTemp("", "satchel-import-*")
		if err != nil {
			return nil, err
		}
		os.Remove(f.Name())
		s.file = f
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	_, err := io.CopyN(s.file, in, n)
	return io.NewSectionReader(s.file, 0, n), err
}

func (s *spool) close() {
	if s.file != nil {
		s.file.Close()
	}
}
