package server

import (
	"testing"

	"satchel/backend"
)

// TestOwnArrivals: what a client has put there itself does not stand for what others have put in its place.
func TestOwnArrivals(t *testing.T) {
	srv := startServer(t)
	a := srv.account(t, testUser)
	v, err := a.Open("INBOX", false, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	s := &session{loginState: loginState{account: a, view: v}}
	add := func() []backend.UID {
		spool := srv.be.NewSpool()
		defer spool.Close()
		if _, err := spool.Write([]byte("Subject: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		_, uids, err := a.Append("INBOX", &backend.Incoming{Body: spool})
		if err != nil {
			t.Fatal(err)
		}
		return uids
	}
	look := func(arrived, own uint32) {
		t.Helper()
		c := v.Pull(true)
		if n, err := s.ownArrivals(); err != nil || c.New != arrived || n != own {
			t.Errorf("%d arrived, of these %d the client's own, %v; want %d and %d", c.New, n, err, arrived, own)
		}
	}
	s.put("INBOX", add())
	s.put("inbox", add())
	look(2, 2)
	s.put("INBOX", add())
	add()
	look(2, 1)
	s.put("INBOX", add())
	other, err := a.Open("INBOX", false, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	last, err := other.Resolve([]backend.Range{{First: 0, Last: 0}}, true)
	if err == nil {
		_, err = other.Store(last, backend.StoreRequest{Op: backend.StoreAdd, Flags: backend.FlagDeleted})
	}
	if err == nil {
		err = other.Expunge(&last)
	}
	if err != nil {
		t.Fatal(err)
	}
	add()
	look(1, 0)
}
