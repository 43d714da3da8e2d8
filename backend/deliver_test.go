package backend

import (
	"errors"
	"io"
	"math"
	"runtime"
	"strings"
	"sync"
	"testing"

	"satchel/backend/passwords"
	"satchel/storage"
)

// spoolOf spools a message.
func spoolOf(t *testing.T, b *Backend, text string) *Spool {
	t.Helper()
	s := b.NewSpool()
	t.Cleanup(s.Close)
	if _, err := s.ReadFrom(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	return s
}

// openFolder opens a folder of an account to look at it.
func openFolder(t *testing.T, b *Backend, account, folder string) *View {
	t.Helper()
	v, err := accountOf(t, b, account).Open(folder, true, func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Close)
	return v
}

func rawOf(t *testing.T, v *View, i int) (string, Message) {
	t.Helper()
	rows := v.Rows(v.All(), i, 1, nil)
	if len(rows) != 1 {
		t.Fatalf("no message %d in %s", i, v.Name())
	}
	raw, err := v.AppendBytes(nil, &rows[0], 0, int64(rows[0].Size))
	if err != nil {
		t.Fatal(err)
	}
	stored, err := v.Messages(rows, ColParts|ColHeader|ColEnvelope, nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw), stored[0]
}

func testBackend(t *testing.T, accounts ...string) *Backend {
	t.Helper()
	b, err := Open(Config{Data: t.TempDir(), Login: LoginConfig{Iterations: passwords.MinIterations}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	for _, name := range accounts {
		if _, err := b.AddAccount(name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// TestDeliver: each recipient's copy begins with lines of its own, and what was parsed once is right for all.
func TestDeliver(t *testing.T) {
	b := testBackend(t, "alice@example.org", "bob@example.org")
	texts := []string{
		"Subject: a\r\n\r\nbody\r\n",
		"",
		"\r\nno header\r\n",
		"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\ntwo\r\n--x--\r\n",
		"Subject: big\r\n\r\n" + strings.Repeat("0123456789\r\n", 200_000),
	}
	for _, text := range texts {
		d, err := b.NewDelivery("carol@example.net", "Received: by test\r\n", spoolOf(t, b, text))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		for _, to := range []string{"alice@example.org", "bob@example.org"} {
			if r, err := d.To(to); err != nil || r.Account != to || r.Mailbox != "INBOX" || r.UID == 0 {
				t.Fatalf("%s: %+v %v", to, r, err)
			}
		}
	}
	for _, to := range []string{"alice@example.org", "bob@example.org"} {
		v := openFolder(t, b, to, "INBOX")
		lines := "Return-Path: <carol@example.net>\r\nDelivered-To: " + to + "\r\nReceived: by test\r\n"
		for i, text := range texts {
			raw, stored := rawOf(t, v, i)
			if raw != lines+text {
				t.Errorf("%s: message %d is %.200q", to, i, raw)
			}
			checkParts(t, raw, stored)
		}
	}
}

func TestDeliverPlace(t *testing.T) {
	b := testBackend(t, "alice@example.org")
	info, _ := b.AccountByName("alice@example.org")
	a, err := b.Account(info.ID, info.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	for _, name := range []string{"Lists/go", "Bills"} {
		if err := a.Create(name, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SetDisabled("alice@example.org", true); err != nil {
		t.Fatal(err) // mail still arrives
	}
	tests := []struct{ to, mailbox string }{
		{"alice@example.org", "INBOX"},
		{"alice+bills@example.org", "Bills"},
		{"alice+lists.go@example.org", "Lists/go"},
		{"Alice+Nowhere@example.org", "INBOX"},
	}
	for _, tt := range tests {
		d, err := b.NewDelivery("", "", spoolOf(t, b, "Subject: x\r\n\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		if r, err := d.To(tt.to); err != nil || r.Mailbox != tt.mailbox {
			t.Errorf("%s: %+v %v, want %s", tt.to, r, err, tt.mailbox)
		}
	}
	d, err := b.NewDelivery("", "", spoolOf(t, b, "Subject: x\r\n\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := d.To("dora@example.org"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	if _, err := d.Into(a, "Nowhere"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown mailbox: %v", err)
	}
}

// TestDeliverWhereAFolderWas: a folder that goes at the very moment costs no mail: who has an address is never said to
// have none.
func TestDeliverWhereAFolderWas(t *testing.T) {
	b := testBackend(t, "alice@example.org")
	a := accountOf(t, b, "alice@example.org")
	for name, away := range map[string]func() error{
		"deleted": func() error { return a.Delete("deleted") },
		"renamed": func() error { return a.Rename("renamed", "another name") },
	} {
		try(t, a.Create(name, ""))
		d, err := b.NewDelivery("", "", spoolOf(t, b, "Subject: x\r\n\r\n"))
		try(t, err)
		var work sync.WaitGroup
		var r Receipt
		let := holdLane(a)
		work.Go(func() { try(t, away()) })
		awaitQueue(a, 1)
		work.Go(func() { r, err = d.To("alice+" + name + "@example.org") })
		awaitQueue(a, 2)
		let()
		work.Wait()
		if err != nil || r.Mailbox != "INBOX" && r.Mailbox != name {
			t.Errorf("%s: %+v %v", name, r, err)
		}
	}
	delete(a.byName, "INBOX")
	d, err := b.NewDelivery("", "", spoolOf(t, b, "Subject: x\r\n\r\n"))
	try(t, err)
	if _, err := d.To("alice@example.org"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("without an INBOX: %v", err)
	}
}

// holdLane keeps changes of the account waiting until the function that it returns is called.
func holdLane(a *Account) (let func()) {
	held, free := make(chan struct{}), make(chan struct{})
	go a.write(&change{alone: true, run: func(*storage.Tx) error { close(held); <-free; return nil }})
	<-held
	return func() { close(free) }
}

// awaitQueue returns when n changes wait.
func awaitQueue(a *Account, n int) {
	for waiting := -1; waiting != n; runtime.Gosched() {
		a.writer.mu.Lock()
		waiting = len(a.writer.queue)
		a.writer.mu.Unlock()
	}
}

// TestDeliverLargest: the lines that a copy begins with may be what makes it too large for the format.
func TestDeliverLargest(t *testing.T) {
	b := testBackend(t, "alice@example.org")
	d, err := b.NewDelivery("", "", spoolOf(t, b, "Subject: x\r\n\r\n"))
	try(t, err)
	d.ready.Size = math.MaxUint32 - 10
	if _, err := d.To("alice@example.org"); !errors.Is(err, ErrTooBig) {
		t.Errorf("4 GiB: %v", err)
	}
}

func TestDeliverLoop(t *testing.T) {
	b := testBackend(t)
	hop := "Received: from a by b\r\n"
	if _, err := b.NewDelivery("", "", spoolOf(t, b, strings.Repeat(hop, 100)+"\r\n")); !errors.Is(err, ErrLoop) {
		t.Errorf("100 hops: %v", err)
	}
	if _, err := b.NewDelivery("", "", spoolOf(t, b, strings.Repeat(hop, 99)+"\r\n"+hop)); err != nil {
		t.Errorf("99 hops: %v", err)
	}
}

func TestSpoolLimit(t *testing.T) {
	b, err := Open(Config{Data: t.TempDir(), AppendLimit: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	s := b.NewSpool()
	defer s.Close()
	if _, err := io.Copy(s, strings.NewReader(strings.Repeat("x", 101))); !errors.Is(err, ErrTooBig) {
		t.Errorf("got %v", err)
	}
}
