package backend

import "satchel/storage"

// Words of storage that the rooms above speak as well.
type (
	// UID is a message's unique identifier in its mailbox (RFC 3501, 2.3.1.1).
	UID = storage.UID
	// ModSeq is a mod-sequence (RFC 7162, 3.1), at least 1.
	ModSeq = storage.ModSeq
	// MessageID names a message's bytes within its account; copies share it.
	MessageID = storage.MessageID
	// Flags is a set of system flags.
	Flags = storage.Flags
	// Resource is one of the things that quotas count (RFC 9208, 5).
	Resource = storage.Resource
	// Usage is how much there is of each Resource.
	Usage = storage.Usage
	// Limits is how much there may be of each Resource.
	Limits = storage.Limits
	// Columns says which stored parts of a message are wanted.
	Columns = storage.Columns
	// Message is a message's stored columns.
	Message = storage.Message
	// Cause says how a message lost its last place in a mailbox.
	Cause = storage.Cause
)

// The causes.
const (
	ByExpunge  = storage.ByExpunge
	ByReplace  = storage.ByReplace
	ByDeletion = storage.ByDeletion
)

// The resources, and what stands for a limit.
const (
	QuotaStorage   = storage.QuotaStorage
	QuotaMessages  = storage.QuotaMessages
	QuotaMailboxes = storage.QuotaMailboxes
	NoLimit        = storage.NoLimit
	Configured     = storage.Configured
)

// The system flags. \Recent is a property of a session and not among them.
const (
	FlagSeen     = storage.FlagSeen
	FlagAnswered = storage.FlagAnswered
	FlagFlagged  = storage.FlagFlagged
	FlagDeleted  = storage.FlagDeleted
	FlagDraft    = storage.FlagDraft
)

// The stored columns of a message.
const (
	ColEnvelope  = storage.ColEnvelope
	ColStructure = storage.ColStructure
	ColParts     = storage.ColParts
	ColHeader    = storage.ColHeader
	ColHeadText  = storage.ColHeadText
	ColSent      = storage.ColSent
	ColPreview   = storage.ColPreview
)

// Range is a range of sequence numbers or UIDs as a client wrote it: in either
// order, 0 standing for "*".
type Range struct{ First, Last uint32 }

// Row is what a view knows of one of its messages. Keywords is shared and must
// not be changed.
type Row struct {
	Seq      uint32
	UID      UID
	Flags    Flags
	Recent   bool
	Size     uint32 // RFC822.SIZE
	Keywords []string
	ModSeq   ModSeq
	Date     int64 // INTERNALDATE, Unix seconds
	Message  MessageID
}
