package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// fetch is one FETCH command: what it asks for and how far it is.
type fetch struct {
	s       *session
	items   []fetchItem
	columns backend.Columns // what the items need of the database; 0 = nothing
	whole   bool            // an item is the whole message
	seen    bool            // an item implies \Seen
	binary  bool            // an item is about a part without its transfer encoding
	globals bool            // an item depends on what is in message/global parts

	reads []func(*fetch) error // what else the items need

	rows    []backend.Row
	msgs    []backend.Message
	wholes  []byte                       // the rows' whole messages one after the other, if they were read together
	ends    []int                        // where in wholes each begins, and at last where the last one ends
	at      int                          // of the rows, the one being answered
	threads []backend.MessageID          // the rows' threads
	dates   []int64                      // and times of saving
	made    map[backend.MessageID]string // previews that were not there
	scratch []byte
	piece   []byte        // of a part, decoded
	held    []byte        // what of a part is decoded before its size is told
	unseen  []backend.Row // that get \Seen when all is told
	gone    bool          // some message was purged while this client counted it
	unknown bool          // some part is in an encoding that cannot be undone

	changes fetchChanges // the modifiers

	tells     bool // an answer has all that an unasked FETCH would have
	streaming bool // part of the message at hand is on its way to the client
}

// fetch: "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att /
// "(" fetch-att *(SP fetch-att) ")") [SP "(" fetch-modifier *(SP fetch-modifier) ")"].
// RFC 3501, 6.4.5; with UID 6.4.8; modifiers RFC 4466, 2.4.
func (s *session) fetch() error {
	set, err := s.setArgument()
	if err != nil {
		return err
	}
	f := fetch{s: s}
	if s.uid && !s.has(uidonly) { // RFC 3501, 6.4.8: the UID is always told
		f.add(fetchItem{row: uidRow})
	}
	if err := f.arguments(); err != nil {
		return err
	}
	f.tells = f.asks(flagsRow) && (!s.has(condstore) || f.asks(modSeqRow)) && (!s.has(qresync) || s.uid)
	sel, err := s.view.Resolve(set, s.uid)
	if err != nil {
		return err
	}
	if sel, err = f.narrow(set, sel); err != nil {
		return err
	}
	if err := f.run(s.within(sel)); err != nil {
		return err
	}
	if err := s.markSeen(f.unseen); err != nil {
		return err
	}
	if f.unknown { // RFC 3516, 4.3
		return s.no("UNKNOWN-CTE", "Some of the parts are in an unknown encoding")
	}
	if f.gone { // RFC 2180, 4.1.2
		return s.no("EXPUNGEISSUED", "Some of the messages are gone")
	}
	return nil
}

// arguments reads SP and the items, to the end of the line.
func (f *fetch) arguments() error {
	w := f.s.wire
	if err := w.SP(); err != nil {
		return err
	}
	if w.Peek() == '(' {
		asked := 0
		err := w.List(func() error {
			asked++
			return f.item(false)
		})
		if err == nil && asked == 0 {
			err = &wire.SyntaxError{Text: "No FETCH items"}
		}
		if err != nil {
			return err
		}
	} else if err := f.item(true); err != nil {
		return err
	}
	if err := f.modifiers(); err != nil {
		return err
	}
	return w.EOL()
}

// add takes an item that is not there yet.
func (f *fetch) add(it fetchItem) error {
	for i := range f.items {
		if have := &f.items[i]; have.row == it.row && have.label == it.label && have.count == it.count && have.lazy == it.lazy {
			return nil
		}
	}
	if len(f.items) == maxListed {
		return backend.ErrLimit
	}
	f.items = append(f.items, it)
	if it.row.read != nil {
		f.reads = append(f.reads, it.row.read)
	}
	f.columns |= it.row.columns | sectionColumns(&it)
	f.whole = f.whole || it.whole()
	f.seen = f.seen || it.row.seen
	f.binary = f.binary || it.row.binary
	if f.s.has(rev2) && f.columns&(backend.ColParts|backend.ColStructure) != 0 {
		f.globals = true
		f.columns |= backend.ColStructure
	}
	return nil
}
