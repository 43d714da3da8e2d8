package lmtp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"satchel/backend"
	"satchel/backend/passwords"
	"satchel/server/presence"
)

// house is a backend with alice@example.org, ben@example.org and a server on a socket.
type house struct {
	be   *backend.Backend
	data string // its folder
	srv  *Server
	addr net.Addr
}

func open(t *testing.T, network, address string, cfg Config) *house {
	t.Helper()
	data := t.TempDir()
	be, err := backend.Open(backend.Config{Data: data, AppendLimit: 1 << 20,
		Login: backend.LoginConfig{Iterations: passwords.MinIterations}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { be.Close() })
	for _, name := range []string{"alice@example.org", "ben@example.org"} {
		if _, err := be.AddAccount(name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	cfg.Hostname = "mx.example.org"
	h := &house{be, data, New(be, cfg), l.Addr()}
	ended := make(chan error, 1)
	go func() { ended <- h.srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		h.srv.Shutdown(ctx)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return h
}

// mta is the other end.
type mta struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func (h *house) dial(t *testing.T) *mta {
	t.Helper()
	c, err := net.Dial(h.addr.Network(), h.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &mta{c, t, bufio.NewReader(c)}
}

// greeted has said LHLO.
func (h *house) greeted(t *testing.T) *mta {
	t.Helper()
	m := h.dial(t)
	m.expect("220 mx.example.org LMTP")
	m.send("LHLO sender.example.net\r\n")
	for {
		if line := m.line(); strings.HasPrefix(line, "250 ") {
			return m
		}
	}
}

// TestFull: an account that is full refuses its recipient by the size that was announced, or the message when it has
// come; the others get it.
func TestFull(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	small := backend.QuotaConfig{Limits: backend.Usage{backend.QuotaStorage: 5000}}
	if err := errors.Join(h.be.SetQuotas(small), h.be.SetQuota("ben@example.org", backend.Limits{backend.NoLimit, backend.Configured, backend.Configured})); err != nil {
		t.Fatal(err)
	}
	m := h.greeted(t)
	m.send("MAIL FROM:<a@example.net> SIZE=6000\r\nRCPT TO:<alice@example.org>\r\nRCPT TO:<ben@example.org>\r\nRSET\r\n")
	m.expect("250 2.0.0", "552 5.2.2 The mailbox is full", "250 2.0.0", "250 2.0.0")
	m.send("MAIL FROM:<a@example.net> SIZE=600\r\nRCPT TO:<alice@example.org>\r\nRCPT TO:<ben@example.org>\r\nDATA\r\n")
	m.expect("250 2.0.0", "250 2.0.0", "250 2.0.0", "354")
	m.send(strings.Repeat("x: 01234567\r\n", 500) + "\r\n.\r\n")
	m.expect("552 5.2.2 <alice@example.org> The mailbox is full", "250 2.1.5 <ben@example.org>")
	small.Defer = true
	if err := h.be.SetQuotas(small); err != nil {
		t.Fatal(err)
	}
	m.send("MAIL FROM:<a@example.net> SIZE=6000\r\nRCPT TO:<alice@example.org>\r\n")
	m.expect("250 2.0.0", "452 4.2.2 The mailbox is full, try again later")
}

func (m *mta) send(text string) {
	m.t.Helper()
	if _, err := m.Write([]byte(text)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *mta) line() string {
	m.t.Helper()
	line, err := m.in.ReadString('\n')
	if err != nil {
		m.t.Fatalf("read answer: %v", err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

func (m *mta) expect(prefixes ...string) {
	m.t.Helper()
	for _, p := range prefixes {
		if got := m.line(); !strings.HasPrefix(got, p) {
			m.t.Errorf("got %q, want %q", got, p)
		}
	}
}

// deliver sends a message, in data form, to alice.
func (m *mta) deliver(data string) {
	m.t.Helper()
	m.send("MAIL FROM:<carol@example.net>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n")
	m.expect("250 2.0.0", "250 2.0.0", "354 ")
	m.send(data)
}

// messages are the bytes of all messages in an account's INBOX, without the lines that delivery adds.
func (h *house) messages(t *testing.T, account string) (list []string) {
	t.Helper()
	info, err := h.be.AccountByName(account)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.be.Account(info.ID, info.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	v, err := a.Open("INBOX", true, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for _, r := range v.Rows(v.All(), 0, int(v.Exists()), nil) {
		raw, err := v.AppendBytes(nil, &r, 0, int64(r.Size))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.SplitAfterN(string(raw), "\r\n", 6) // Return-Path, Delivered-To, three lines of Received
		if len(lines) < 6 || !strings.HasPrefix(lines[2], "Received: ") {
			t.Fatalf("not the lines of a delivery: %.300q", raw)
		}
		list = append(list, lines[5])
	}
	return list
}

func TestExtensions(t *testing.T) {
	m := open(t, "tcp", "127.0.0.1:0", Config{}).dial(t)
	m.expect("220 ")
	m.send("LHLO x\r\n")
	var got []string
	for {
		line := m.line()
		got = append(got, line[4:])
		if line[3] == ' ' {
			break
		}
	}
	all := strings.Join(got, "\n") + "\n"
	for _, want := range []string{"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "SIZE 1048576"} {
		if !strings.Contains(all, want+"\n") {
			t.Errorf("%s is missing:\n%s", want, all)
		}
	}
	m.send("EHLO x\r\n")
	m.expect("500 ")
}

// TestRecipients: each recipient has an answer of its own (RFC 2033, 4.2), all in one packet.
func TestRecipients(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			addr := "127.0.0.1:0"
			if network == "unix" {
				addr = filepath.Join(t.TempDir(), "lmtp")
			}
			h := open(t, network, addr, Config{})
			m := h.greeted(t)
			m.send("MAIL FROM:<carol@example.net> BODY=8BITMIME SIZE=20\r\nRCPT TO:<alice@example.org>\r\n" +
				"RCPT TO:<nobody@example.org>\r\nRCPT TO:<ben+list@example.org>\r\nDATA\r\n")
			m.expect("250 ", "250 ", "550 5.1.1", "250 ", "354 ")
			m.send("Subject: x\r\n\r\nhello\r\n.\r\nQUIT\r\n")
			m.expect("250 2.1.5 <alice@example.org>", "250 2.1.5 <ben+list@example.org>", "221 ")
			for _, who := range []string{"alice@example.org", "ben@example.org"} {
				if got := h.messages(t, who); len(got) != 1 || got[0] != "Subject: x\r\n\r\nhello\r\n" {
					t.Errorf("%s: %q", who, got)
				}
			}
		})
	}
}

// TestNoDomain: addresses without a domain are taken, and come back as they were given.
func TestNoDomain(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	if _, err := h.be.AddAccount("root", "secret"); err != nil {
		t.Fatal(err)
	}
	m := h.greeted(t)
	m.send("mail from:<cron> size=100\r\nrcpt to:<root>\r\nRCPT TO:<nobody>\r\nRCPT TO:<root+x@example.org>\r\nDATA\r\n")
	m.expect("250 ")
	if got := m.line(); !strings.HasPrefix(got, "250 ") || !strings.Contains(got, "<root>") {
		t.Errorf("got %q", got)
	}
	m.expect("550 5.1.1", "250 ", "354 ")
	m.send("Subject: x\r\n\r\n.\r\n")
	m.expect("250 2.1.5 <root> ", "250 2.1.5 <root+x@example.org> ")
	if got := h.messages(t, "root"); len(got) != 2 {
		t.Errorf("got %q", got)
	}
}

func TestTrace(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	m := h.greeted(t)
	m.send("MAIL FROM:<zo\u00eb@example.net> SMTPUTF8\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n")
	m.expect("250 ", "250 ", "354 ")
	m.send("Subject: x\r\n\r\n.\r\n")
	m.expect("250 ")
	info, _ := h.be.AccountByName("alice@example.org")
	a, err := h.be.Account(info.ID, info.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	v, err := a.Open("INBOX", true, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	rows := v.Rows(v.All(), 0, 1, nil)
	raw, err := v.AppendBytes(nil, &rows[0], 0, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	want := "Return-Path: <zo\u00eb@example.net>\r\nDelivered-To: alice@example.org\r\n" +
		"Received: from sender.example.net ([127.0.0.1])\r\n\tby mx.example.org with UTF8LMTP id "
	if !strings.HasPrefix(string(raw), want) {
		t.Errorf("got %q, want %q", raw, want)
	}
}

// TestData: what is between DATA and the end arrives byte for byte; only CRLF "." CRLF ends it.
func TestData(t *testing.T) {
	tests := []struct{ name, data, want string }{
		{"dots", "a: b\r\n\r\n..\r\n..x\r\n...\r\n.\r\n", "a: b\r\n\r\n.\r\n.x\r\n..\r\n"},
		{"empty", ".\r\n", ""},
		{"one blank line", "\r\n.\r\n", "\r\n"},
		{"a dot after a bare LF", "a\n.\nb\n.\r\nc\r\n.\r\n", "a\n.\nb\n.\r\nc\r\n"},
		{"a dot after a bare CR", "a\r.\rb\r.\r\nc\r\n.\r\n", "a\r.\rb\r.\r\nc\r\n"},
		{"CR CR LF before the end", "a\r\r\n.\r\n", "a\r\r\n"},
		{"CR after a leading dot", ".\rx\r\n.\r\n", "\rx\r\n"},
		{"dot and LF", "\r\n.\nMAIL FROM:<x@example.net>\r\n.\r\n", "\r\n\nMAIL FROM:<x@example.net>\r\n"},
		{"all bytes", "a: \x00\xff\x7f\r\n.\r\n", "a: \x00\xff\x7f\r\n"},
		{"a long line", strings.Repeat("x", 300_000) + "\r\n.\r\n", strings.Repeat("x", 300_000) + "\r\n"},
	}
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	m := h.greeted(t)
	for _, tt := range tests {
		m.deliver(tt.data + "NOOP\r\n")
		m.expect("250 2.1.5", "250 2.0.0")
	}
	got := h.messages(t, "alice@example.org")
	for i, tt := range tests {
		if i >= len(got) || got[i] != tt.want {
			t.Errorf("%s: got %.100q, want %.100q", tt.name, got[i], tt.want)
		}
	}
}

// TestPieces: where packets are cut makes no difference.
func TestPieces(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	m := h.greeted(t)
	m.deliver("")
	for _, b := range []byte("a\r\n..b\r\r\n.\r\nRSET\r\n") {
		m.send(string(b))
	}
	m.expect("250 2.1.5", "250 2.0.0")
	if got := h.messages(t, "alice@example.org"); len(got) != 1 || got[0] != "a\r\n.b\r\r\n" {
		t.Errorf("got %q", got)
	}
}

func TestChunks(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	m := h.greeted(t)
	m.send("MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nBDAT 8\r\nSubject:BDAT 9 LAST\r\n x\r\n\r\n.\r\nNOOP\r\n")
	m.expect("250 ", "250 ", "250 ", "250 2.1.5", "250 ")
	// The last byte of a chunk is taken without waiting for more.
	m.send("MAIL FROM:<>\r\nRCPT TO:<alice@example.org>\r\nBDAT 3 LAST\r\na:b")
	m.expect("250 ", "250 ", "250 2.1.5")
	m.send("BDAT 3\r\nxyzNOOP\r\n")
	m.expect("502 ", "250 ")
	got := h.messages(t, "alice@example.org")
	if want := []string{"Subject: x\r\n\r\n.\r\n", "a:b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLimits(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{MaxRecipients: 2})
	m := h.greeted(t)
	m.send("MAIL FROM:<c@example.net> SIZE=1048577\r\n")
	m.expect("552 5.3.4")
	m.deliver(strings.Repeat("0123456789abcde\n", 1<<16) + "x\r\n.\r\nNOOP\r\n")
	m.expect("552 5.3.4", "250 ")
	m.deliver(strings.Repeat("Received: from a by b\r\n", 100) + "\r\n.\r\n")
	m.expect("554 5.4.6")
	m.send("MAIL FROM:<c@example.net>\r\n" + strings.Repeat("RCPT TO:<alice@example.org>\r\n", 3) + "RSET\r\n")
	m.expect("250 ", "250 ", "250 ", "452 4.5.3", "250 ")
	if got := h.messages(t, "alice@example.org"); len(got) > 0 {
		t.Errorf("something was stored: %.100q", got)
	}
	m.send("NOOP " + strings.Repeat("x", 5000) + "\r\n")
	m.expect("500 ")
	if _, err := m.in.ReadByte(); err == nil {
		t.Error("the connection lives on after a line without end")
	}
}

func TestTooManyConnections(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{MaxConnections: 2})
	first := h.greeted(t)
	h.greeted(t)
	h.dial(t).expect("421 4.3.2")
	first.send("QUIT\r\n")
	first.expect("221 ")
	first.in.ReadByte() // the server has closed it
	h.greeted(t)
	h.dial(t).expect("421 4.3.2")
	h.srv.SetMaxConnections(3)
	h.greeted(t)
}

// TestSeen: connections are shown, counted and ended, with their bytes also when they have gone.
func TestSeen(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{MaxConnections: 1})
	m := h.greeted(t)
	h.dial(t).expect("421 4.3.2")
	list := h.srv.Sessions(presence.Filter{})
	if len(list) != 1 || list[0].Front != "lmtp" || !list[0].Remote.IsLoopback() || list[0].In == 0 || list[0].Out == 0 {
		t.Errorf("sessions: %+v", list)
	}
	if n := h.srv.EndSessions(presence.Filter{Session: "other"}); n != 0 {
		t.Errorf("ended %d", n)
	}
	before := h.srv.Stats()
	if before.Connections != 1 || before.Accepted != 1 || before.Refused != 1 || before.In != list[0].In || before.Out != list[0].Out {
		t.Errorf("%+v", before)
	}
	if n := h.srv.EndSessions(presence.Filter{Session: list[0].ID}); n != 1 {
		t.Errorf("ended %d", n)
	}
	m.expect("421 ")
	m.in.ReadByte() // the server has closed it
	if after := h.srv.Stats(); after.Connections != 0 || after.In != before.In || after.Out <= before.Out {
		t.Errorf("%+v, before %+v", after, before)
	}
}

// TestCutOff: a message whose connection breaks is not stored.
func TestCutOff(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	m := h.greeted(t)
	m.deliver("Subject: x\r\n\r\nhalf of")
	m.Conn.(*net.TCPConn).CloseWrite()
	m.expect("451 4.4.2")
	if got := h.messages(t, "alice@example.org"); len(got) > 0 {
		t.Errorf("stored %q", got)
	}
}

// TestSilence: who says nothing is sent away.
func TestSilence(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{ReadTimeout: 50 * time.Millisecond, DataTimeout: 50 * time.Millisecond})
	m := h.greeted(t)
	m.expect("421 ")
	m = h.greeted(t)
	m.deliver("Subject: x\r\n")
	m.expect("451 ")
}

// TestShutdown: who waits is told to go, a message under way is taken.
func TestShutdown(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	idle, busy := h.greeted(t), h.greeted(t)
	busy.deliver("Subject: x\r\n")
	done := make(chan struct{})
	go func() {
		h.srv.Shutdown(context.Background())
		close(done)
	}()
	idle.expect("421 ")
	busy.send("\r\nend\r\n.\r\n")
	busy.expect("250 2.1.5", "421 ")
	<-done
	if got := h.messages(t, "alice@example.org"); len(got) != 1 {
		t.Errorf("%d messages", len(got))
	}
}

// TestMany: connections deliver side by side.
func TestMany(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	const senders, each = 8, 10
	done := make(chan struct{})
	for i := range senders {
		m := h.greeted(t)
		go func() {
			for n := range each {
				m.deliver(fmt.Sprintf("Subject: %d-%d\r\n\r\n.\r\n", i, n))
				m.expect("250 2.1.5")
			}
			done <- struct{}{}
		}()
	}
	for range senders {
		<-done
	}
	seen := map[string]bool{}
	for _, text := range h.messages(t, "alice@example.org") {
		seen[text] = true
	}
	if len(seen) != senders*each {
		t.Errorf("%d different messages, want %d", len(seen), senders*each)
	}
}
