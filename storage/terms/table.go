package terms

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
)

// table collects the terms of one field, and which documents have them. Documents are counted from 1.
type table struct {
	cutter cutter
	seed   maphash.Seed
	slots  []uint64 // open addressing: the term's hash << 32 | its number + 1; 0 if free
	terms  []term
	bytes  []byte // of all terms

	// For each document, marked and its number, then the numbers of its terms. That is four bytes for a
	// term of a document, and a document is forgotten by cutting the log off.
	log  []uint32
	last uint32 // the document that the log ends with

	// How much there was before the last document.
	before struct{ terms, bytes, log int }
}

type term struct {
	head uint64 // the first bytes: they tell most terms apart without a look at the others
	at   uint32 // where its bytes are
	doc  uint32 // the last document that has it
	docs uint32 // how many do
	size uint8
}

const (
	marked   = 1 << 31
	minSlots = 1 << 10
)

// headOf gives the first eight bytes of a term as a number, which orders them.
func headOf(text []byte) uint64 {
	if len(text) >= 8 {
		return binary.BigEndian.Uint64(text)
	}
	var head uint64
	for i, c := range text {
		head |= uint64(c) << (56 - 8*i)
	}
	return head
}

// is says whether the term n is text, whose head is given.
func (t *table) is(n uint32, head uint64, text []byte) bool {
	e := &t.terms[n]
	return e.head == head && int(e.size) == len(text) && (len(text) <= 8 || bytes.Equal(t.text(n), text))
}

func (t *table) text(n uint32) []byte {
	e := &t.terms[n]
	return t.bytes[e.at:][:e.size]
}

// add notes that doc has the term, and says whether that is new.
func (t *table) add(text []byte, doc uint32) bool {
	n := t.number(text)
	e := &t.terms[n]
	if e.doc == doc {
		return false
	}
	e.doc = doc
	e.docs++
	if t.last != doc {
		t.last = doc
		t.log = append(t.log, marked|doc)
	}
	t.log = append(t.log, n)
	return true
}

// number gives the number of a term, which may be new.
func (t *table) number(text []byte) uint32 {
	if len(t.terms) >= len(t.slots)/4*3 {
		t.rehash(max(minSlots, 2*len(t.slots)))
	}
	head := headOf(text)
	hash := maphash.Bytes(t.seed, text) >> 32
	mask := uint64(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		slot := t.slots[i]
		if slot == 0 {
			n := uint32(len(t.terms))
			t.slots[i] = hash<<32 | uint64(n+1)
			t.terms = append(t.terms, term{head: head, at: uint32(len(t.bytes)), size: uint8(len(text))})
			t.bytes = append(t.bytes, text...)
			return n
		}
		if n := uint32(slot) - 1; slot>>32 == hash && t.is(n, head, text) {
			return n
		}
	}
}

// rehash makes size slots, with the terms that there are.
func (t *table) rehash(size int) {
	old := t.slots
	t.slots = make([]uint64, size)
	mask := uint64(size - 1)
	for _, slot := range old {
		if slot == 0 || int(uint32(slot)) > len(t.terms) {
			continue
		}
		i := slot >> 32 & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = slot
	}
}

// begin ends the texts of the document before, and remembers where the next one begins.
func (t *table) begin() {
	t.cutter.end()
	t.before.terms, t.before.bytes, t.before.log = len(t.terms), len(t.bytes), len(t.log)
}

// forget drops the last document, and the terms that only it has.
func (t *table) forget() {
	for _, n := range t.log[t.before.log:] {
		if n&marked == 0 {
			t.terms[n].docs--
		}
	}
	fresh := len(t.terms) > t.before.terms
	t.log, t.terms, t.bytes = t.log[:t.before.log], t.terms[:t.before.terms], t.bytes[:t.before.bytes]
	if fresh {
		t.rehash(len(t.slots))
	}
}

// memory gives the bytes that the table holds, with those that are needed to write it.
func (t *table) memory() int {
	return 8*cap(t.slots) + 24*cap(t.terms) + cap(t.bytes) + 4*cap(t.log) + 4*len(t.log) + 24*len(t.terms)
}

func (t *table) reset() {
	clear(t.slots)
	t.terms, t.bytes, t.log = t.terms[:0], t.bytes[:0], t.log[:0]
	t.last = 0
}

// sorted gives the numbers of all terms in the order of their bytes.
func (t *table) sorted() []uint32 {
	type key struct {
		head uint64
		n    uint32
	}
	keys := make([]key, len(t.terms))
	for n := range keys {
		keys[n] = key{t.terms[n].head, uint32(n)}
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return bytes.Compare(t.text(a.n), t.text(b.n))
	})
	order := make([]uint32, len(keys))
	for i, k := range keys {
		order[i] = k.n
	}
	return order
}

// documents gives those of all terms, in the order of the terms.
func (t *table) documents(order []uint32) []uint32 {
	next := make([]uint32, len(t.terms)) // where the next document of a term goes
	total := uint32(0)
	for _, n := range order {
		next[n] = total
		total += t.terms[n].docs
	}
	docs := make([]uint32, total)
	doc := uint32(0)
	for _, n := range t.log {
		if n&marked != 0 {
			doc = n &^ marked
			continue
		}
		docs[next[n]] = doc
		next[n]++
	}
	return docs
}
