package server

import (
	"errors"

	"satchel/backend"
	"satchel/server/wire"
)

// appendMessages: "APPEND" SP mailbox 1*([SP flag-list] [SP date-time] SP append-data),
// where append-data is a literal, a literal8 or what appendData reads. RFC 3501,
// 6.3.11; RFC 3516, 4.4; several messages RFC 3502; the UIDs told RFC 4315, 3.
func (s *session) appendMessages() error {
	name, err := s.mailboxArgument()
	if err != nil {
		return err
	}
	var batch backend.Batch
	defer batch.Close()
	to := appendTarget{mailbox: name, room: s.srv.backend.AppendLimit()}
	for n := 1; n == 1 || s.wire.Peek() == ' '; n++ {
		if err := s.saveable(n); err != nil {
			return err
		}
		m, err := s.incoming(&to)
		if err != nil {
			return err
		}
		batch.Add(m)
		to.take(m.Body.Size())
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	uids, err := s.account.AppendBatch(name, &batch)
	if err != nil {
		return s.targetFailed(name, err)
	}
	s.put(name, uids)
	st, err := s.account.Status(name)
	if err != nil {
		return err
	}
	return s.ok(string(appendAppendUID(nil, st.UIDValidity, uids)), "")
}

// appendTarget is where the messages of a command go.
type appendTarget struct {
	mailbox string
	room    int64         // bytes that they may still have: stored together, they are held together
	added   backend.Usage // by those before, less what the command takes away
}

func (to *appendTarget) take(size int64) {
	to.room -= size
	to.added = to.added.Plus(backend.Usage{backend.QuotaStorage: size, backend.QuotaMessages: 1})
}

// incoming reads one message with its flags and date.
func (s *session) incoming(to *appendTarget) (*backend.Incoming, error) {
	m := &backend.Incoming{}
	if err := s.appendOptions(m); err != nil {
		return nil, err
	}
	m.Body = s.srv.backend.NewSpool()
	var err error
	if b := s.wire.Peek(); b == '{' || b == '~' {
		err = s.oneLiteral(to, m)
	} else {
		err = s.appendData(to, m)
	}
	if err == nil && m.Body.Size() == 0 {
		err = errEmptyMessage
	}
	if err != nil {
		m.Body.Close()
		return nil, err
	}
	return m, nil
}

// appendData reads a message that is more than a literal: CATENATE (RFC 4469, 5) or
// UTF8 (RFC 6855, 4), and what follows.
func (s *session) appendData(to *appendTarget, m *backend.Incoming) error {
	word, err := s.wordAndSP()
	if err != nil {
		return err
	}
	switch word {
	case "CATENATE":
		return s.catenate(to, m)
	case "UTF8":
		return s.inParentheses(func() error { return s.oneLiteral(to, m) })
	}
	return &wire.SyntaxError{Text: "Expected a message"}
}

// inParentheses reads "(" literal8 ")". RFC 9755 has no UTF8 any more, since a
// header in UTF-8 needs no label; clients of RFC 6855 send it.
func (s *session) inParentheses(literal func() error) error {
	if err := s.wire.Expect('('); err != nil {
		return err
	}
	if err := literal(); err != nil {
		return err
	}
	return s.wire.Expect(')')
}

// oneLiteral reads a message that comes whole. What is refused is refused before
// the client is told to go on.
func (s *session) oneLiteral(to *appendTarget, m *backend.Incoming) error {
	lit, err := s.literalWithin(to.room)
	if err != nil {
		return err
	}
	if lit.Size == 0 {
		return errEmptyMessage
	}
	if err := s.refuseAppend(to, lit.Size); err != nil {
		return err
	}
	return takeLiteral(m, lit)
}

// errEmptyMessage: RFC 3502, 6.3.11: a message of no octets is an error.
var errEmptyMessage = &response{statusNO, "", "The message is empty"}

// literalWithin reads the announcement of a literal, which may have room bytes.
func (s *session) literalWithin(room int64) (*wire.Literal, error) {
	lit, err := s.wire.Literal()
	if syntax := (*wire.SyntaxError)(nil); errors.As(err, &syntax) && syntax.Code == "TOOBIG" {
		return nil, backend.ErrTooBig // RFC 7889, 3.1: a NO
	}
	if err == nil && lit.Size > room {
		err = backend.ErrTooBig
	}
	return lit, err
}

// takeLiteral reads a literal onto the end of a message.
func takeLiteral(m *backend.Incoming, lit *wire.Literal) error {
	m.Binary = m.Binary || lit.Binary
	if m.Body.Size() == 0 {
		m.Body.Grow(lit.Size)
	}
	_, err := m.Body.ReadFrom(lit)
	return err
}

// appendOptions reads the flags and the date before a message.
func (s *session) appendOptions(m *backend.Incoming) error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	if s.wire.Peek() == '(' {
		flags, err := s.flagList()
		if err != nil {
			return err
		}
		m.Flags, m.Keywords = flags.system, flags.keywords
		if err := s.wire.SP(); err != nil {
			return err
		}
	}
	if s.wire.Peek() != '"' {
		return nil
	}
	var err error
	if m.Date, err = s.wire.DateTime(); err != nil {
		return err
	}
	return s.wire.SP()
}

// refuseAppend says why no message of so many bytes can be taken, nil if one can.
func (s *session) refuseAppend(to *appendTarget, size int64) error {
	if _, err := s.account.Status(to.mailbox); err != nil {
		return s.targetFailed(to.mailbox, err)
	}
	with := *to
	with.take(size)
	return s.account.Fits(with.added)
}

// targetFailed answers for the target of APPEND, COPY or MOVE that is missing:
// RFC 3501, 6.3.11 and 6.4.7, want TRYCREATE unless CREATE is certain to fail too.
func (s *session) targetFailed(name string, err error) error {
	switch {
	case !errors.Is(err, backend.ErrNotFound):
		return err
	case !backend.IsPossibleName(name):
		return backend.ErrInvalidName
	}
	return s.no("TRYCREATE", "No such mailbox")
}

// appendAppendUID appends the response code of RFC 4315, 3, without its brackets.
func appendAppendUID(b []byte, validity uint32, uids []backend.UID) []byte {
	b = wire.AppendNumber(append(b, "APPENDUID "...), uint64(validity))
	return appendUIDs(append(b, ' '), uids)
}
