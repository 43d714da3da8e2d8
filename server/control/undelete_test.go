package control

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"satchel/backend"
)

// TestUndelete: expunged messages are listed, brought back and erased alike on either side of the socket.
func TestUndelete(t *testing.T) {
	eachSide(t, func(t *testing.T, f *folder, a Admin) {
		info := must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		for n := range 3 {
			msg := fmt.Sprintf("From: Ben <ben@x>\r\nSubject: letter %d\r\n\r\ntext\r\n", n)
			must[backend.Receipt](t)(a.Deliver(Destination{Account: "alice", Mailbox: "Archive"}, strings.NewReader(msg)))
		}
		mail := must[*backend.Account](t)(f.be.Account(info.ID, info.Name))
		ok(t, mail.Delete("Archive"))
		mail.Release()

		page := must[backend.ExpungedPage](t)(a.Expunged(t.Context(), "ALICE", backend.ExpungedFilter{}, 2))
		if m := page.Messages; len(m) != 2 || !page.More || page.Kept != 3 || m[0].Subject != "letter 2" || m[0].From != "Ben" || m[0].Cause != backend.ByDeletion {
			t.Fatalf("listed %+v", page)
		}
		var steps [][2]int
		note := func(done, total int) error { steps = append(steps, [2]int{done, total}); return nil }
		some := backend.ExpungedFilter{IDs: []backend.MessageID{page.Messages[0].ID, 99}}
		u := must[backend.Undeleted](t)(a.Undelete(t.Context(), "alice", some, "", note))
		want := backend.Undeleted{Into: []backend.UndeletedInto{{Mailbox: "Archive", Made: true, Messages: 1}}, Unknown: []backend.MessageID{99}}
		if !reflect.DeepEqual(u, want) || !reflect.DeepEqual(steps, [][2]int{{1, 1}}) {
			t.Errorf("%+v, want %+v; steps %v", u, want, steps)
		}
		if n := must[int](t)(a.Erase(t.Context(), "alice", backend.ExpungedFilter{}, agreed, note)); n != 2 {
			t.Errorf("erased %d", n)
		}
		if page := must[backend.ExpungedPage](t)(a.Expunged(t.Context(), "alice", backend.ExpungedFilter{}, 2)); page.Kept != 0 {
			t.Errorf("still there: %+v", page)
		}
		if _, err := a.Undelete(t.Context(), "alice", backend.ExpungedFilter{}, "a//b", note); !errors.Is(err, backend.ErrInvalidName) {
			t.Errorf("into a//b: %v", err)
		}
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := a.Erase(gone, "dora", backend.ExpungedFilter{}, agreed, note); err == nil {
			t.Error("erased mail of nobody")
		}
		if _, err := a.Expunged(t.Context(), "dora", backend.ExpungedFilter{}, 1); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("unknown account: %v", err)
		}
	})
}
