package server

import (
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// store: "STORE" SP sequence-set SP ["+" / "-"] "FLAGS" [".SILENT"]
// SP (flag-list / flag *(SP flag)). RFC 3501, 6.4.6; with UID 6.4.8.
func (s *session) store() error {
	set, err := s.setArgument()
	if err != nil {
		return err
	}
	op, silent, err := s.storeItem()
	if err != nil {
		return err
	}
	flags, err := s.storeFlags()
	if err != nil {
		return err
	}
	sel, err := s.view.Resolve(set, s.uid)
	if err != nil {
		return err
	}
	rows, err := s.view.Store(sel, op, flags.system, flags.keywords, silent)
	if err != nil {
		return err
	}
	return s.answerStore(rows)
}

// storeItem reads SP and the data item name, which says how flags change.
func (s *session) storeItem() (op backend.StoreOp, silent bool, err error) {
	if err := s.wire.SP(); err != nil {
		return 0, false, err
	}
	item, err := s.wire.Atom()
	if err != nil {
		return 0, false, err
	}
	item, silent = strings.CutSuffix(strings.ToUpper(item), ".SILENT")
	switch item {
	case "FLAGS":
		return backend.StoreSet, silent, nil
	case "+FLAGS":
		return backend.StoreAdd, silent, nil
	case "-FLAGS":
		return backend.StoreRemove, silent, nil
	}
	return 0, false, &wire.SyntaxError{Text: "Unknown STORE item"}
}

// storeFlags reads SP and the flags, with or without parentheses, to the end
// of the line.
func (s *session) storeFlags() (flagSet, error) {
	if err := s.wire.SP(); err != nil {
		return flagSet{}, err
	}
	flags, err := s.flagList()
	if err != nil {
		return flags, err
	}
	return flags, s.wire.EOL()
}

// answerStore writes the new flags of the rows, with their UIDs: RFC 3501, 6.4.8,
// wants them after UID STORE, and they do no harm otherwise.
func (s *session) answerStore(rows []backend.Row) error {
	if len(rows) == 0 {
		return nil
	}
	if err := s.syncKeywords(); err != nil {
		return err
	}
	return s.writeFlags(rows)
}
