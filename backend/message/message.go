// Package message turns the bytes of an Internet message into what an IMAP server keeps about it:
// its tree of parts with byte offsets, ENVELOPE and BODYSTRUCTURE as ready wire text, its date, and
// decoded, case-folded text for SEARCH.
//
// It takes bytes and gives bytes: it opens nothing, keeps nothing, logs nothing, and knows nothing
// of mailboxes or flags. Broken mail is not an error; every message has a sensible structure. All
// work is linear in the size of the input, and bounded in depth and count.
//
// All functions are safe for concurrent use; a Scratch belongs to one goroutine at a time.
package message

// Message is what Parse found out about one message. Nothing in it points into the parsed bytes.
type Message struct {
	Root      Part     // the part tree, with byte offsets into the message
	Envelope  []byte   // ENVELOPE of RFC 3501, 7.4.2, as wire text "(...)"
	Structure []byte   // BODYSTRUCTURE with extension data, as wire text "(...)"
	Sent      int64    // the Date field in Unix seconds, when HasSent
	SentZone  int32    // the zone written in the Date field, in minutes east of UTC
	HasSent   bool     // there is a Date field that can be read
	HeadText  []byte   // addresses and subject, for HeadTextContains
	SortKeys  SortKeys // what SORT and THREAD compare
}

// Parse analyses a whole message. It never fails: broken MIME gives a sensible structure. Parts
// nested deeper than 100, or after the 10,000th, are left inside the part around them; fields that
// lie beyond the first 1 MiB of a header are not looked at.
func Parse(raw []byte) *Message {
	p := parser{raw: raw, found: make([]found, 0, 24), facts: make([]facts, 0, 8)}
	m := new(Message)
	m.Root, _ = p.part(0, inMessage)
	top := p.found[p.facts[0].from:p.facts[0].to]
	w := structureWriter{parser: &p, out: make([]byte, 0, 512)}
	w.part(&m.Root)
	m.Structure = w.out
	m.Envelope = w.addresses.appendEnvelope(make([]byte, 0, 512), top)
	if date := first(top, fieldDate); date != nil {
		m.Sent, m.SentZone, m.HasSent = parseDate(date)
	}
	w.addresses.count = 0
	m.HeadText = w.addresses.appendHeadText(nil, top)
	w.addresses.count = 0
	m.SortKeys = w.addresses.sortKeys(top)
	return m
}
