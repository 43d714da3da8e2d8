package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"satchel/backend"
	"satchel/backend/passwords"
	"satchel/server/presence"
	"satchel/server/trace"
)

// folder is a data folder with a server on it.
type folder struct {
	data   string
	be     *backend.Backend
	server *Server
	ended  chan error
}

func serve(t *testing.T) *folder {
	t.Helper()
	f := &folder{data: t.TempDir(), ended: make(chan error, 1)}
	var err error
	f.be, err = backend.Open(backend.Config{Data: f.data, AppendLimit: 1 << 20, Login: backend.LoginConfig{Iterations: passwords.MinIterations}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.be.Close() })
	if f.server, err = Listen(f.data, f.be, nil, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	go func() { f.ended <- f.server.Serve() }()
	t.Cleanup(func() { f.server.Shutdown(context.Background()) })
	return f
}

// eachSide runs a test on either side of the socket, each with a data folder of its own.
func eachSide(t *testing.T, run func(t *testing.T, f *folder, a Admin)) {
	t.Run("local", func(t *testing.T) {
		f := serve(t)
		run(t, f, NewLocal(f.be, nil))
	})
	t.Run("remote", func(t *testing.T) {
		f := serve(t)
		run(t, f, must[*Remote](t)(Dial(f.data)))
	})
}

// both runs a test with each of the two ways to a data folder.
func both(t *testing.T, test func(t *testing.T, a Admin)) {
	t.Run("local", func(t *testing.T) { test(t, NewLocal(serve(t).be, nil)) })
	t.Run("remote", func(t *testing.T) {
		r, err := Dial(serve(t).data)
		if err != nil {
			t.Fatal(err)
		}
		test(t, r)
	})
}

// must returns a value that comes without an error.
func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAccounts(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		info := must[backend.AccountInfo](t)(a.AddAccount("Alice@Example.org", "secret"))
		if info.Name != "alice@example.org" || info.ID == "" {
			t.Errorf("added %+v", info)
		}
		if _, err := a.AddAccount("alice@example.org", "secret"); !errors.Is(err, backend.ErrExists) {
			t.Errorf("twice: %v", err)
		}
		ok(t, a.AddAddress(info.Name, "@example.org"))
		ok(t, a.AddAddress(info.Name, "al@example.org"))
		ok(t, a.RemoveAddress(info.Name, "al@example.org"))
		ok(t, a.SetPassword(info.Name, "other"))
		ok(t, a.SetDisabled(info.Name, true))
		list := must[[]backend.AccountInfo](t)(a.Accounts())
		if len(list) != 1 || !list[0].Disabled || !reflect.DeepEqual(list[0].Addresses, []string{"@example.org", "alice@example.org"}) {
			t.Errorf("list %+v", list)
		}
		if secret := must[string](t)(a.AddAppPassword(info.Name, "phone")); len(secret) < 20 {
			t.Errorf("secret of %d bytes", len(secret))
		}
		if apps := must[[]backend.AppPassword](t)(a.AppPasswords(info.Name)); len(apps) != 1 || apps[0].Label != "phone" {
			t.Errorf("app passwords %+v", apps)
		}
		ok(t, a.RevokeAppPassword(info.Name, "phone"))
		ok(t, a.RemoveAccount(info.Name))
		if _, err := a.Account(info.Name); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("removed: %v", err)
		}
	})
}

