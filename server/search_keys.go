package server

import (
	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// keyArguments is what follows the name of a search key.
type keyArguments uint8

const (
	noArguments keyArguments = iota
	dayArgument
	sizeArgument
	textArgument
	fieldAndText
	keywordArgument
	uidsArgument
	oneKey
	twoKeys
	newMail     // nothing: NEW stands for RECENT UNSEEN
	ageArgument // seconds
	modseqArgument
	aboveUID // one UID
	belowUID // one UID
	fuzzyKey // a key
	emailArgument
	threadArgument
)

// searchKey is one row of the table of search keys.
type searchKey struct {
	name      string
	arguments keyArguments
	query     backend.Query // what the arguments complete
	not       bool          // the key is the opposite of the query
	rev1      bool          // not in IMAP4rev2 (RFC 9051, 6.4.4)
}

// searchTable is the keys of RFC 3501, 6.4.4, sets and parentheses excepted, and of
// RFC 5032 (OLDER, YOUNGER), 6203 (FUZZY), 7162 (MODSEQ), 8474 (EMAILID, THREADID), 8514 (SAVED...) and 9738
// (UIDAFTER, UIDBEFORE).
var searchTable = [...]searchKey{
	{name: "ALL", query: backend.Query{Op: backend.QueryAll}},
	{name: "ANSWERED", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagAnswered}},
	{name: "BCC", arguments: textArgument, query: backend.Query{Op: backend.QueryHead, Head: message.Bcc}},
	{name: "BEFORE", arguments: dayArgument, query: backend.Query{Op: backend.QueryBefore}},
	{name: "BODY", arguments: textArgument, query: backend.Query{Op: backend.QueryBody}},
	{name: "CC", arguments: textArgument, query: backend.Query{Op: backend.QueryHead, Head: message.Cc}},
	{name: "DELETED", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagDeleted}},
	{name: "DRAFT", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagDraft}},
	{name: "EMAILID", arguments: emailArgument, query: backend.Query{Op: backend.QueryEmail}},
	{name: "FLAGGED", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagFlagged}},
	{name: "FROM", arguments: textArgument, query: backend.Query{Op: backend.QueryHead, Head: message.From}},
	{name: "FUZZY", arguments: fuzzyKey},
	{name: "HEADER", arguments: fieldAndText, query: backend.Query{Op: backend.QueryHeader}},
	{name: "KEYWORD", arguments: keywordArgument, query: backend.Query{Op: backend.QueryKeyword}},
	{name: "LARGER", arguments: sizeArgument, query: backend.Query{Op: backend.QueryLarger}},
	{name: "MODSEQ", arguments: modseqArgument, query: backend.Query{Op: backend.QueryModSeq}},
	{name: "NEW", arguments: newMail, rev1: true},
	{name: "NOT", arguments: oneKey, not: true},
	{name: "OLD", query: backend.Query{Op: backend.QueryRecent}, not: true, rev1: true},
	{name: "OLDER", arguments: ageArgument, query: backend.Query{Op: backend.QueryOlder}},
	{name: "ON", arguments: dayArgument, query: backend.Query{Op: backend.QueryOn}},
	{name: "OR", arguments: twoKeys, query: backend.Query{Op: backend.QueryOr}},
	{name: "RECENT", query: backend.Query{Op: backend.QueryRecent}, rev1: true},
	{name: "SAVEDATESUPPORTED", query: backend.Query{Op: backend.QueryAll}},
	{name: "SAVEDBEFORE", arguments: dayArgument, query: backend.Query{Op: backend.QuerySavedBefore}},
	{name: "SAVEDON", arguments: dayArgument, query: backend.Query{Op: backend.QuerySavedOn}},
	{name: "SAVEDSINCE", arguments: dayArgument, query: backend.Query{Op: backend.QuerySavedSince}},
	{name: "SEEN", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagSeen}},
	{name: "SENTBEFORE", arguments: dayArgument, query: backend.Query{Op: backend.QuerySentBefore}},
	{name: "SENTON", arguments: dayArgument, query: backend.Query{Op: backend.QuerySentOn}},
	{name: "SENTSINCE", arguments: dayArgument, query: backend.Query{Op: backend.QuerySentSince}},
	{name: "SINCE", arguments: dayArgument, query: backend.Query{Op: backend.QuerySince}},
	{name: "SMALLER", arguments: sizeArgument, query: backend.Query{Op: backend.QuerySmaller}},
	{name: "SUBJECT", arguments: textArgument, query: backend.Query{Op: backend.QueryHead, Head: message.Subject}},
	{name: "TEXT", arguments: textArgument, query: backend.Query{Op: backend.QueryText}},
	{name: "THREADID", arguments: threadArgument, query: backend.Query{Op: backend.QueryThread}},
	{name: "TO", arguments: textArgument, query: backend.Query{Op: backend.QueryHead, Head: message.To}},
	{name: "UID", arguments: uidsArgument, query: backend.Query{Op: backend.QueryUIDs}},
	{name: "UIDAFTER", arguments: aboveUID, query: backend.Query{Op: backend.QueryUIDs}},
	{name: "UIDBEFORE", arguments: belowUID, query: backend.Query{Op: backend.QueryUIDs}},
	{name: "UNANSWERED", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagAnswered}, not: true},
	{name: "UNDELETED", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagDeleted}, not: true},
	{name: "UNDRAFT", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagDraft}, not: true},
	{name: "UNFLAGGED", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagFlagged}, not: true},
	{name: "UNKEYWORD", arguments: keywordArgument, query: backend.Query{Op: backend.QueryKeyword}, not: true},
	{name: "UNSEEN", query: backend.Query{Op: backend.QueryFlags, Flags: backend.FlagSeen}, not: true},
	{name: "YOUNGER", arguments: ageArgument, query: backend.Query{Op: backend.QueryYounger}},
}

