package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// modSeqArgument reads SP mod-sequence-valzer. RFC 7162, 7.
func (s *session) modSeqArgument() (backend.ModSeq, error) {
	if err := s.wire.SP(); err != nil {
		return 0, err
	}
	n, err := s.wire.Number64()
	return backend.ModSeq(n), err
}

// appendModSeq appends a message's mod-sequence as FETCH has it.
func appendModSeq(b []byte, modseq backend.ModSeq) []byte {
	return append(wire.AppendNumber(append(b, "MODSEQ ("...), modseq), ')')
}

// expunged ends a command that took messages away from the selected mailbox.
// RFC 7162, 3.2.7: a client that resynchronises learns the mailbox's mod-sequence
// of now, when the frame has told what vanished.
func (s *session) expunged(err error) error {
	if err != nil || !s.has(condstore) {
		return err
	}
	return &response{code: codeHighestModSeq}
}

// codeHighestModSeq stands for the response code with the mod-sequence that the
// session has been told when the tagged answer is written.
const codeHighestModSeq = "HIGHESTMODSEQ"

// fetchChanges is the modifiers of a FETCH. RFC 7162, 3.1.4.1 and 3.2.6.
type fetchChanges struct {
	since    backend.ModSeq
	changed  bool // CHANGEDSINCE was given
	vanished bool
	paged    bool // PARTIAL was given: RFC 9394, 3.3
	partial  partialRange
}

// modifiers reads SP and the modifiers of FETCH, if they are there.
func (f *fetch) modifiers() error {
	w := f.s.wire
	if !w.Skip(' ') {
		return nil
	}
	if err := w.List(f.modifier); err != nil {
		return err
	}
	c := &f.changes
	if c.vanished && (!c.changed || !f.s.uid || !f.s.has(qresync)) {
		return &wire.SyntaxError{Text: "VANISHED needs UID FETCH, CHANGEDSINCE and QRESYNC enabled"}
	}
	return nil
}

func (f *fetch) modifier() error {
	name, err := f.s.wire.Word()
	if err != nil {
		return err
	}
	switch name {
	case "CHANGEDSINCE": // iOS sends 0, which is not in the grammar
		f.changes.changed = true
		f.changes.since, err = f.s.modSeqArgument()
		return err
	case "VANISHED":
		f.changes.vanished = true
		return nil
	case "PARTIAL":
		if f.changes.paged || !f.s.uid {
			return &wire.SyntaxError{Text: "PARTIAL belongs to UID FETCH, and only once"}
		}
		f.changes.paged = true
		f.changes.partial, err = f.s.partialArgument()
		return err
	}
	return &wire.SyntaxError{Text: "Unknown FETCH modifier"}
}

// narrow applies the modifiers, and switches on CONDSTORE for a client that asks
// for what belongs to it (RFC 7162, 3.1).
func (f *fetch) narrow(set []backend.Range, sel backend.Selection) (backend.Selection, error) {
	c := &f.changes
	if c.paged { // RFC 9394, 3.4: first these, of which those that changed
		if err := f.s.processable(c.partial.size()); err != nil { // RFC 9738, 3.1
			return sel, err
		}
		part := c.partial.of(sel.Len())
		sel = sel.Slice(part.from, part.to)
	}
	if c.changed {
		if err := f.add(fetchItem{row: modSeqRow}); err != nil {
			return sel, err
		}
		sel = f.s.view.ChangedSince(sel, c.since)
	}
	if f.asks(modSeqRow) {
		f.s.turnOn(condstore)
	}
	if c.vanished {
		return sel, f.s.writeVanished(set, c.since)
	}
	return sel, nil
}

// asks reports whether an item is among those wanted.
func (f *fetch) asks(row *fetchRow) bool {
	for i := range f.items {
		if f.items[i].row == row {
			return true
		}
	}
	return false
}