func TestDeliver(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice@example.org", "secret"))
		r := must[backend.Receipt](t)(a.Deliver(Destination{Address: "alice@example.org", From: "b@example.net"}, strings.NewReader("A: b\r\n\r\n")))
		if r.Mailbox != "INBOX" || r.UID != 1 {
			t.Errorf("receipt %+v", r)
		}
		must[backend.Receipt](t)(a.Deliver(Destination{Account: "alice@example.org", Mailbox: "Junk"}, strings.NewReader("")))
		tests := []struct {
			to   Destination
			msg  io.Reader
			want error
		}{
			{Destination{Address: "dora@example.org"}, strings.NewReader("x"), backend.ErrNotFound},
			{Destination{Account: "alice@example.org", Mailbox: "Nowhere"}, strings.NewReader("x"), backend.ErrNotFound},
			{Destination{Address: "alice@example.org"}, strings.NewReader(strings.Repeat("x", 3<<20)), backend.ErrTooBig},
			{Destination{Address: "alice@example.org"}, iotest.ErrReader(io.ErrNoProgress), io.ErrNoProgress},
		}
		for _, tt := range tests {
			if _, err := a.Deliver(tt.to, tt.msg); !errors.Is(err, tt.want) {
				t.Errorf("%+v: %v, want %v", tt.to, err, tt.want)
			}
		}
		for _, m := range must[[]Mailbox](t)(a.Mailboxes("alice@example.org")) {
			want := map[string]uint32{"INBOX": 1, "Junk": 1}[m.Name]
			if m.Messages != want || !m.Exists || !m.Subscribed || m.UIDNext != backend.UID(want+1) {
				t.Errorf("%+v, want %d messages", m, want)
			}
		}
	})
}

// kept is what Export gave of a message.
type kept struct {
	m    Message
	text string
}

func exportAll(t *testing.T, a Admin, mailbox string) (list []kept) {
	t.Helper()
	ok(t, a.Export("alice", mailbox, func(m *Message, body io.Reader) error {
		b, err := io.ReadAll(body)
		list = append(list, kept{*m, string(b)})
		return err
	}))
	return list
}

func TestImportExport(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		to := Target{Account: "alice", Mailbox: "Old/Lists", Subscribe: true, UIDValidity: 99, UIDNext: 5000}
		imp := must[Import](t)(a.Import(to))
		if !imp.KeepsUIDs() {
			t.Error("a new mailbox does not keep UIDs")
		}
		var want []kept
		for i := range 600 {
			text := fmt.Sprintf("Subject: %d\r\n\r\n%s", i, strings.Repeat("0123456789abcde\n", i*17%5000))
			m := Message{UID: backend.UID(3*i + 1), Flags: backend.Flags(i % 32), Date: time.Unix(int64(1e9+i), 0).UTC(),
				Size: int64(len(text)), Key: []byte(fmt.Sprint("key", i))}
			if i%3 > 0 {
				m.Keywords = []string{"$Forwarded", "k" + fmt.Sprint(i%7)}
			}
			ok(t, imp.Add(&m, strings.NewReader(text)))
			m.Key = nil
			want = append(want, kept{m, text})
		}
		ok(t, imp.Add(&Message{Name: "broken"}, io.MultiReader(strings.NewReader("half"), iotest.ErrReader(errors.New("cannot be read")))))
		ok(t, imp.Add(&Message{Name: "large"}, strings.NewReader(strings.Repeat("x", 3<<20))))
		tally := must[Tally](t)(imp.Finish(End{}))
		imp.Abort()
		if tally.New != 600 || tally.Present != 0 || len(tally.Bad) != 2 {
			t.Errorf("tally %d new, %d present, bad %+v", tally.New, tally.Present, tally.Bad)
		}
		got := exportAll(t, a, "Old/Lists")
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d messages came back, not the %d that went in", len(got), len(want))
		}
		for _, m := range must[[]Mailbox](t)(a.Mailboxes("alice")) {
			if m.Name == "Old/Lists" && (m.UIDNext != 5000 || m.UIDValidity != 99 || !m.Subscribed) {
				t.Errorf("%+v", m)
			}
		}
	})
}

// TestImportAgain: what is there is not taken again, whether the import asks first or not.
func TestImportAgain(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		for round := range 2 {
			imp := must[Import](t)(a.Import(Target{Account: "alice", Mailbox: "INBOX"}))
			known := must[[]bool](t)(imp.Known([][]byte{[]byte("a"), []byte("c")}))
			if want := []bool{round > 0, false}; !reflect.DeepEqual(known, want) {
				t.Errorf("round %d: known %v", round, known)
			}
			for _, key := range []string{"a", "b", "a"} {
				ok(t, imp.Add(&Message{Key: []byte(key)}, strings.NewReader("x")))
			}
			tally := must[Tally](t)(imp.Finish(End{}))
			if want := 2 - 2*round; tally.New != want || tally.Present != 3-want {
				t.Errorf("round %d: %+v", round, tally)
			}
		}
	})
}

