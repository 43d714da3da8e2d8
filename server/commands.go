package server

import (
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/emersion/go-imap"
	imapserver "github.com/emersion/go-imap/server"
)

// stateSet is the set of states, RFC 3501 section 3, in which a command is
// allowed.
type stateSet uint8

const (
	notAuthenticated stateSet = 1 << iota
	authenticated
	selected

	anyState = notAuthenticated | authenticated | selected
	loggedIn = authenticated | selected
)

// rowFlags say what the frame does around a command.
type rowFlags uint8

const (
	// usesSeqs: the client counts by sequence numbers in this command, so no
	// EXPUNGE may be sent during it.
	usesSeqs rowFlags = 1 << iota
	// noSync: the command says itself what state the mailbox is in, or leaves it.
	noSync
	// takesSeqs: its arguments are sequence numbers, so it is refused once the
	// client has switched on UIDONLY; of usesSeqs that holds as well.
	takesSeqs
	// removes: the command's own effect is told by the sync, so it takes place even
	// if the client wants no news (NOTIFY).
	removes
	// asksNews: what is new elsewhere is told as well, where NOTIFY wants it.
	asksNews
)

// row is one of the table.
type row struct {
	name   string
	states stateSet
	flags  rowFlags
	run    func(*session) error
}

// command is a row that is served.
type command struct {
	row
	meter
}

func newCommand(r row) *command { return &command{row: r, meter: newMeter()} }

// commandTable is every command that satchel knows, sorted by name. A command
// under UID is a row of its own, because other rules hold for it.
func commandTable() []row {
	return []row{
		{"APPEND", loggedIn, 0, (*session).appendMessages},
		{"AUTHENTICATE", notAuthenticated, noSync, (*session).authenticate},
		{"CANCELUPDATE", selected, 0, (*session).cancelUpdate},
		{"CAPABILITY", anyState, 0, (*session).capability},
		{"CHECK", selected, asksNews, (*session).noop},
		{"CLOSE", selected, noSync, (*session).closeMailbox},
		{"COMPRESS", loggedIn, noSync, (*session).compress},
		{"COPY", selected, takesSeqs, (*session).copyMessages},
		{"CREATE", loggedIn, 0, (*session).create},
		{"DELETE", loggedIn, 0, (*session).deleteMailbox},
		{"ENABLE", loggedIn, 0, (*session).enable},
		{"ESEARCH", loggedIn, 0, (*session).multiSearch},
		{"EXAMINE", loggedIn, noSync, (*session).examine},
		{"EXPUNGE", selected, removes, (*session).expunge},
		{"FETCH", selected, usesSeqs, (*session).fetch},
		{"GETMETADATA", loggedIn, 0, (*session).getMetadata},
		{"GETQUOTA", loggedIn, 0, (*session).getQuota},
		{"GETQUOTAROOT", loggedIn, 0, (*session).getQuotaRoot},
		{"ID", anyState, 0, (*session).id},
		{"IDLE", loggedIn, 0, (*session).idle},
		{"LIST", loggedIn, 0, (*session).list},
		{"LOGIN", notAuthenticated, noSync, (*session).login},
		{"LOGOUT", anyState, noSync, (*session).logout},
		{"LSUB", loggedIn, 0, (*session).lsub},
		{"MOVE", selected, takesSeqs | removes, (*session).move},
		{"NAMESPACE", loggedIn, 0, (*session).namespace},
		{"NOOP", anyState, asksNews, (*session).noop},
		{"NOTIFY", loggedIn, removes, (*session).notify},
		{"RENAME", loggedIn, 0, (*session).rename},
		{"REPLACE", selected, takesSeqs | removes, (*session).replace},
		{"SEARCH", selected, usesSeqs, (*session).search},
		{"SELECT", loggedIn, noSync, (*session).selectMailbox},
		{"SETMETADATA", loggedIn, 0, (*session).setMetadata},
		{"SETQUOTA", loggedIn, 0, (*session).setQuota},
		{"SORT", selected, usesSeqs, (*session).sort},
		{"STARTTLS", notAuthenticated, noSync, (*session).startTLS},
		{"STATUS", loggedIn, 0, (*session).status},
		{"STORE", selected, usesSeqs, (*session).store},
		{"SUBSCRIBE", loggedIn, 0, (*session).subscribe},
		{"THREAD", selected, usesSeqs, (*session).thread},
		{"UID COPY", selected, 0, (*session).copyMessages},
		{"UID EXPUNGE", selected, removes, (*session).uidExpunge},
		{"UID FETCH", selected, 0, (*session).fetch},
		{"UID MOVE", selected, removes, (*session).move},
		{"UID REPLACE", selected, removes, (*session).replace},
		{"UID SEARCH", selected, 0, (*session).search},
		{"UID SORT", selected, 0, (*session).sort},
		{"UID STORE", selected, 0, (*session).store},
		{"UID THREAD", selected, 0, (*session).thread},
		{"UIDBATCHES", selected, 0, (*session).uidBatches},
		{"UNAUTHENTICATE", loggedIn, noSync, (*session).unauthenticate},
		{"UNSELECT", selected, noSync, (*session).unselect},
		{"UNSUBSCRIBE", loggedIn, 0, (*session).unsubscribe},
	}
}

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
