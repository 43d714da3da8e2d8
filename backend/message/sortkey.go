package message

import (
	"crypto/sha256"
	"encoding/binary"
	"unicode/utf8"
)

// SortText names one of the texts that SORT compares.
type SortText uint8

// The texts: of SUBJECT the base subject (RFC 5256, 2.1), of FROM, TO and CC the mailbox of the first
// address (RFC 5256, 3), of DISPLAYFROM and DISPLAYTO its name or else the whole address (RFC 5957, 3).
const (
	SortSubject SortText = iota
	SortFrom
	SortTo
	SortCc
	SortDisplayFrom
	SortDisplayTo
	sortTexts
)

// SortKeys is what SORT and THREAD compare of a message, packed: a byte of version, one of flags, the
// sent date if there is one, the Message-ID, the references, and the texts. Packed keys of another
// version, or damaged ones, are like those of an empty message; Current tells.
type SortKeys []byte

const sortVersion = 1

// The flags of packed keys.
const (
	sortHasSent = 1 << iota
	sortReply
)

const (
	// maxSortText bounds a text in bytes; of a longer one the rest is in a hash at its end, so that
	// equal texts, and only those, stay equal.
	maxSortText = 240
	// maxReferences bounds the references of a message: the first and the last ones count, as programs
	// that shorten the field keep these.
	maxReferences = 250
)

// HeaderSortKeys packs the keys of a message with that header. Texts are prepared for
// i;unicode-casemap (RFC 5051): their bytes compare as the texts do. Those in no readable charset come
// after all others, as they are (RFC 5255, 4.6).
func HeaderSortKeys(header []byte) SortKeys { return new(addressParser).sortKeys(headerFields(header)) }

// headerFields finds the fields of a header that are of use here.
func headerFields(header []byte) (fields []found) {
	for at := 0; ; {
		f, ok := nextField(header, at)
		if !ok || f.end > maxHeader {
			return fields
		}
		if kind := kindOf(f.name); kind != otherField && len(fields) < maxFields {
			fields = append(fields, found{kind, f.value})
		}
		at = f.end
	}
}

// sortKeys packs the keys of a message with these fields.
func (p *addressParser) sortKeys(fields []found) SortKeys {
	dst := append(make([]byte, 0, 192), sortVersion, 0)
	if sent, ok := sentTime(fields); ok {
		dst[1] |= sortHasSent
		dst = binary.AppendVarint(dst, sent)
	}
	dst = appendIDs(dst, fields)
	var c collator
	c.plain = c.t.appendDecoded(c.plain[:0], appendCompressed(nil, first(fields, fieldSubject)))
	c.text = appendCompressed(c.text[:0], c.plain)
	base, reply := baseSubject(c.text)
	if reply {
		dst[1] |= sortReply
	}
	dst = c.append(dst, base)
	from, to := p.first(fields, fieldFrom), p.first(fields, fieldTo)
	cc := p.first(fields, fieldCc)
	dst = c.append(c.append(c.append(dst, from.local), to.local), cc.local)
	return c.append(c.append(dst, c.display(from)), c.display(to))
}

// sentTime is the sent date of RFC 5256, 2.2; ok is false when INTERNALDATE stands for it.
func sentTime(fields []found) (unix int64, ok bool) {
	value := first(fields, fieldDate)
	if value == nil {
		return 0, false
	}
	d, ok := readDate(value)
	d.clock = max(d.clock, 0) // RFC 5256, 2.2: an invalid time counts as 00:00:00
	return d.unix(), ok
}

// first gives the first address of a kind of fields, in the terms of ENVELOPE: a group's name is the
// mailbox of its first one. Its bytes are its own.
func (p *addressParser) first(fields []found, kind fieldKind) address {
	for i := range fields {
		if fields[i].kind != kind {
			continue
		}
		p.reset(fields[i].value)
		if a, ok := p.next(); ok {
			if a.kind == groupStart {
				return address{local: clone(a.name)}
			}
			return address{name: clone(a.name), local: clone(a.local), host: clone(a.host)}
		}
	}
	return address{}
}

func clone(b []byte) []byte { return append([]byte(nil), b...) }

// collator prepares texts, with buffers that are used again.
type collator struct {
	t           decoder
	plain, text []byte
}

// display is the text of an address that programs show. RFC 5957, 3.
func (c *collator) display(a address) []byte {
	c.text = c.t.appendDecoded(c.text[:0], a.name)
	if len(c.text) == 0 {
		c.text = append(c.text, a.local...)
		if len(a.local) > 0 && len(a.host) > 0 {
			c.text = append(append(c.text, '@'), a.host...)
		}
	}
	return c.text
}

// append packs one text: its length, then its bytes as they compare.
func (c *collator) append(dst, text []byte) []byte {
	if utf8.Valid(text) {
		c.plain = Fold(c.plain[:0], text)
	} else {
		c.plain = append(append(c.plain[:0], 0xff), text...) // a byte above all of UTF-8
	}
	if len(c.plain) > maxSortText {
		sum := sha256.Sum256(c.plain)
		c.plain = append(c.plain[:maxSortText-8], sum[:8]...)
	}
	dst = append(dst, byte(len(c.plain)))
	return append(dst, c.plain...)
}

// appendIDs packs the Message-ID and the number of references and these.
func appendIDs(dst []byte, fields []found) []byte {
	r := idReader{lexer: lexer{s: first(fields, fieldMessageID)}}
	dst = binary.BigEndian.AppendUint64(dst, uint64(r.next()))
	ids := references(fields)
	dst = binary.AppendUvarint(dst, uint64(len(ids)))
	for _, id := range ids {
		dst = binary.BigEndian.AppendUint64(dst, uint64(id))
	}
	return dst
}

// references are the ancestors that a message names, the oldest first. RFC 5256, 3, REFERENCES.
func references(fields []found) []ID {
	var ids []ID
	r := idReader{lexer: lexer{s: first(fields, fieldReferences)}}
	for id := r.next(); id != 0; id = r.next() {
		if len(ids) == maxReferences {
			ids = append(ids[:1], ids[maxReferences/2:]...)
		}
		ids = append(ids, id)
	}
	if len(ids) > 0 {
		return ids
	}
	r = idReader{lexer: lexer{s: first(fields, fieldInReplyTo)}}
	if id := r.next(); id != 0 {
		return []ID{id}
	}
	return nil
}