// TestImportKeywords: keywords that IMAP cannot say are left out, and so are those beyond the mailbox's limit.
func TestImportKeywords(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		imp := must[Import](t)(a.Import(Target{Account: "alice", Mailbox: "INBOX"}))
		odd := []string{"good", "two words", "", `\Odd`, "(x)", "\u00e4"}
		ok(t, imp.Add(&Message{Keywords: odd}, strings.NewReader("x")))
		for i := range 1100 {
			ok(t, imp.Add(&Message{Keywords: []string{fmt.Sprint("k", i)}}, strings.NewReader("x")))
		}
		tally := must[Tally](t)(imp.Finish(End{}))
		if tally.New != 1101 || tally.Stripped < 100 {
			t.Errorf("tally %+v", tally)
		}
		if got := exportAll(t, a, "INBOX")[0].m.Keywords; !reflect.DeepEqual(got, []string{"good"}) {
			t.Errorf("keywords %q", got)
		}
	})
}

// TestImportBroken: what was brought before the connection broke is kept.
func TestImportBroken(t *testing.T) {
	f := serve(t)
	r := must[*Remote](t)(Dial(f.data))
	must[backend.AccountInfo](t)(r.AddAccount("alice", "secret"))
	imp := must[Import](t)(r.Import(Target{Account: "alice", Mailbox: "INBOX"}))
	ok(t, imp.Add(&Message{Key: []byte("a")}, strings.NewReader("x")))
	must[[]bool](t)(imp.Known(nil)) // the server has the message
	imp.Abort()
	f.server.Shutdown(context.Background()) // waits until the server has noticed
	if st := exportAll(t, NewLocal(f.be, nil), "INBOX"); len(st) != 1 {
		t.Errorf("%d messages", len(st))
	}
}

func TestCheck(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		data := ""
		if r, isRemote := a.(*Remote); isRemote {
			data = r.data
		}
		if data != "" { // a folder that belongs to nobody
			ok(t, os.Mkdir(filepath.Join(data, "accounts", "stray"), 0o700))
		}
		var found []backend.Problem
		ok(t, a.Check(nil, true, func(p backend.Problem) error {
			found = append(found, p)
			return nil
		}))
		if (data == "" && len(found) > 0) || (data != "" && (len(found) != 1 || !strings.Contains(found[0].File, "stray") || found[0].Cure == "")) {
			t.Errorf("found %+v", found)
		}
		if err := a.Check([]string{"dora"}, false, nil); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("unknown account: %v", err)
		}
	})
}

// TestIndex: an index that is made anew is complete at the end, or left alone when nobody waits for it.
func TestIndex(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice", "secret"))
		for range 3 {
			must[backend.Receipt](t)(a.Deliver(Destination{Address: "alice"}, strings.NewReader("Subject: x\r\n\r\ntext\r\n")))
		}
		var last backend.IndexStatus
		ok(t, a.RebuildIndex(t.Context(), "ALICE", func(s backend.IndexStatus) error { last = s; return nil }))
		if last.Account != "alice" || last.Messages != 3 || last.Indexed != 3 || last.Segments != 1 || last.Size == 0 {
			t.Errorf("at the end %+v", last)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := a.RebuildIndex(ctx, "alice", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		stop := errors.New("stop")
		if err := a.RebuildIndex(t.Context(), "alice", func(backend.IndexStatus) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("stopped: %v", err)
		}
		if s := must[backend.IndexStatus](t)(a.IndexStatus("alice")); s.Account != "alice" || s.Messages != 3 {
			t.Errorf("status %+v", s)
		}
		if _, err := a.IndexStatus("dora"); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("unknown account: %v", err)
		}
	})
}

