package message

import "encoding/binary"

// Current tells whether the keys are of the present version.
func (k SortKeys) Current() bool { return len(k) > 1 && k[0] == sortVersion }

// Reply tells whether the subject is that of a reply or a forward.
func (k SortKeys) Reply() bool { return k.Current() && k[1]&sortReply != 0 }

// Sent is the sent date of RFC 5256, 2.2, in Unix seconds; where ok is false INTERNALDATE stands for it.
func (k SortKeys) Sent() (unix int64, ok bool) {
	if !k.Current() || k[1]&sortHasSent == 0 {
		return 0, false
	}
	unix, n := binary.Varint(k[2:])
	return unix, n > 0
}

// ids gives the packed Message-ID, the packed references, and what follows.
func (k SortKeys) ids() (id, references, rest []byte) {
	if !k.Current() {
		return nil, nil, nil
	}
	b := k[2:]
	if k[1]&sortHasSent != 0 {
		_, n := binary.Varint(b)
		b = b[max(n, 0):]
	}
	if len(b) < 9 {
		return nil, nil, nil
	}
	count, n := binary.Uvarint(b[8:])
	if n <= 0 || count > maxReferences || uint64(len(b)-8-n) < 8*count {
		return nil, nil, nil
	}
	return b[:8], b[8+n:][:8*count], b[8+n+int(8*count):]
}

// ID is the Message-ID, 0 when there is no valid one.
func (k SortKeys) ID() ID {
	id, _, _ := k.ids()
	if id == nil {
		return 0
	}
	return ID(binary.BigEndian.Uint64(id))
}

// AppendReferences appends the ancestors that the message names, the oldest first.
func (k SortKeys) AppendReferences(dst []ID) []ID {
	_, refs, _ := k.ids()
	for ; len(refs) >= 8; refs = refs[8:] {
		dst = append(dst, ID(binary.BigEndian.Uint64(refs)))
	}
	return dst
}

// Text is one of the texts; it points into the keys.
func (k SortKeys) Text(which SortText) []byte {
	_, _, rest := k.ids()
	for ; len(rest) > 0; which-- {
		n := int(rest[0])
		if n >= len(rest) {
			return nil
		}
		if which == 0 {
			return rest[1 : 1+n]
		}
		rest = rest[1+n:]
	}
	return nil
}
