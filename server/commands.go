package server

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
