package control

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"satchel/backend"
)

// Messages are told by their numbers where these mean the same, and by their bytes elsewhere.
func TestPresent(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		text := "Subject: x\r\n\r\nhello\r\n"
		date := time.Unix(1_700_000_000, 0)
		imp := must[Import](t)(a.Import(Target{Account: "alice", Mailbox: "INBOX"}))
		ok(t, imp.Add(&Message{Date: date}, strings.NewReader(text)))
		must[Tally](t)(imp.Finish(End{}))

		same, other := sha256.Sum256([]byte(text)), sha256.Sum256([]byte("Subject: y\r\n\r\nhello\r\n"))
		c := Copies{Account: "alice", Mailbox: "inbox", Objects: 1, List: []Copy{
			{Message: 1, Size: uint32(len(text)), Date: date.Unix()},
			{Message: 1, Size: uint32(len(text)), Date: date.Unix(), Sum: same[:]},
			{Message: 1, Size: uint32(len(text)), Date: date.Unix(), Sum: other[:]},
			{Message: 1, Size: uint32(len(text)), Date: date.Unix() + 1, Sum: same[:]},
		}}
		if got := must[[]Presence](t)(a.Present(c)); !reflect.DeepEqual(got, []Presence{Possible, Present, Absent, Absent}) {
			t.Errorf("from elsewhere: %v", got)
		}
		c.Mailbox = "Nowhere"
		if got := must[[]Presence](t)(a.Present(c)); !reflect.DeepEqual(got, make([]Presence, 4)) {
			t.Errorf("in no mailbox: %v", got)
		}
		c.List = make([]Copy, MaxCopies+1)
		if _, err := a.Present(c); !errors.Is(err, backend.ErrLimit) {
			t.Errorf("too many: %v", err)
		}
	})
}

// What AdoptAccount takes files from is a folder that was made for it, and no other place.
func TestAdoptFromElsewhere(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		for _, from := range []string{"", ".", "..", "../accounts", "restore-x/../..", "/etc", "spool-1"} {
			if _, err := a.AdoptAccount(Adoption{From: from, Name: "alice", As: "alice"}); !errors.Is(err, backend.ErrInvalidName) {
				t.Errorf("from %q: %v", from, err)
			}
		}
	})
}
