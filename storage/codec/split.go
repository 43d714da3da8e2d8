package codec

import (
	"encoding/binary"
	"errors"
	"sync"

	"github.com/klauspost/compress"
)

// split is a chunk parted into runs of base64, decoded, and the text between them. Attachments come as base64, which
// compresses badly and slowly; what is in it is three quarters of it, and mostly compressed already.
//
// Its stored form is storedBase64, then numbers, each a uvarint: the count of the runs, the fields of each, the length
// of what comes next; the text as a stored form of another kind, and the data of all runs as another.
type split struct {
	runs   []base64Run
	text   []byte
	data   []byte
	packed []byte
	stored []byte
}

// Encoder gives chunks their stored form. Used by one goroutine.
type Encoder struct{ split *split }

// NewEncoder makes an encoder. Release it when done.
func NewEncoder() Encoder { return Encoder{splits.Get().(*split)} }

// Release gives the encoder's memory to the next one.
func (e Encoder) Release() { splits.Put(e.split) }

// Chunk returns a chunk, of at most ChunkSize bytes, in its stored form, which is good until the next call.
func (e Encoder) Chunk(raw []byte) []byte { return e.split.store(raw) }

// splits holds those not in use, for their buffers.
var splits = sync.Pool{New: func() any {
	return &split{text: make([]byte, 0, ChunkSize), data: make([]byte, 0, ChunkSize)}
}}

// store does what Chunk says: the form is that of Pack unless a good part of the chunk is base64.
func (s *split) store(raw []byte) []byte {
	s.stored = s.stored[:0]
	if len(raw) >= 4*minBase64Run {
		if s.part(raw); len(s.data) >= len(raw)/8 {
			s.stored = s.pack(s.stored)
			return s.stored
		}
	}
	s.stored = Pack(s.stored, raw)
	return s.stored
}

// part fills the split from a chunk.
func (s *split) part(raw []byte) {
	s.runs, s.text, s.data = s.runs[:0], s.text[:0], s.data[:0]
	done := 0 // where the last run ended
	for at := 0; len(raw)-at >= 4*minBase64Run; {
		if r, skip, ok := startRun(raw[at:], at == 0); ok {
			start := at + skip
			data := r.decode(s.data, raw[start:])
			if at = start + r.size(); r.groups >= minBase64Run {
				r.skipped = start - done
				s.text = append(s.text, raw[done:start]...)
				s.runs, s.data, done = append(s.runs, r), data, at
			}
		}
		at += nextLine(raw[at:])
	}
	s.text = append(s.text, raw[done:]...)
}

// pack appends the stored form.
func (s *split) pack(dst []byte) []byte {
	s.packed = Pack(s.packed[:0], s.text)
	dst = binary.AppendUvarint(append(dst, storedBase64), uint64(len(s.runs)))
	for _, r := range s.runs {
		for _, n := range [...]int{r.skipped, r.groups, r.first, r.line} {
			dst = binary.AppendUvarint(dst, uint64(n))
		}
	}
	dst = append(binary.AppendUvarint(dst, uint64(len(s.packed))), s.packed...)
	if packedAlready(s.data) {
		return append(append(dst, storedPlain), s.data...)
	}
	return Pack(dst, s.data)
}

// packedAlready tells by a sample whether data looks like noise, which is not worth the attempt to compress it.
func packedAlready(data []byte) bool {
	const sample = 2 << 10
	if from := len(data)/2 - sample/2; from > 0 {
		data = data[from : from+sample]
	}
	return compress.Estimate(data) < 0.1
}

// appendSplit appends the n bytes of a chunk of which stored is the split without its first byte. dst has room for them.
func appendSplit(dst, stored []byte, n int) ([]byte, error) {
	s := splits.Get().(*split)
	defer splits.Put(s)
	stored, textSize, dataSize, err := s.readRuns(stored, n)
	if err != nil {
		return nil, err
	}
	size, stored, err := takeNumber(stored, len(stored))
	if err != nil || size > len(stored) {
		return nil, errSplit
	}
	text, err := Unpacked(s.text[:0], stored[:size], textSize)
	if err != nil {
		return nil, err
	}
	data, err := Unpacked(s.data[:0], stored[size:], dataSize)
	if err != nil {
		return nil, err
	}
	for _, r := range s.runs {
		dst, text = append(dst, text[:r.skipped]...), text[r.skipped:]
		dst, data = r.append(dst, data)
	}
	return append(dst, text...), nil
}

var errSplit = errors.New("runs of base64 that do not fit")

// readRuns reads the runs of a chunk of n bytes, and returns what is stored after them and how much text and data that
// must be.
func (s *split) readRuns(stored []byte, n int) (rest []byte, text, data int, err error) {
	count, stored, err := takeNumber(stored, n)
	if err != nil {
		return nil, 0, 0, err
	}
	s.runs, text = s.runs[:0], n
	left := n
	for range count {
		var r base64Run
		for _, field := range [...]*int{&r.skipped, &r.groups, &r.first, &r.line} {
			if *field, stored, err = takeNumber(stored, n); err != nil {
				return nil, 0, 0, err
			}
		}
		if r.groups == 0 || r.first == 0 || r.line == 0 || r.skipped+r.size() > left {
			return nil, 0, 0, errSplit
		}
		s.runs = append(s.runs, r)
		left -= r.skipped + r.size()
		text -= r.size()
		data += 3 * r.groups
	}
	return stored, text, data, nil
}

// takeNumber reads a number that may be at most limit.
func takeNumber(stored []byte, limit int) (n int, rest []byte, err error) {
	v, size := binary.Uvarint(stored)
	if size <= 0 || v > uint64(limit) {
		return 0, nil, errSplit
	}
	return int(v), stored[size:], nil
}
