package control

import (
	"errors"
	"strings"
	"testing"

	"satchel/backend"
)

// agreed is a yes, whatever it is for.
func agreed(int) error { return nil }

// TestEraseAsks: what is erased is what was asked about, and nothing that was expunged while the answer was waited for.
func TestEraseAsks(t *testing.T) {
	eachSide(t, func(t *testing.T, f *folder, a Admin) {
		info := must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		mail := must[*backend.Account](t)(f.be.Account(info.ID, info.Name))
		defer mail.Release()
		lose := func(subject string) error {
			ok(t, mail.Create(subject, ""))
			_, err := a.Deliver(Destination{Account: "alice", Mailbox: subject}, strings.NewReader("Subject: "+subject+"\r\n\r\n"))
			return errors.Join(err, mail.Delete(subject))
		}
		ok(t, lose("first"))
		all := backend.ExpungedFilter{}
		note := func(int, int) error { return nil }
		no := errors.New("no")
		if n, err := a.Erase(t.Context(), "alice", all, func(int) error { return no }, note); n != 0 || !errors.Is(err, no) {
			t.Errorf("without consent: %d, %v", n, err)
		}
		asked := 0
		n, err := a.Erase(t.Context(), "alice", all, func(n int) error { asked = n; return lose("second") }, note)
		if n != 1 || asked != 1 || err != nil {
			t.Errorf("asked for %d, erased %d, %v", asked, n, err)
		}
		page := must[backend.ExpungedPage](t)(a.Expunged(t.Context(), "alice", all, 2))
		if len(page.Messages) != 1 || page.Messages[0].Subject != "second" {
			t.Errorf("left are %+v", page.Messages)
		}
	})
}
