package server

import (
	"strconv"
	"strings"
)

// capabilityRow is one row of the table of capabilities.
type capabilityRow struct {
	name   string // with "=" at its end where a value follows
	states stateSet
	when   func(*session) bool   // nil: in these states always
	value  func(*session) string // nil: none
}

// capabilityTable is everything that satchel ever announces, in that order, but
// for the SASL mechanisms, which are the backend's. What is of use only to a client
// that has logged in is announced only then.
func capabilityTable() []capabilityRow {
	return []capabilityRow{
		{name: "IMAP4rev1", states: anyState},
		{name: "LITERAL+", states: anyState},
		{name: "SASL-IR", states: anyState},
		{name: "ID", states: anyState},
		{name: "ENABLE", states: anyState},
		{name: "IDLE", states: anyState},
		{name: "IMAP4rev2", states: anyState},
		{name: "NAMESPACE", states: loggedIn},
		{name: "CHILDREN", states: loggedIn},
		{name: "UNSELECT", states: loggedIn},
		{name: "UIDPLUS", states: loggedIn},
		{name: "MOVE", states: loggedIn},
		{name: "MULTIAPPEND", states: loggedIn},
		{name: "BINARY", states: loggedIn},
		{name: "CONDSTORE", states: loggedIn},
		{name: "QRESYNC", states: loggedIn},
		{name: "UIDONLY", states: loggedIn},
		{name: "CATENATE", states: loggedIn},
		{name: "REPLACE", states: loggedIn},
		{name: "PREVIEW", states: loggedIn},
		{name: "SAVEDATE", states: loggedIn},
		{name: "OBJECTID", states: loggedIn},
		{name: "SPECIAL-USE", states: loggedIn},
		{name: "CREATE-SPECIAL-USE", states: loggedIn},
		{name: "LIST-EXTENDED", states: loggedIn},
		{name: "LIST-STATUS", states: loggedIn},
		{name: "STATUS=SIZE", states: loggedIn},
		{name: "METADATA", states: loggedIn},
		{name: "LIST-METADATA", states: loggedIn},
		{name: "NOTIFY", states: loggedIn},
		{name: "QUOTA", states: loggedIn},
		{name: "QUOTA=RES-STORAGE", states: loggedIn},
		{name: "QUOTA=RES-MESSAGE", states: loggedIn},
		{name: "QUOTA=RES-MAILBOX", states: loggedIn},
		{name: "QUOTASET", states: loggedIn, when: maySetQuota},
		{name: "ESEARCH", states: loggedIn},
		{name: "SEARCHRES", states: loggedIn},
		{name: "WITHIN", states: loggedIn},
		{name: "SEARCH=FUZZY", states: loggedIn},
		{name: "UTF8=ACCEPT", states: loggedIn},
		{name: compression, states: loggedIn, when: mayCompress},
		{name: "SORT", states: loggedIn},
		{name: "SORT=DISPLAY", states: loggedIn},
		{name: "ESORT", states: loggedIn},
		{name: "THREAD=ORDEREDSUBJECT", states: loggedIn},
		{name: "THREAD=REFERENCES", states: loggedIn},
		{name: "THREAD=REFS", states: loggedIn},
		{name: "I18NLEVEL=1", states: loggedIn},
		{name: "UNAUTHENTICATE", states: loggedIn},
		{name: "PARTIAL", states: loggedIn},
		{name: "CONTEXT=SEARCH", states: loggedIn},
		{name: "CONTEXT=SORT", states: loggedIn},
		{name: "MULTISEARCH", states: loggedIn},
		{name: "UIDBATCHES", states: loggedIn},
		{name: "INPROGRESS", states: loggedIn},
		{name: "MESSAGELIMIT=", states: loggedIn, when: limitsAll, value: messageLimit},
		{name: "SAVELIMIT=", states: loggedIn, when: limitsSaves, value: saveLimit},
		{name: "APPENDLIMIT=", states: loggedIn, value: appendLimit},
		{name: "STARTTLS", states: notAuthenticated, when: mayStartTLS},
		{name: "LOGINDISABLED", states: notAuthenticated, when: loginDisabled},
	}
}

func appendLimit(s *session) string { return strconv.FormatInt(s.srv.backend.AppendLimit(), 10) }
func mayStartTLS(s *session) bool   { return !s.IsTLS() && s.srv.cfg.TLS != nil }
func loginDisabled(s *session) bool { return !s.mayLogIn() }

// capability: RFC 3501, 6.1.1.
func (s *session) capability() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.end(append(s.appendCapabilities(append(s.begin(), "* CAPABILITY "...)), "\r\n"...))
	return nil
}

// announces reports whether the session announces a row in its present state.
func (s *session) announces(row *capabilityRow) bool {
	return row.states&s.state() != 0 && (row.when == nil || row.when(s)) && !s.hides(row.name)
}

// offers reports whether the session announces a capability at present.
func (s *session) offers(name string) bool {
	for i := range s.srv.capabilities {
		if row := &s.srv.capabilities[i]; strings.EqualFold(strings.TrimSuffix(row.name, "="), name) {
			return s.announces(row)
		}
	}
	return false
}

// appendCapabilities appends what the session offers in its present state.
func (s *session) appendCapabilities(dst []byte) []byte {
	start := len(dst)
	for i := range s.srv.capabilities {
		row := &s.srv.capabilities[i]
		if !s.announces(row) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = append(dst, row.name...)
		if row.value != nil {
			dst = append(dst, row.value(s)...)
		}
	}
	if s.account != nil || !s.mayLogIn() {
		return dst
	}
	for _, m := range s.srv.backend.Mechanisms(s.saslConn()) {
		if !s.hides("AUTH=" + m) {
			dst = append(append(dst, " AUTH="...), m...)
		}
	}
	return dst
}

// Capabilities is the list as go-imap asks for it.
func (s *session) Capabilities() []string {
	return strings.Fields(string(s.appendCapabilities(nil)))
}

// greeting is the first line that the client sees.
func (s *session) greeting() []byte {
	b := append([]byte(nil), "* OK [CAPABILITY "...)
	return append(s.appendCapabilities(b), "] satchel ready\r\n"...)
}
