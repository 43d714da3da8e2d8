package server

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/emersion/go-imap"
	imapserver "github.com/emersion/go-imap/server"
)

// handler is what go-imap's dispatch calls. The arguments it parsed are none:
// the frame gives it nothing but the tag and the name.
type handler struct{}

// Parse accepts go-imap's empty argument list.
func (handler) Parse([]interface{}) error { return nil }

// Handle runs the command that the session's frame holds. The status line is
// ours, so go-imap is told to send none.
func (handler) Handle(conn imapserver.Conn) error {
	conn.(*session).serve()
	return &imap.ErrStatusResp{}
}

// serve is the frame around every command: state check, run, sync as the row
// allows, tagged status.
func (s *session) serve() {
	defer s.recovered()
	row, err := s.row()
	began := time.Now()
	if err == nil {
		s.begins(row, began)
		s.uid, s.counting = strings.HasPrefix(row.name, "UID "), false
		s.headers = s.srv.backend.AppendLimit()
		err = row.run(s)
	}
	end := s.limited(s.ending(err))
	if end != nil { // else nobody listens any more
		s.conclude(row, end)
	}
	s.ends(row, end, began)
}

// conclude tells what changed, and how the command has ended.
func (s *session) conclude(row *command, end *response) {
	if end.status != statusBAD {
		s.tellNews(row)
	}
	if end.status == statusBAD {
		s.wire.Fault()
	}
	if !s.closing && end.status != statusSent {
		s.writeStatus(end)
	}
}

// tellNews ends a command with what changed. RFC 7162, 3.2.10: search keys that are
// sequence numbers keep EXPUNGE back, in UID SEARCH too.
func (s *session) tellNews(row *command) {
	if s.syncs(row) {
		tell := s.sync
		if row.flags&removes != 0 {
			tell = s.syncAll
		}
		tell(row.flags&usesSeqs == 0 && !s.counting)
	}
	if row.flags&asksNews != 0 && !s.closing {
		s.syncOthers()
	}
}

// syncs tells whether a command ends with what changed in the selected mailbox.
// Where that was deleted, a command about other mailboxes is still answered: the
// client is told when it turns to the deleted one again (RFC 2180, 3.3).
func (s *session) syncs(row *command) bool {
	if s.view == nil || s.closing || row.flags&noSync != 0 {
		return false
	}
	return row.states != loggedIn || !s.view.Gone()
}

// row finds the table's row for the command at hand and checks the state.
func (s *session) row() (*command, error) {
	name := s.wire.Name()
	if name == "UID" {
		if err := s.wire.SP(); err != nil {
			return nil, err
		}
		sub, err := s.wire.Word()
		if err != nil {
			return nil, err
		}
		name = "UID " + sub
	}
	row := s.srv.commands[name]
	if row == nil {
		return nil, s.bad("Unknown command")
	}
	if row.states&s.state() == 0 {
		return nil, s.bad(wrongState(row.states, s.state()))
	}
	if row.flags&(usesSeqs|takesSeqs) != 0 && s.has(uidonly) {
		return nil, s.uidRequired()
	}
	return row, nil
}

// uidRequired refuses a sequence number. RFC 9586, 3.
func (s *session) uidRequired() error {
	return &response{statusBAD, "UIDREQUIRED", "Sequence numbers are off: use UIDs"}
}

// state is the session's state as a set of one.
func (s *session) state() stateSet {
	switch {
	case s.view != nil:
		return selected
	case s.account != nil:
		return authenticated
	}
	return notAuthenticated
}

func wrongState(want, have stateSet) string {
	switch {
	case want == notAuthenticated:
		return "Command not allowed after login"
	case have == notAuthenticated:
		return "Log in first"
	}
	return "Select a mailbox first"
}

// recovered ends the session whose command panicked; all others go on.
func (s *session) recovered() {
	r := recover()
	if r == nil {
		return
	}
	s.log().Error("panic in a command", "command", s.wire.Name(), "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
	s.bye("Internal error")
}
