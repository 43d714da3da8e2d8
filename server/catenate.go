package server

import (
	"errors"

	"satchel/backend"
	"satchel/server/wire"
)

// catenate reads a message that the client has made of pieces: "(" cat-part
// *(SP cat-part) ")", where cat-part = "TEXT" SP literal / "URL" SP astring / "UTF8"
// SP "(" literal8 ")". RFC 4469, 5; RFC 6855, 4. What is wrong is said at once, not after the literals that follow.
func (s *session) catenate(to *appendTarget, m *backend.Incoming) error {
	if err := s.refuseAppend(to, 1); err != nil {
		return err
	}
	parts := 0
	err := s.wire.List(func() error {
		parts++
		return s.catenatePart(to, m)
	})
	if err == nil && parts == 0 {
		err = &wire.SyntaxError{Text: "Nothing to catenate"}
	}
	return err
}

// catenatePart reads one piece.
func (s *session) catenatePart(to *appendTarget, m *backend.Incoming) error {
	word, err := s.wordAndSP()
	if err != nil {
		return err
	}
	switch word {
	case "TEXT":
		return s.catenateText(to, m)
	case "UTF8":
		return s.inParentheses(func() error { return s.catenateText(to, m) })
	case "URL":
		text, err := s.wire.AString()
		if err != nil {
			return err
		}
		return s.catenateURL(m.Body, text, to.room-m.Body.Size())
	}
	return &wire.SyntaxError{Text: "Expected TEXT, URL or UTF8"}
}

// catenateText appends a literal.
func (s *session) catenateText(to *appendTarget, m *backend.Incoming) error {
	lit, err := s.literalWithin(to.room - m.Body.Size())
	if err == nil {
		err = s.refuseAppend(to, m.Body.Size()+lit.Size)
	}
	if err != nil {
		return err
	}
	return takeLiteral(m, lit)
}

// catenateURL appends what a URL names, as FETCH BODY.PEEK would give it.
func (s *session) catenateURL(body *backend.Spool, text string, room int64) error {
	u, ok := parseMessageURL(text)
	if !ok {
		return s.no(badURL(text), "Not a URL of a message here")
	}
	if u.mailbox == "" {
		if s.view == nil {
			return s.no(badURL(text), "No mailbox is selected")
		}
		u.mailbox = s.view.Name()
	}
	err := s.account.CopySection(body, backend.SectionOf{
		Mailbox: u.mailbox, UIDValidity: u.validity, UID: u.uid, Section: u.section, Offset: u.offset, Count: u.count, Limit: room,
		Headers: &s.headers,
	})
	if errors.Is(err, backend.ErrNotFound) || errors.Is(err, backend.ErrInvalidName) {
		return s.no(badURL(text), "No such message or part")
	}
	return err
}
