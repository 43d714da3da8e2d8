package server

import (
	"strings"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// fetchRow is one row of the table of FETCH items: its name, what it needs of
// the database, and its writer, which appends its name and value.
type fetchRow struct {
	name    string
	columns backend.Columns
	seen    bool                             // it gives the text, which sets \Seen
	binary  bool                             // it is about a part without its transfer encoding
	section *message.Section                 // the section it stands for
	rest    func(*session, *fetchItem) error // reads what follows the name; nil: nothing does
	read    func(*fetch) error               // reads what it needs besides columns for the rows of a batch; nil: nothing
	write   fetchWriter
}

type fetchWriter func(f *fetch, b []byte, it *fetchItem, row *backend.Row, msg *backend.Message) ([]byte, error)

// fetchItem is an item that a client asked for.
type fetchItem struct {
	row     *fetchRow
	label   string // how a section is named in the answer
	section message.Section
	partial bool // only count bytes from offset on
	offset  int64
	count   int64
	part    binaryPart // of the message at hand
	lazy    bool       // nothing is to be made for it
}

// fetchTable is the items of RFC 3501, 6.4.5, of extensions, and two of RFC 1730,
// 6.4.5, which some versions of Outlook still ask for. They are answered under the
// name without PEEK.
var fetchTable = [...]fetchRow{
	{name: "UID", write: writeUID},
	{name: "FLAGS", write: writeFlags},
	{name: "INTERNALDATE", write: writeInternalDate},
	{name: "RFC822.SIZE", write: writeSize},
	{name: "MODSEQ", write: writeModSeq},
	{name: "ENVELOPE", columns: backend.ColEnvelope, write: writeEnvelope},
	{name: "BODY", columns: backend.ColStructure, write: writeBody},
	{name: "BODYSTRUCTURE", columns: backend.ColStructure, write: writeStructure},
	{name: "BODY[", seen: true, rest: (*session).bodySection, write: writeSection},
	{name: "BODY.PEEK[", rest: (*session).bodySection, write: writeSection},
	{name: "RFC822", seen: true, section: &message.Section{Kind: message.Whole}, write: writeSection},
	{name: "RFC822.PEEK", section: &message.Section{Kind: message.Whole}, write: writeSection},
	{name: "RFC822.HEADER", section: &message.Section{Kind: message.Header}, write: writeSection},
	{name: "RFC822.TEXT", seen: true, section: &message.Section{Kind: message.Text}, write: writeSection},
	{name: "RFC822.TEXT.PEEK", section: &message.Section{Kind: message.Text}, write: writeSection},
	{name: "BINARY[", columns: backend.ColParts, seen: true, binary: true, rest: (*session).binarySection, write: writeBinary},
	{name: "BINARY.PEEK[", columns: backend.ColParts, binary: true, rest: (*session).binarySection, write: writeBinary},
	{name: "BINARY.SIZE[", columns: backend.ColParts, binary: true, rest: (*session).binarySizeSection, write: writeBinarySize},
	{name: "PREVIEW", columns: backend.ColPreview, rest: (*session).previewModifiers, write: writePreview},
	{name: "SAVEDATE", read: (*fetch).readSaveDates, write: writeSaveDate},
	{name: "EMAILID", write: writeEmailID},
	{name: "THREADID", read: (*fetch).readThreads, write: writeThreadID},
}

// The items that are added to what a client asked for, or looked for in it.
var (
	uidRow    = findFetchRow("UID")
	modSeqRow = findFetchRow("MODSEQ")
	flagsRow  = findFetchRow("FLAGS")
)

// fetchMacros are the names that stand for several items, RFC 3501, 6.4.5.
var fetchMacros = [...]struct {
	name  string
	items []string
}{
	{"FAST", []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE"}},
	{"ALL", []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"}},
	{"FULL", []string{"FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"}},
}

// findFetchRow finds an item by its name.
func findFetchRow(name string) *fetchRow {
	for i := range fetchTable {
		if fetchTable[i].name == name {
			return &fetchTable[i]
		}
	}
	return nil
}

// item reads one item; alone, it may be a macro.
func (f *fetch) item(alone bool) error {
	name, err := f.s.wire.Word()
	if err != nil {
		return err
	}
	for i := range fetchMacros {
		if alone && fetchMacros[i].name == name {
			for _, n := range fetchMacros[i].items {
				f.add(fetchItem{row: findFetchRow(n)}) // too few for the limit
			}
			return nil
		}
	}
	if f.s.wire.Skip('[') {
		name += "["
	}
	it := fetchItem{row: findFetchRow(name)}
	if it.row == nil {
		return &wire.SyntaxError{Text: "Unknown FETCH item"}
	}
	if it.row.section != nil {
		it.section, it.label = *it.row.section, strings.TrimSuffix(name, ".PEEK")
	}
	if it.row.rest != nil {
		if err := it.row.rest(f.s, &it); err != nil {
			return err
		}
	}
	return f.add(it)
}

func writeUID(_ *fetch, b []byte, _ *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	return wire.AppendNumber(append(b, "UID "...), uint64(row.UID)), nil
}

func writeFlags(f *fetch, b []byte, _ *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	return f.s.appendRowFlags(b, row), nil
}

func writeInternalDate(_ *fetch, b []byte, _ *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	return wire.AppendInternalDate(append(b, "INTERNALDATE "...), row.Date), nil
}

func writeSize(_ *fetch, b []byte, _ *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	return wire.AppendNumber(append(b, "RFC822.SIZE "...), uint64(row.Size)), nil
}

func writeModSeq(_ *fetch, b []byte, _ *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	return appendModSeq(b, row.ModSeq), nil
}

func writeEnvelope(_ *fetch, b []byte, _ *fetchItem, _ *backend.Row, msg *backend.Message) ([]byte, error) {
	return append(append(b, "ENVELOPE "...), msg.Envelope...), nil
}

func writeBody(_ *fetch, b []byte, _ *fetchItem, _ *backend.Row, msg *backend.Message) ([]byte, error) {
	return message.AppendBody(append(b, "BODY "...), msg.Structure), nil
}

func writeStructure(_ *fetch, b []byte, _ *fetchItem, _ *backend.Row, msg *backend.Message) ([]byte, error) {
	return append(append(b, "BODYSTRUCTURE "...), msg.Structure...), nil
}
