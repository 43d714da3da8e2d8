package message

// HeadField names one of the header fields kept in HeadText.
type HeadField uint8

// The fields that FROM, TO, CC, BCC and SUBJECT search.
const (
	From HeadField = iota
	To
	Cc
	Bcc
	Subject
)

// HeadTextContains tells whether a field, as stored in Message.HeadText, contains the folded
// needle. An empty needle asks whether the field exists.
func HeadTextContains(headText []byte, field HeadField, needle []byte) bool { return false }

// HeaderContains tells whether a field of that name in a raw header contains the folded needle.
// An empty needle asks whether the field exists.
func HeaderContains(header []byte, name string, needle []byte) bool { return false }

// Want is one thing looked for in a message by Scratch.Search.
type Want struct {
	Needle  []byte // folded
	Headers bool   // look in headers as well: SEARCH TEXT instead of BODY
	Found   bool   // the answer
}

// Scratch holds buffers that are used again from one message to the next. The zero value is ready.
type Scratch struct{}

// Search looks for all wants in one pass over a message, decoding each part once, and sets Found.
func (s *Scratch) Search(raw []byte, root *Part, wants []Want) {}

// BodyContains tells whether the decoded text of the text parts contains the folded needle.
func BodyContains(raw []byte, root *Part, needle []byte, s *Scratch) bool { return false }

// TextContains is BodyContains with the decoded headers of the message and its parts.
func TextContains(raw []byte, root *Part, needle []byte, s *Scratch) bool { return false }
