// Package control is how the command line works on a data folder, whether a server is running on it or not.
//
// Admin is what it can ask for. Local does it on a backend that this process has opened; Remote asks the process that
// has it, over a unix socket in the data folder, whose other end is a Server: it answers with a Local of its own, so
// there is one path to the mail. The package owns the socket, who may connect, and the frames on it. It holds no mail
// logic and starts no process.
//
// The socket is for the owner of the data folder and root only: what comes over it is trusted to mean what it says,
// but is bounded all the same. Values of all types may be used by several goroutines, except an Import.
package control

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/presence"
)

// Admin is what the command line can ask of a data folder. Errors wrap backend's sentinels, on either side of a socket.
type Admin interface {
	Accounts() ([]backend.AccountInfo, error)
	Account(name string) (backend.AccountInfo, error)
	AddAccount(name, password string) (backend.AccountInfo, error)
	SetPassword(name, password string) error
	SetDisabled(name string, disabled bool) error
	RemoveAccount(name string) error

	AddAddress(account, address string) error
	RemoveAddress(account, address string) error

	AddAppPassword(account, label string) (secret string, err error)
	AppPasswords(account string) ([]backend.AppPassword, error)
	RevokeAppPassword(account, label string) error

	AccountQuota(account string) (backend.AccountQuota, error)
	// SetQuota replaces the limits of an account's own.
	SetQuota(account string, own backend.Limits) error

	// Deliver stores a message in wire form; when it returns nil the message is on disk.
	Deliver(to Destination, msg io.Reader) (backend.Receipt, error)
	// Mailboxes lists an account's mailboxes and subscriptions.
	Mailboxes(account string) ([]Mailbox, error)
	// Import begins adding messages to a mailbox, which is made if it is missing.
	Import(to Target) (Import, error)
	// AdoptAccount adds an account of a backup, whose files are in the data folder already.
	AdoptAccount(Adoption) (Adopted, error)
	// Present tells which messages of a backup a mailbox has. One that is not there has none.
	Present(Copies) ([]Presence, error)
	// Upstreams lists the folders of other servers that an account's mailboxes have messages of.
	Upstreams(account string) ([]backend.Upstream, error)
	// RenameUpstream follows a folder that has another name at its server, and gives its mailbox the name in mailbox unless
	// that is "".
	RenameUpstream(account, from, to, mailbox string) error
	// UpstreamMessages gives the messages that a mailbox has had of an upstream, in the order of UIDs there, some at a time.
	UpstreamMessages(account, upstream string, each func([]backend.UpstreamMessage) error) error
	// MessageIDs gives the Message-IDs of a mailbox's messages, some at a time.
	MessageIDs(account, mailbox string, each func([]MessageID) error) error
	// Export gives each message of a mailbox in the order of UIDs. The reader is good until each returns.
	Export(account, mailbox string, each func(m *Message, body io.Reader) error) error
	// Check tells each problem found in the accounts, nil meaning all.
	Check(accounts []string, deep bool, each func(backend.Problem) error) error
	// IndexStatus tells how far an account's search index is.
	IndexStatus(account string) (backend.IndexStatus, error)
	// RebuildIndex makes an account's search index anew, and tells how far it is until it is done. When ctx ends, what is
	// done is kept, and the rest is left to the running server.
	RebuildIndex(ctx context.Context, account string, each func(backend.IndexStatus) error) error
	// Expunged lists an account's expunged messages, those expunged last first, at most so many.
	Expunged(ctx context.Context, account string, f backend.ExpungedFilter, most int) (backend.ExpungedPage, error)
	// Undelete brings expunged messages back, into one mailbox or, if that is "", where they were.
	Undelete(ctx context.Context, account string, f backend.ExpungedFilter, into string, each func(done, total int) error) (backend.Undeleted, error)
	// Erase erases expunged messages for good and says how many. None but those that agree was told the number of.
	Erase(ctx context.Context, account string, f backend.ExpungedFilter, agree func(n int) error, each func(done, total int) error) (int, error)

	// Status is how the running server is doing. ErrNoServer says, here and below, that there is none.
	Status() (Status, error)

	// Ready says why nobody can log in to the running server, or no mail can be stored.
	Ready() error
	// Sessions tells of each client that is connected, or of those of an account or a network.
	Sessions(which Which, each func(presence.Session) error) error
	// EndSessions ends sessions with a word to their clients, and returns how many.
	EndSessions(which Which) (int, error)
	// Trace tells what is said in sessions, as it goes by, until ctx ends; first of all nothing, when it has begun. literals
	// asks for their contents too.
	Trace(ctx context.Context, which Which, literals bool, each func(Traced) error) error

	Close() error
}

