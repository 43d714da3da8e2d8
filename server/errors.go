package server

import (
	"errors"
	"fmt"
	"io/fs"

	"satchel/backend"
	"satchel/server/wire"
)

// status is the word of a tagged answer.
type status uint8

const (
	statusOK status = iota
	statusNO
	statusBAD
	statusSent // the command has answered by itself
)

// response is how a command ends: the tagged status, a response code without
// brackets (RFC 3501, 7.1; RFC 5530) or "", and text for people. It is an error
// only so that a command can return it.
type response struct {
	status status
	code   string
	text   string
}

func (r *response) Error() string { return r.text }

func (s *session) ok(code, text string) error { return &response{statusOK, code, text} }
func (s *session) no(code, text string) error { return &response{statusNO, code, text} }
func (s *session) bad(text string) error      { return &response{statusBAD, "", text} }

// refusal is what a client is told for one of the backend's errors. The text of
// the error itself is for the log only.
type refusal struct {
	err error
	response
	log bool // the server's keeper should know
}

// refusals is the one map of errors to answers, most specific first.
var refusals = [...]refusal{
	{backend.ErrBadSequence, response{statusBAD, "", "No such message sequence number"}, false},
	{backend.ErrGone, response{statusNO, "NONEXISTENT", "The mailbox was deleted"}, false},
	{backend.ErrNotFound, response{statusNO, "NONEXISTENT", "No such mailbox"}, false},
	{backend.ErrExists, response{statusNO, "ALREADYEXISTS", "The mailbox exists already"}, false},
	{backend.ErrReadOnly, response{statusNO, "READ-ONLY", "The mailbox is open read-only"}, false},
	{backend.ErrInvalidName, response{statusNO, "CANNOT", "Not a possible mailbox name"}, false},
	{backend.ErrHasChildren, response{statusNO, "HASCHILDREN", "The mailbox has children"}, false},
	{backend.ErrCannot, response{statusNO, "CANNOT", "Not possible with this mailbox"}, false},
	{backend.ErrTooBig, response{statusNO, "TOOBIG", "The message is larger than this server takes"}, false},
	{backend.ErrOverQuota, response{statusNO, "OVERQUOTA", "Over quota: remove something first"}, false}, // RFC 9208, 4.3.1
	{backend.ErrVanished, response{statusNO, "EXPUNGEISSUED", "Some of the messages are gone"}, false},
	{backend.ErrUse, response{statusNO, "USEATTR", "One mailbox each can be for Archive, Drafts, Important, Junk, Sent and Trash"}, false},
	{backend.ErrNotPermitted, response{statusNO, "NOPERM", "Not permitted"}, false},
	{backend.ErrAnnotations, response{statusNO, "METADATA TOOMANY", "Too many annotations"}, false},
	{backend.ErrAnnotationSize, response{statusNO, annotationSizeCode, "The annotation is too large"}, false},
	{backend.ErrLimit, response{statusNO, "LIMIT", "A limit of this server is reached"}, false},
	{backend.ErrFull, response{statusNO, "UNAVAILABLE", "The server's disk is full"}, true},
	{fs.ErrPermission, response{statusNO, "UNAVAILABLE", "The server may not use the files of this account"}, true},
	{backend.ErrMailGone, response{statusNO, "UNAVAILABLE", "The mail of this account cannot be found"}, true},
	{backend.ErrReplaced, response{statusNO, "UNAVAILABLE", "The files on the server were exchanged: this was not stored"}, true},
	{backend.ErrCorrupt, response{statusNO, "CORRUPTION", "The mail store of this account is damaged"}, true},
	{backend.ErrAuth, response{statusNO, "AUTHENTICATIONFAILED", "Wrong name or password"}, false},
	{backend.ErrDisabled, response{statusNO, "CONTACTADMIN", "This account is disabled"}, false},
	{backend.ErrTooMany, response{statusNO, "UNAVAILABLE", "Too many attempts to log in, try again later"}, false},
	{backend.ErrIssuer, response{statusNO, "UNAVAILABLE", "The issuer of tokens cannot be reached, try again later"}, true},
	{backend.ErrSASL, response{statusBAD, "", "Not a valid SASL response"}, false},
	{backend.ErrClosed, response{statusNO, "UNAVAILABLE", "The server is stopping"}, false},
}

// ending turns what a command returned into its tagged answer, and logs what
// the server's keeper should know. It is nil when the connection is
// broken or the frame takes leave of the client itself.
func (s *session) ending(err error) *response {
	var own *response
	var syntax *wire.SyntaxError
	switch {
	case err == nil:
		return &response{}
	case errors.As(err, &own):
		return own
	case errors.As(err, &syntax):
		return &response{statusBAD, syntax.Code, syntax.Text}
	case s.wire.Broken() || errors.Is(err, wire.ErrShutdown):
		return nil
	}
	known := lookUp(err)
	if known.log {
		s.log().Error("command failed", "command", s.wire.Name(), "error", err)
	}
	return &known.response
}

// unknownError is the answer to an error that the map does not know.
var unknownError = refusal{nil, response{statusNO, "SERVERBUG", "Internal error"}, true}

func lookUp(err error) *refusal {
	for i := range refusals {
		if errors.Is(err, refusals[i].err) {
			return &refusals[i]
		}
	}
	return &unknownError
}

// writeStatus appends the tagged answer.
func (s *session) writeStatus(r *response) {
	b := append(s.begin(), s.wire.Tag()...)
	b = append(b, [...]string{" OK ", " NO ", " BAD "}[r.status]...)
	if code := s.code(r); code != "" {
		b = append(append(append(b, '['), code...), "] "...)
	}
	if r.text != "" {
		b = append(b, r.text...)
	} else {
		b = append(b, s.wire.Name()...)
		b = append(b, [...]string{" completed", " failed", " refused"}[r.status]...)
	}
	s.end(append(b, "\r\n"...))
}

// code is the response code of a tagged answer as it is told.
func (s *session) code(r *response) string {
	if r.code == codeHighestModSeq {
		if s.view == nil {
			return ""
		}
		return fmt.Sprintf("%s %d", r.code, s.view.HighestModSeq())
	}
	return r.code
}
