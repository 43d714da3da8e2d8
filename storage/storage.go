// Package storage keeps mail and accounts in SQLite files: mail.db for each account, directory.db for all of them.
//
// It owns the tables, the transactions, UIDs, mod-sequences, the counters of mailboxes and the bytes of messages;
// it is the only package with SQL. It never knows a sequence number, a session or a line of IMAP, and it never
// decides what a client may do.
//
// Reading methods of Mail may be called by any number of goroutines at once and alongside one writing transaction.
// Transactions of one Mail are the caller's to serialise: Begin while another is open waits for nobody and fails.
// What Commit has answered is on the disk.
package storage

// MailboxID names a mailbox within its account's file, for ever: it is never given to another one.
type MailboxID int64

// MessageID names the bytes of a message within its account's file, for ever. Copies share it.
type MessageID int64

// UID is RFC 3501's unique identifier of a message in its mailbox. 0 is none.
type UID uint32

// ModSeq is RFC 7162's mod-sequence of a mailbox or message. 0 is none.
type ModSeq uint64

// Flags holds the system flags of a message. \Recent is not one of them: it belongs to a session.
type Flags uint8

// The system flags of RFC 3501, 2.3.2. The bits are stored: they never change.
const (
	FlagSeen Flags = 1 << iota
	FlagAnswered
	FlagFlagged
	FlagDeleted
	FlagDraft
)

// Range is the UIDs from First to Last, both included.
type Range struct{ First, Last UID }