// Which says what sessions are meant: those of which all that is set is true.
type Which struct {
	Session string       // its id
	Account string       // a name
	Network netip.Prefix // of the client
}

// Destination is where Deliver puts a message: an address, or a mailbox of an account.
type Destination struct {
	Address  string // as an MTA would give it; "" when Account is set
	Account  string
	Mailbox  string // of Account; "" is INBOX
	From     string // envelope sender
	Received string // a Received field as a whole line, or ""
}

// Mailbox describes a mailbox or a subscription to one that is not there.
type Mailbox struct {
	Name        string
	SpecialUse  string
	Subscribed  bool
	Exists      bool
	Messages    uint32
	Size        int64 // bytes
	UIDValidity uint32
	UIDNext     backend.UID
}

// Message is one message's place in a mailbox.
type Message struct {
	Name     string // how it is called where it comes from, for the list of bad ones
	UID      backend.UID
	Flags    backend.Flags
	Keywords []string
	Date     time.Time
	Size     int64  // bytes in wire form; 0 when not known
	Key      []byte // names it for good in the place it comes from; not needed of an upstream, where UID does
}

// MessageID is the Message-ID of a message of a mailbox.
type MessageID struct {
	UID backend.UID
	ID  message.ID
}

// Target is the mailbox that an import fills.
type Target struct {
	Account     string
	Mailbox     string
	SpecialUse  string // given to a mailbox that the import makes, unless another has it
	Subscribe   bool
	UIDValidity uint32      // of the UIDs in the messages; 0 when they have none
	UIDNext     backend.UID // of the place that they come from: it has given out none from here on
	Source      string      // names that place, for what is no upstream
	// Upstream is the folder of another server that the messages come from, "" for none. One that is known has its mailbox,
	// whatever Mailbox says.
	Upstream string
}

// Changes are what became of an upstream's messages that the mailbox has had.
type Changes struct {
	Flags  []backend.SourceFlags
	Gone   []backend.UID             // expunged there; by their UIDs here
	Claims []backend.UpstreamMessage // are messages that the mailbox has already
}

// End is what Finish notes.
type End struct {
	ModSeq     uint64 // the changes of the upstream up to here have been brought over, if no message was bad; 0: not known
	Unfinished bool   // there are more messages, which are to keep their UIDs when they come
}

// Import adds messages to one mailbox. It belongs to one goroutine.
type Import interface {
	// KeepsUIDs reports whether the mailbox takes over the messages' UIDs, from one to the next as long as they rise. When
	// something else comes to the mailbox meanwhile, it gets a UID that the source has not given out, and so do messages
	// after it.
	KeepsUIDs() bool
	// Mailbox is the name of the mailbox.
	Mailbox() string
	// Limit is how large a message may be, in bytes.
	Limit() int64
	// Known reports which messages, by their keys, have been imported before.
	Known(keys [][]byte) ([]bool, error)
	// Add takes a message in wire form. One that is too large or cannot be read is counted as bad and passed over: an
	// error ends the import. When Add returns the message need not be on disk yet.
	Add(m *Message, body io.Reader) error
	// Change brings changes of an upstream over, and reports how many messages are others now.
	Change(c Changes) (int, error)
	// Finish waits until all is on disk.
	Finish(end End) (Tally, error)
	// Abort ends an import that failed. After Finish it does nothing.
	Abort()
}

// Tally counts what became of an import's messages.
type Tally struct {
	New     int
	Present int   // had been imported before
	Bytes   int64 // of the new ones
	Bad     []Bad // at most maxBad of them
	BadMore int   // how many more there were

	Stripped int // stored without their keywords, for the mailbox has as many as it can have
}

// Bad is a message that was passed over.
type Bad struct{ Name, Reason string }

// maxBad bounds the list in a Tally.
const maxBad = 1000

func (t Tally) String() string { return fmt.Sprintf("%d new, %d already there", t.New, t.Present) }

// AddBad counts a bad message.
func (t *Tally) AddBad(name, reason string) {
	if len(t.Bad) < maxBad {
		t.Bad = append(t.Bad, Bad{name, reason})
	} else {
		t.BadMore++
	}
}

// Sum adds what another tally counted.
func (t *Tally) Sum(o Tally) {
	t.New += o.New
	t.Present += o.Present
	t.Bytes += o.Bytes
	t.BadMore += o.BadMore
	t.Stripped += o.Stripped
	for _, b := range o.Bad {
		t.AddBad(b.Name, b.Reason)
	}
}
