package server

import (
	"net"
	"strings"
	"testing"

	"satchel/backend"
	"satchel/server/wire"
)

// TestKeywordAmidSelect: a keyword that others add after SELECT has listed all of them is listed before the resync that
// is the rest of its answer tells of a message that has it.
func TestKeywordAmidSelect(t *testing.T) {
	srv := startServer(t)
	if err := srv.deliver(t, testUser, "INBOX", []byte("Subject: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	a := srv.account(t, testUser)
	open := func() *backend.View {
		v, err := a.Open("INBOX", false, func() {})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(v.Close)
		return v
	}
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	s := &session{loginState: loginState{account: a, view: open(), features: condstore | qresync}, wire: wire.NewConn(near)}
	if err := s.end(s.appendOpened(s.begin(), "INBOX")); err != nil {
		t.Fatal(err)
	}
	other := open()
	_, err := other.Store(other.All(), backend.StoreRequest{Op: backend.StoreAdd, Keywords: []string{"fresh"}})
	if err == nil {
		err = s.resync(&selectParameters{resync: true, uidValidity: other.UIDValidity(), since: 1})
	}
	if err != nil {
		t.Fatal(err)
	}
	said := string(s.begin())
	flags, fetched := strings.Index(said, `\Draft fresh)`), strings.Index(said, "FETCH")
	if fetched < 0 || flags < 0 || flags > fetched {
		t.Errorf("FLAGS at %d, FETCH at %d:\n%s", flags, fetched, said)
	}
}
