package backend

import "satchel/backend/message"

// QueryOp is a kind of search key (RFC 3501, 6.4.4).
type QueryOp uint8

// The kinds of keys. Keys that are the opposite of another are written as Not.
const (
	QueryAll         QueryOp = iota
	QueryAnd                 // all of Sub; true if there are none
	QueryOr                  // one of Sub
	QueryNot                 // not Sub[0]
	QuerySeqs                // sequence numbers in Set; those that no message has match nothing
	QueryUIDs                // UIDs in Set
	QueryFlags               // all of Flags
	QueryRecent              // \Recent in this session
	QueryKeyword             // Keyword, in any case
	QueryBefore              // internal date before Day
	QueryOn                  // internal date on Day
	QuerySince               // internal date on Day or later
	QuerySentBefore          // the Date field likewise, in its own time zone;
	QuerySentOn              // a message without a readable one matches none
	QuerySentSince           // of the three
	QuerySavedBefore         // the time of saving (RFC 8514) before Day
	QuerySavedOn             // on Day
	QuerySavedSince          // on Day or later
	QueryOlder               // internal date Age seconds ago or longer (RFC 5032)
	QueryYounger             // internal date Age seconds ago or less
	QueryModSeq              // mod-sequence ModSeq or above (RFC 7162, 3.1.5)
	QueryEmail               // the message Object (RFC 8474, 6)
	QueryThread              // the messages of the thread Object
	QueryLarger              // more than Size bytes
	QuerySmaller             // fewer than Size bytes
	QueryHead                // Needle in the field Head
	QueryHeader              // Needle in the header field Name
	QueryBody                // Needle in the text of the body
	QueryText                // Needle in header or body
)

// Query is a tree of search keys. Needles are folded (message.Fold). It may be
// used for several searches, one after the other.
type Query struct {
	Op      QueryOp
	Sub     []*Query
	Set     []Range
	Flags   Flags
	Keyword string
	Day     int64 // days since 1 January 1970
	Age     int64 // seconds
	Size    int64
	ModSeq  ModSeq
	Object  int64 // 0 is none
	Head    message.HeadField
	Name    string
	Needle  []byte

	// What the search under way makes of it.
	spans []span             // the messages of Set
	group map[MessageID]bool // the messages of a thread
	time  int64              // Age seconds ago
	want  int                // number of the text to look for, for QueryBody and QueryText
	known *answer            // of a key that looks for text: what is known already
	asked bool               // the search index

	// Of a batch of it.
	yes, decided mask // where a key holds, of where it is known whether it does
}

// Not is the opposite of a query.
func Not(q *Query) *Query { return &Query{Op: QueryNot, Sub: []*Query{q}} }

// And holds where all of its parts hold.
func And(sub ...*Query) *Query {
	if len(sub) == 1 {
		return sub[0]
	}
	return &Query{Op: QueryAnd, Sub: sub}
}

// Or holds where one of its parts holds.
func Or(sub ...*Query) *Query { return &Query{Op: QueryOr, Sub: sub} }