func TestNoServer(t *testing.T) {
	if _, err := Dial(t.TempDir()); !errors.Is(err, ErrNoServer) {
		t.Errorf("empty folder: %v", err)
	}
	f := serve(t)
	stale := filepath.Join(t.TempDir(), socketName)
	l, err := net.Listen("unix", stale)
	ok(t, err)
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	if _, err := Dial(filepath.Dir(stale)); !errors.Is(err, ErrNoServer) {
		t.Errorf("socket of a dead server: %v", err)
	}
	s, err := Listen(filepath.Dir(stale), f.be, nil, slog.New(slog.DiscardHandler))
	ok(t, err)
	s.Shutdown(context.Background())
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays after Shutdown: %v", err)
	}
}

// TestLongPath: a data folder may lie deeper than the path of a socket can.
func TestLongPath(t *testing.T) {
	f := serve(t)
	data := filepath.Join(t.TempDir(), strings.Repeat("long/", 30))
	ok(t, os.MkdirAll(data, 0o700))
	s, err := Listen(data, f.be, nil, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Skip(err) // not on this system
	}
	go s.Serve()
	defer s.Shutdown(context.Background())
	must[[]backend.AccountInfo](t)(must[*Remote](t)(Dial(data)).Accounts())
}

func TestSocketMode(t *testing.T) {
	info, err := os.Stat(filepath.Join(serve(t).data, socketName))
	ok(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

// TestNonsense: what is no request is refused within bounds.
func TestNonsense(t *testing.T) {
	f := serve(t)
	for _, text := range []string{
		"hello\n", "q\xff\xff\xff\xff", "q\x00\x00\x00\x02{}", "m\x00\x00\x00\x02{}",
		"q\x00\x00\x00\x18{\"Op\":\"import\",\"Args\":7}", "q\x00\x00\x00\x0e{\"Op\":\"rm -rf\"}",
	} {
		c, err := net.Dial("unix", filepath.Join(f.data, socketName))
		ok(t, err)
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, text)
		c.(*net.UnixConn).CloseWrite()
		b, err := io.ReadAll(c)
		if err != nil || len(b) == 0 || b[0] != byte(kindError) {
			t.Errorf("%q: answered %q %v", text, b, err)
		}
		c.Close()
	}
}

// TestShutdownImport: an import does not keep a server from stopping, and is told.
func TestShutdownImport(t *testing.T) {
	f := serve(t)
	r := must[*Remote](t)(Dial(f.data))
	must[backend.AccountInfo](t)(r.AddAccount("alice", "secret"))
	imp := must[Import](t)(r.Import(Target{Account: "alice", Mailbox: "INBOX"}))
	defer imp.Abort()
	f.server.Shutdown(context.Background())
	if err := <-f.ended; err != nil {
		t.Error(err)
	}
	if _, err := imp.Finish(End{}); err == nil {
		t.Error("the import believes that it has ended well")
	}
}

// listeners are fronts with the sessions listed, of which those that were ended are in ended.
type listeners struct {
	list  []presence.Session
	ended []string
	hub   *trace.Hub
}

func (l *listeners) Sessions(f presence.Filter) (found []presence.Session) {
	for i := range l.list {
		if f.Matches(&l.list[i]) {
			found = append(found, l.list[i])
		}
	}
	return found
}

func (l *listeners) Trace(f presence.Filter, literals bool) (*trace.Watcher, error) {
	return l.hub.Watch(f, literals)
}

func (l *listeners) Status() (Status, error) {
	return Status{PID: 7, Sessions: map[string]int{"imap": len(l.list)}, Certificates: []Certificate{{Names: []string{"x"}}}}, nil
}

func (l *listeners) EndSessions(f presence.Filter, text string) int {
	n := len(l.Sessions(f))
	l.ended = append(l.ended, fmt.Sprintf("%d of %s by %d: %s", n, f.AccountID, f.Credential, text))
	return n
}

// TestSessions: those that are meant are told of and ended, on either side of the socket; without a server there are none.
func TestSessions(t *testing.T) {
	f := serve(t)
	info := must[backend.AccountInfo](t)(f.be.AddAccount("alice", "secret"))
	fronts := &listeners{list: []presence.Session{
		{ID: "1", Front: "imap", AccountID: info.ID, Account: "alice", Remote: netip.MustParseAddr("192.0.2.1")},
		{ID: "2", Front: "imaps", Remote: netip.MustParseAddr("2001:db8::1")},
		{ID: "3", Front: "lmtp"},
	}}
	local, r := f.server.local, must[*Remote](t)(Dial(f.data))
	for _, a := range []Admin{local, r} {
		local.fronts = nil
		err := a.Sessions(Which{}, nil)
		if err == nil || err.Error() != ErrNoServer.Error() {
			t.Errorf("no server: %v", err)
		}
		if _, err := a.Status(); err == nil || err.Error() != ErrNoServer.Error() {
			t.Errorf("no server: %v", err)
		}
		if err := a.Ready(); err == nil || err.Error() != ErrNoServer.Error() {
			t.Errorf("no server: %v", err)
		}
		local.fronts = fronts
		if err := a.Ready(); err != nil {
			t.Error(err)
		}
		if s := must[Status](t)(a.Status()); s.PID != 7 || s.Sessions["imap"] != 3 || len(s.Certificates) != 1 {
			t.Errorf("status %+v", s)
		}
		for _, tt := range []struct {
			which Which
			want  string
		}{
			{Which{}, "1 2 3"},
			{Which{Account: "ALICE"}, "1"},
			{Which{Network: netip.MustParsePrefix("2001:db8::/32")}, "2"},
			{Which{Session: "3"}, "3"},
			{Which{Session: "3", Account: "alice"}, ""},
		} {
			var ids []string
			ok(t, a.Sessions(tt.which, func(p presence.Session) error {
				ids = append(ids, p.ID)
				return nil
			}))
			if got := strings.Join(ids, " "); got != tt.want {
				t.Errorf("%+v: %q, want %q", tt.which, got, tt.want)
			}
			if n := must[int](t)(a.EndSessions(tt.which)); n != len(ids) {
				t.Errorf("%+v: ended %d", tt.which, n)
			}
		}
		if err := a.Sessions(Which{Account: "nobody"}, nil); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("nobody's: %v", err)
		}
	}
}

