package backend

import (
	"errors"

	"satchel/storage"
)

// What callers tell apart. Each is wrapped with what was being done; server
// maps them to response codes in one place.
var (
	ErrNotFound    = storage.ErrNotFound
	ErrExists      = storage.ErrExists
	ErrFull        = storage.ErrFull
	ErrCorrupt     = storage.ErrCorrupt
	ErrShared      = storage.ErrShared
	ErrReplaced    = storage.ErrReplaced
	ErrReadOnly    = errors.New("the mailbox is open read-only")
	ErrInvalidName = errors.New("not a valid mailbox name")
	ErrTooBig      = errors.New("the message is larger than the limit")
	ErrCannot      = errors.New("not possible")
	ErrHasChildren = errors.New("the mailbox has children")
	ErrBadSequence = errors.New("no such message sequence number")
	ErrVanished    = errors.New("some of the messages are gone")
	ErrGone        = errors.New("the mailbox was deleted")
	ErrLimit       = errors.New("a limit is reached")
	ErrUse         = errors.New("a mailbox cannot have this special use")

	ErrNotPermitted   = errors.New("not permitted")
	ErrAnnotations    = errors.New("too many annotations")
	ErrAnnotationSize = errors.New("the annotation is larger than the limit")

	ErrOverQuota = errors.New("over quota")
	// ErrDeferred says that a delivery is to be tried again later.
	ErrDeferred = errors.New("put off")

	// ErrNoAccounts says that nobody is known here, so that whose an address is cannot be told: the disk that the data
	// folder is on may not be mounted, and mail must not be sent back for that.
	ErrNoAccounts = errors.New("there are no accounts in the data folder")

	ErrNoIndex = errors.New("the search index is switched off")

	ErrInUse  = errors.New("the data folder is in use")
	ErrClosed = errors.New("the server is stopping")
)
