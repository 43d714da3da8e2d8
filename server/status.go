package server

import (
	"slices"

	"satchel/backend"
	"satchel/server/wire"
)

// statusItem is one row of the table of STATUS items: its name and its value.
type statusItem struct {
	name  string
	value func(*session, *backend.Status) uint64 // nil for MAILBOXID
}

var statusTable = [...]statusItem{
	{"MESSAGES", func(_ *session, st *backend.Status) uint64 { return uint64(st.Messages) }},
	{"RECENT", func(_ *session, st *backend.Status) uint64 { return uint64(st.Recent) }},
	{"UIDNEXT", func(_ *session, st *backend.Status) uint64 { return uint64(st.UIDNext) }},
	{"UIDVALIDITY", func(_ *session, st *backend.Status) uint64 { return uint64(st.UIDValidity) }},
	{"UNSEEN", func(_ *session, st *backend.Status) uint64 { return uint64(st.Unseen) }},
	{"DELETED", func(_ *session, st *backend.Status) uint64 { return uint64(st.Deleted) }},              // RFC 9208, 4.1.4
	{"DELETED-STORAGE", func(_ *session, st *backend.Status) uint64 { return uint64(st.DeletedBytes) }}, // likewise
	{"SIZE", func(_ *session, st *backend.Status) uint64 { return uint64(st.Size) }},                    // RFC 8438
	{"HIGHESTMODSEQ", func(_ *session, st *backend.Status) uint64 { return uint64(st.HighestModSeq) }},  // RFC 7162, 3.1.7
	{"MAILBOXID", nil}, // RFC 8474, 4.3: written by appendMailboxID
	{"APPENDLIMIT", func(s *session, _ *backend.Status) uint64 { return uint64(s.srv.backend.AppendLimit()) }}, // RFC 7889, 4
}

// deletedStorage is counted only for who asks.
var deletedStorage = findStatusItem("DELETED-STORAGE")

// recentItem is not in IMAP4rev2.
var recentItem = findStatusItem("RECENT")

// status: "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")".
// RFC 3501, 6.3.10.
func (s *session) status() error {
	name, err := s.mailboxArgument()
	if err != nil {
		return err
	}
	if err := s.wire.SP(); err != nil {
		return err
	}
	items, err := s.statusItems()
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.turnOnFor(items)
	status, err := s.statusOf(name, items)
	if err != nil {
		return err
	}
	return s.end(s.appendStatus(s.begin(), name, &status, items))
}

// statusOf reads what the items tell of a mailbox.
func (s *session) statusOf(name string, items []*statusItem) (backend.Status, error) {
	status, err := s.account.Status(name)
	if err == nil && slices.Contains(items, deletedStorage) {
		status.DeletedBytes, err = s.account.DeletedBytes(status.ID)
	}
	return status, err
}

// statusItems reads the list of items, at least one, each once.
func (s *session) statusItems() ([]*statusItem, error) {
	var items []*statusItem
	err := s.wire.List(func() error {
		name, err := s.wire.Word()
		if err != nil {
			return err
		}
		item := findStatusItem(name)
		if item == nil || item == recentItem && s.has(rev2) { // RFC 9051, 6.3.11

			return &wire.SyntaxError{Text: "Unknown STATUS item"}
		}
		if !slices.Contains(items, item) {
			items = append(items, item)
		}
		return nil
	})
	if err == nil && len(items) == 0 {
		err = &wire.SyntaxError{Text: "No STATUS items"}
	}
	return items, err
}

// turnOnFor switches on CONDSTORE if its item is asked for. RFC 7162, 3.1.
func (s *session) turnOnFor(items []*statusItem) {
	if slices.ContainsFunc(items, func(it *statusItem) bool { return it.name == "HIGHESTMODSEQ" }) {
		s.turnOn(condstore)
	}
}

func findStatusItem(name string) *statusItem {
	for i := range statusTable {
		if statusTable[i].name == name {
			return &statusTable[i]
		}
	}
	return nil
}

// appendStatus appends the STATUS line of a mailbox.
func (s *session) appendStatus(b []byte, name string, status *backend.Status, items []*statusItem) []byte {
	b = s.appendMailbox(append(b, "* STATUS "...), name)
	b = append(b, " ("...)
	for i, item := range items {
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(append(b, item.name...), ' ')
		if item.value == nil {
			b = s.appendMailboxID(b, status.ID)
			continue
		}
		b = wire.AppendNumber(b, item.value(s, status))
	}
	return append(b, ")\r\n"...)
}
