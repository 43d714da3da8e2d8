package saslauth

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"satchel/backend"
	"satchel/backend/passwords"
)

// house is a backend with alice@example.org (also info@example.org), ben@example.org and carol@example.org, who is
// disabled, and a server on a socket. All have the password "secret".
type house struct {
	addr net.Addr
	app  string // alice's app password
	log  *journal
}

// journal is a log to look into.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func open(t testing.TB, cfg Config) *house {
	t.Helper()
	be, err := backend.Open(backend.Config{Data: t.TempDir(), Login: backend.LoginConfig{Iterations: passwords.MinIterations}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { be.Close() })
	for _, name := range []string{"alice@example.org", "ben@example.org", "carol@example.org"} {
		if _, err := be.AddAccount(name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	h := &house{log: &journal{}}
	h.app, err = be.AddAppPassword("alice@example.org", "phone")
	if err := errors.Join(err, be.AddAddress("alice@example.org", "info@example.org"), be.SetDisabled("carol@example.org", true)); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "auth"))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Log = slog.New(slog.NewTextHandler(h.log, nil))
	cfg.LoginDelay = max(cfg.LoginDelay, 1)
	srv, ended := New(be, cfg), make(chan error, 1)
	h.addr = l.Addr()
	go func() { ended <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Shutdown(context.Background())
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if log := h.log.String(); strings.Contains(log, "secret") || strings.Contains(log, "horse") || strings.Contains(log, h.app) {
			t.Errorf("a password is in the log:\n%s", log)
		}
	})
	return h
}

// mta is the other end.
type mta struct {
	net.Conn
	t  testing.TB
	in *bufio.Reader
}

func (h *house) dial(t testing.TB) *mta {
	t.Helper()
	c, err := net.Dial("unix", h.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &mta{c, t, bufio.NewReader(c)}
}

func (m *mta) line() string {
	m.t.Helper()
	line, err := m.in.ReadString('\n')
	if err != nil {
		m.t.Fatalf("read answer: %v", err)
	}
	return strings.TrimSuffix(line, "\n")
}

// greeted has read the handshake and said the version.
func (h *house) greeted(t testing.TB) *mta {
	t.Helper()
	m := h.dial(t)
	for m.line() != "DONE" {
	}
	io.WriteString(m, "VERSION\t1\t2\n")
	return m
}

var coded = regexp.MustCompile(`\{[^}]*\}`)

// spelt turns a line of a transcript into one of the protocol: | is a tab, {...} is base64, \n and the like are as in Go.
func (h *house) spelt(t *testing.T, text string) string {
	t.Helper()
	unquoted := func(s string) string {
		s, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return s
	}
	text = strings.ReplaceAll(text, "$APP", h.app)
	text = coded.ReplaceAllStringFunc(text, func(s string) string {
		return base64.StdEncoding.EncodeToString([]byte(unquoted(s[1 : len(s)-1])))
	})
	return unquoted(strings.ReplaceAll(text, "|", "\t"))
}

// TestTranscripts plays testdata: "> " is what the MTA says, "< " what it hears ("*" at the end stands for anything),
// "log " what is in the log then, "handshake" the server's first lines, "eof" the end of the connection.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			h := open(t, Config{})
			m := h.dial(t)
			n := 0
			for line := range strings.Lines(string(text)) {
				n++
				h.play(t, m, fmt.Sprintf("%s:%d", file, n), strings.TrimSuffix(line, "\n"))
			}
		})
	}
}

func (h *house) play(t *testing.T, m *mta, place, line string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "", "#":
	case "handshake":
		m.handshake()
	case ">":
		io.WriteString(m, h.spelt(t, rest)+"\n")
	case "<":
		want, open := strings.CutSuffix(h.spelt(t, rest), "*")
		if got := m.line(); got != want && !(open && strings.HasPrefix(got, want)) {
			t.Fatalf("%s: got %q, want %q", place, got, want)
		}
	case "log":
		if !strings.Contains(h.log.String(), rest) {
			t.Errorf("%s: the log lacks %s:\n%s", place, rest, h.log)
		}
	case "eof":
		if got, err := m.in.ReadString('\n'); err != io.EOF {
			t.Errorf("%s: got %q, %v, want the end", place, got, err)
		}
	default:
		t.Fatalf("%s: what is %q?", place, line)
	}
}

func (m *mta) handshake() {
	m.t.Helper()
	for _, want := range []string{`VERSION\t1\t\d+`, `MECH\tSCRAM-SHA-256\tmutual-auth`, `MECH\tPLAIN\tplaintext`, `MECH\tLOGIN\tplaintext`,
		`SPID\t\d+`, `CUID\t1`, `COOKIE\t[0-9a-f]{32}`, `DONE`} {
		if got := m.line(); !regexp.MustCompile(`^` + want + `$`).MatchString(got) {
			m.t.Fatalf("handshake: got %q, want %s", got, want)
		}
	}
}
