package server

import (
	"errors"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// store: "STORE" SP sequence-set [SP "(" "UNCHANGEDSINCE" SP mod-sequence ")"]
// SP ["+" / "-"] "FLAGS" [".SILENT"] SP (flag-list / flag *(SP flag)).
// RFC 3501, 6.4.6; with UID 6.4.8; the condition RFC 7162, 3.1.3.
func (s *session) store() error {
	set, err := s.setArgument()
	if err != nil {
		return err
	}
	var req backend.StoreRequest
	if err := s.storeModifiers(&req); err != nil {
		return err
	}
	silent, err := s.storeItem(&req)
	if err != nil {
		return err
	}
	if err := s.storeFlags(&req); err != nil {
		return err
	}
	sel, err := s.view.Resolve(set, s.uid)
	if err != nil {
		return err
	}
	if req.Conditional {
		s.turnOn(condstore)
	}
	sel = s.within(sel)
	done, err := s.view.Store(sel, req)
	if err != nil {
		return err
	}
	if err := s.answerStore(sel, &done, silent); err != nil {
		return err
	}
	return s.modified(&done)
}

// storeModifiers reads SP, and the modifiers and the SP after them if they are
// there.
func (s *session) storeModifiers(req *backend.StoreRequest) error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	if s.wire.Peek() != '(' {
		return nil
	}
	err := s.wire.List(func() error {
		name, err := s.wire.Word()
		if err != nil {
			return err
		}
		if name != "UNCHANGEDSINCE" {
			return &wire.SyntaxError{Text: "Unknown STORE modifier"}
		}
		req.Conditional = true
		req.UnchangedSince, err = s.modSeqArgument()
		return err
	})
	if err != nil {
		return err
	}
	return s.wire.SP()
}

// modified is the end of a conditional STORE that left messages alone. RFC 7162,
// 3.1.3: MODIFIED names them; the answer is NO if some of them are gone.
func (s *session) modified(done *backend.StoreResult) error {
	if done.Modified.Len() == 0 {
		return nil
	}
	code := s.appendSelection([]byte("MODIFIED "), done.Modified)
	if done.Vanished {
		return s.no(string(code), "Some of the messages are gone")
	}
	return s.ok(string(code), "Some of the messages have changed")
}

// appendSelection appends messages as a set of sequence numbers or of UIDs, as
// the command counts.
func (s *session) appendSelection(b []byte, sel backend.Selection) []byte {
	var set []backend.Range
	for first, last := range s.view.Runs(sel, s.uid) {
		set = append(set, backend.Range{First: first, Last: last})
	}
	return wire.AppendRanges(b, set)
}

// storeItem reads the data item name, which says how flags change.
func (s *session) storeItem(req *backend.StoreRequest) (silent bool, err error) {
	item, err := s.wire.Atom()
	if err != nil {
		return false, err
	}
	item, silent = strings.CutSuffix(strings.ToUpper(item), ".SILENT")
	switch item {
	case "FLAGS":
		req.Op = backend.StoreSet
	case "+FLAGS":
		req.Op = backend.StoreAdd
	case "-FLAGS":
		req.Op = backend.StoreRemove
	default:
		return false, &wire.SyntaxError{Text: "Unknown STORE item"}
	}
	return silent, nil
}

// storeFlags reads SP and the flags, with or without parentheses, to the end
// of the line.
func (s *session) storeFlags(req *backend.StoreRequest) error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	flags, err := s.flagList()
	if err != nil {
		return err
	}
	req.Flags, req.Keywords = flags.system, flags.keywords
	return s.wire.EOL()
}

// answerStore writes the flags of the selected messages, with their UIDs:
// RFC 3501, 6.4.8, wants them after UID STORE, and they do no harm otherwise. If
// silent, it writes only the mod-sequences of those that changed, and only to a
// client that knows them: RFC 7162, 3.1.3.
func (s *session) answerStore(sel backend.Selection, done *backend.StoreResult, silent bool) error {
	if silent {
		sel = done.Changed
		if !s.has(condstore) {
			return nil
		}
	}
	if sel.Len() == 0 {
		return nil
	}
	return s.writeSelection(sel, silent)
}

// markSeen sets the \Seen that FETCH implies (RFC 3501, 6.4.5), as one write. The sync
// tells of it; a client that wants no news of flags is told here what its own command
// did. On a full disk mail can still be read.
func (s *session) markSeen(rows []backend.Row) error {
	seen, err := s.view.MarkSeen(rows)
	if errors.Is(err, backend.ErrFull) {
		return nil
	}
	if err != nil || s.news.wantsSelected(flagChange) {
		return err
	}
	return s.writeSelection(seen, false)
}
