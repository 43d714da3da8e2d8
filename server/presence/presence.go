// Package presence describes who is connected to the server: what a front knows of each of its sessions, in a form that
// can be shown, and which of them somebody means.
//
// It owns no connection and no session, and knows no protocol. Everything in it may be used by several goroutines.
package presence

import (
	"net/netip"
	"strconv"
	"sync/atomic"
	"time"
)

// Session is one client's connection as it was at some moment. What a client said of itself is printable and short.
type Session struct {
	ID       string     `json:"id"`
	Front    string     `json:"front"`             // imap, imaps, lmtp, https or web
	Account  string     `json:"account,omitempty"` // its name; "" before login
	Remote   netip.Addr `json:"address,omitzero"`  // the zero Addr behind a unix socket
	TLS      string     `json:"tls,omitempty"`     // such as "TLS 1.3"; "" in the clear
	Method   string     `json:"method,omitempty"`  // of the login, such as LOGIN or SCRAM-SHA-256
	Device   string     `json:"device,omitempty"`  // the label of the app password that let it in; only told to who looks on
	Since    time.Time  `json:"since"`             // it connected
	Client   string     `json:"client,omitempty"`  // the program's name, from ID (RFC 2971)
	Version  string     `json:"version,omitempty"` // and its version
	Mailbox  string     `json:"mailbox,omitempty"` // the one that is selected
	Compress bool       `json:"compress"`          // it is compressed

	Command  string    `json:"command,omitempty"` // the one under way
	StateAge time.Time `json:"state_since"`       // when that began, or the last one ended
	Commands uint64    `json:"commands"`          // how many have begun
	In       uint64    `json:"bytes_in"`
	Out      uint64    `json:"bytes_out"`

	AccountID  string `json:"-"`
	Credential int64  `json:"-"` // what let it in, by the ID that the accounts give it; 0 before login
}

// ids numbers the sessions of all fronts. It begins with the time, so that an id is not met again in the log of the next
// run, as long as fewer than a thousand clients connect a second.
var ids atomic.Uint64

func init() { ids.Store(uint64(time.Now().UnixMilli())) }

// NewID returns a name for a session that no other one of this process has: eight letters and digits.
func NewID() string { return strconv.FormatUint(ids.Add(1), 36) }

// Filter says which sessions are meant: those of which all that is set is true, so the zero Filter means every one.
type Filter struct {
	Session    string
	AccountID  string
	Credential int64        // of the account
	Network    netip.Prefix // the client's address is in it
}

// Matches reports whether a session is meant.
func (f Filter) Matches(s *Session) bool {
	return (f.Session == "" || f.Session == s.ID) &&
		(f.AccountID == "" || f.AccountID == s.AccountID) &&
		(f.Credential == 0 || f.Credential == s.Credential) &&
		(!f.Network.IsValid() || f.Network.Contains(s.Remote))
}