// TestTrace: what is said arrives, on either side of the socket, with what was dropped, until the one who asked has enough
// or the server stops.
func TestTrace(t *testing.T) {
	f := serve(t)
	info := must[backend.AccountInfo](t)(f.be.AddAccount("alice", "secret"))
	hub := trace.New([]string{"NOOP"}, nil)
	f.server.local.fronts = &listeners{hub: hub}
	for _, a := range []Admin{f.server.local, must[*Remote](t)(Dial(f.data))} {
		ctx, stop := context.WithCancel(context.Background())
		var texts []string
		err := a.Trace(ctx, Which{Account: "alice"}, false, func(got Traced) error {
			if got.Events == nil { // it has begun
				tap := hub.Tap(&presence.Session{ID: "s", AccountID: info.ID})
				tap.Begin()
				tap.Client([]byte("a NOOP\r\n"), false)
				return nil
			}
			for _, e := range got.Events {
				texts = append(texts, e.Session+" "+e.From+" "+e.Text)
			}
			stop()
			return nil
		})
		if !errors.Is(err, context.Canceled) || !reflect.DeepEqual(texts, []string{"s C a NOOP"}) {
			t.Errorf("%v: %q", err, texts)
		}
		if err := a.Trace(context.Background(), Which{Account: "nobody"}, false, nil); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("nobody's: %v", err)
		}
	}
	r := must[*Remote](t)(Dial(f.data))
	err := r.Trace(context.Background(), Which{Account: "alice"}, false, func(Traced) error {
		go f.server.Shutdown(context.Background())
		return nil
	})
	if !errors.Is(err, backend.ErrClosed) {
		t.Errorf("the server stops: %v", err)
	}
}