// named reads the arguments of a key that has a name.
func (p *searchParser) named(name string) (*backend.Query, error) {
	for i := range searchTable {
		row := &searchTable[i]
		if row.name != name || row.rev1 && p.s.has(rev2) {
			continue
		}
		q := row.query
		full, err := p.complete(&q, row.arguments)
		if err == nil && row.not {
			full = backend.Not(full)
		}
		return full, err
	}
	return nil, &wire.SyntaxError{Text: "Unknown search key"}
}

// complete reads the arguments of a key into its query.
func (p *searchParser) complete(q *backend.Query, arguments keyArguments) (_ *backend.Query, err error) {
	switch arguments {
	case dayArgument:
		q.Day, err = p.day()
	case sizeArgument:
		q.Size, err = p.size()
	case textArgument:
		q.Needle, err = p.needle()
	case fieldAndText:
		if q.Name, err = p.s.argument(); err == nil {
			q.Needle, err = p.needle()
		}
	case keywordArgument:
		q.Keyword, err = p.keyword()
	case uidsArgument:
		if err := p.s.wire.SP(); err != nil {
			return nil, err
		}
		return p.uids()
	case ageArgument:
		q.Age, err = p.age()
	case modseqArgument:
		q.ModSeq, err = p.modSequence()
	case aboveUID, belowUID:
		q.Set, err = p.beside(arguments == aboveUID)
	case fuzzyKey: // RFC 6203, 3: an exact match is one of the possible ways
		p.fuzzy = true
		return p.nested()
	case emailArgument:
		q.Object, err = p.object(backend.EmailObject)
	case threadArgument:
		q.Object, err = p.object(backend.ThreadObject)
	case oneKey:
		return p.nested()
	case twoKeys:
		return p.either()
	case newMail:
		unseen := backend.Not(&backend.Query{Op: backend.QueryFlags, Flags: backend.FlagSeen})
		return backend.And(&backend.Query{Op: backend.QueryRecent}, unseen), nil
	}
	return q, err
}
