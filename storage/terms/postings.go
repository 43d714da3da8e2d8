package terms

import (
	"encoding/binary"
	"math/bits"
)

// The documents of a term are written in one of three forms, whichever is shortest:
//
//	one document:   uvarint(ord<<1)
//	some documents: uvarint(length<<2 | 1), then length bytes: a uvarint for each document, ord for
//	                the first, for others the distance from the one before
//	many documents: uvarint(length<<2 | 3), then length bytes: uvarint(skip), then a bitmap
//
// ord is the id less the segment's first. Byte n of the bitmap is for the eight ids from
// 8*(first/8 + skip + n) on, lowest bit first: so bitmaps are joined byte by byte.

// list gathers the documents of one term.
type list struct {
	n           int
	first, last int64
	rest        []byte // distances, without the first document
}

func (l *list) reset() {
	l.n, l.rest = 0, l.rest[:0]
}

// add appends a document; each is above the one before it.
func (l *list) add(id int64) {
	if l.n == 0 {
		l.first = id
	} else {
		l.rest = binary.AppendUvarint(l.rest, uint64(id-l.last))
	}
	l.last = id
	l.n++
}

// appendTo writes the list, of at least one document, for a segment that begins at first.
func (l *list) appendTo(dst []byte, first int64) []byte {
	ord := uint64(l.first - first)
	if l.n == 1 {
		return binary.AppendUvarint(dst, ord<<1)
	}
	skip := uint64(l.first>>3 - first>>3)
	bitmap := int(l.last>>3-l.first>>3) + 1
	if length := uvarintLen(skip) + bitmap; length < uvarintLen(ord)+len(l.rest) {
		dst = binary.AppendUvarint(dst, uint64(length)<<2|3)
		dst = binary.AppendUvarint(dst, skip)
		return l.appendBitmap(dst, bitmap)
	}
	dst = binary.AppendUvarint(dst, uint64(uvarintLen(ord)+len(l.rest))<<2|1)
	dst = binary.AppendUvarint(dst, ord)
	return append(dst, l.rest...)
}

// appendBitmap writes the list as a bitmap of size bytes.
func (l *list) appendBitmap(dst []byte, size int) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, size)...)
	id, start := l.first, l.first>>3
	dst[at] = 1 << (id & 7)
	for rest := l.rest; len(rest) > 0; {
		d, n := binary.Uvarint(rest)
		rest = rest[n:]
		id += int64(d)
		dst[at+int(id>>3-start)] |= 1 << (id & 7)
	}
	return dst
}

func uvarintLen(v uint64) int {
	return (bits.Len64(v|1) + 6) / 7
}

// postings reads the documents of the terms of a block, one term after the other.
type postings struct {
	span Span
	rest []byte
}

// form is the documents of one term as they are written.
type form struct {
	ord   uint64 // of the one document, if there is no data
	data  []byte
	dense bool
}

// next reads the form of the next term's documents.
func (p *postings) next() (form, error) {
	v, n := binary.Uvarint(p.rest)
	if n <= 0 {
		return form{}, ErrCorrupt
	}
	p.rest = p.rest[n:]
	if v&1 == 0 {
		return form{ord: v >> 1}, nil
	}
	length := v >> 2
	if length == 0 || length > uint64(len(p.rest)) {
		return form{}, ErrCorrupt
	}
	data := p.rest[:length]
	p.rest = p.rest[length:]
	return form{data: data, dense: v&2 != 0}, nil
}

// skip passes over the documents of n terms.
func (p *postings) skip(n int) error {
	for range n {
		if _, err := p.next(); err != nil {
			return err
		}
	}
	return nil
}

// into adds the documents of the next term to a set that covers the span.
func (p *postings) into(set *Set) error {
	f, err := p.next()
	if err != nil {
		return err
	}
	if !f.dense {
		return p.list(f, set.put)
	}
	start, bitmap, err := p.bitmap(f.data)
	if err != nil {
		return err
	}
	set.join(start, bitmap)
	return nil
}

// each visits the documents of the next term, ascending.
func (p *postings) each(visit func(id int64)) error {
	f, err := p.next()
	if err != nil {
		return err
	}
	if !f.dense {
		return p.list(f, visit)
	}
	start, bitmap, err := p.bitmap(f.data)
	if err != nil {
		return err
	}
	for i, b := range bitmap {
		for ; b != 0; b &= b - 1 {
			visit((start+int64(i))<<3 + int64(bits.TrailingZeros8(b)))
		}
	}
	return nil
}

// list visits the documents of a form that is not a bitmap.
func (p *postings) list(f form, visit func(id int64)) error {
	left := uint64(p.span.Last - p.span.First)
	if f.data == nil {
		if f.ord > left {
			return ErrCorrupt
		}
		visit(p.span.First + int64(f.ord))
		return nil
	}
	id := p.span.First
	for rest := f.data; len(rest) > 0; {
		d, n := uint64(rest[0]), 1
		if d >= 0x80 {
			d, n = binary.Uvarint(rest)
		}
		first := len(rest) == len(f.data)
		if n <= 0 || d > left || d == 0 && !first {
			return ErrCorrupt
		}
		rest = rest[n:]
		left -= d
		id += int64(d)
		visit(id)
	}
	return nil
}

// bitmap gives the bytes of a bitmap, all of whose documents are within the span; the first byte is
// for the ids from 8*start on.
func (p *postings) bitmap(data []byte) (start int64, bitmap []byte, err error) {
	skip, n := binary.Uvarint(data)
	if n <= 0 {
		return 0, nil, ErrCorrupt
	}
	bitmap = data[n:]
	size := uint64(len(bitmap))
	room := uint64(p.span.Last>>3 - p.span.First>>3 + 1)
	if size == 0 || skip >= room || size > room-skip {
		return 0, nil, ErrCorrupt
	}
	early := skip == 0 && bits.TrailingZeros8(bitmap[0]) < int(p.span.First&7)
	late := skip+size == room && bits.Len8(bitmap[size-1]) > int(p.span.Last&7)+1
	if early || late {
		return 0, nil, ErrCorrupt
	}
	return p.span.First>>3 + int64(skip), bitmap, nil
}
