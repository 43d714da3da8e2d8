package server

import (
	"strings"

	"satchel/backend"
)

// The object identifiers of RFC 8474: of mailboxes in SELECT, CREATE and STATUS, of
// messages and threads in FETCH.

// appendMailboxID appends "(" objectid ")".
func (s *session) appendMailboxID(b []byte, id backend.MailboxID) []byte {
	return s.appendObjectID(b, backend.MailboxObject, int64(id))
}

func (s *session) appendObjectID(b []byte, kind backend.ObjectKind, n int64) []byte {
	return append(s.account.AppendObjectID(append(b, '('), kind, n), ')')
}

// created is the answer to a CREATE that went well. RFC 8474, 4.2.
func (s *session) created(name string) error {
	st, err := s.account.Status(strings.TrimSuffix(name, backend.Delimiter))
	if err != nil { // another session was faster
		return nil
	}
	return s.ok(string(s.appendMailboxID([]byte("MAILBOXID "), st.ID)), "")
}

// writeEmailID: RFC 8474, 5.1.
func writeEmailID(f *fetch, b []byte, _ *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	return f.s.appendObjectID(append(b, "EMAILID "...), backend.EmailObject, int64(row.Message)), nil
}

// writeThreadID: RFC 8474, 5.2.
func writeThreadID(f *fetch, b []byte, _ *fetchItem, _ *backend.Row, _ *backend.Message) ([]byte, error) {
	b = append(b, "THREADID "...)
	if f.threads[f.at] == 0 {
		return append(b, "NIL"...), nil
	}
	return f.s.appendObjectID(b, backend.ThreadObject, int64(f.threads[f.at])), nil
}

func (f *fetch) readThreads() error {
	if f.threads == nil {
		f.threads = make([]backend.MessageID, backend.MaxBatch)
	}
	return f.s.view.Threads(f.rows, f.threads)
}

// object reads SP objectid and gives its number, 0 for one that nothing here has.
func (p *searchParser) object(kind backend.ObjectKind) (int64, error) {
	id, err := p.s.argument()
	return p.s.account.ObjectNumber(kind, id), err
}
