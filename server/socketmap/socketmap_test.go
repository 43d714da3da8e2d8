package socketmap

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"satchel/backend"
	"satchel/backend/passwords"
	"satchel/server/accept"
)

// open starts a server over a backend with some accounts and dials it.
func open(t *testing.T) (*backend.Backend, net.Conn) {
	t.Helper()
	be, err := backend.Open(backend.Config{Data: t.TempDir(), Login: backend.LoginConfig{Iterations: passwords.MinIterations, Domain: "home.example"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { be.Close() })
	for _, name := range []string{"alice@example.org", "ben", "carol@example.org", "postbag@example.org"} {
		if _, err := be.AddAccount(name, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	err = errors.Join(be.AddAddress("alice@example.org", "sales@example.org"), be.AddAddress("postbag@example.org", "@example.net"),
		be.SetDisabled("carol@example.org", true))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv, ended := New(be, accept.Config{Log: slog.New(slog.DiscardHandler)}), make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Shutdown(context.Background())
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return be, c
}

// TestFull: Postfix is told how to refuse a recipient whose mailbox is full, and asks with keys that are no address.
func TestFull(t *testing.T) {
	be, c := open(t)
	in := bufio.NewReader(c)
	quotas := backend.QuotaConfig{Limits: backend.Usage{backend.QuotaMessages: 1}}
	for _, try := range []struct {
		key, want string
		later     bool
	}{
		{"alice@example.org", "OK 552 5.2.2 The mailbox is full", false},
		{"sales+x@example.org", "OK 552 5.2.2 The mailbox is full", false},
		{"alice@example.org", "OK 452 4.2.2 The mailbox is full, try again later", true},
		{"carol@example.org", "NOTFOUND ", false},
		{"nobody@example.org", "NOTFOUND ", false},
		{"ben", "NOTFOUND ", false},
		{"ben@", "NOTFOUND ", false},
		{"@example.net", "NOTFOUND ", false},
	} {
		quotas.Defer = try.later
		if err := errors.Join(be.SetQuotas(quotas), be.SetQuota("alice@example.org", backend.Limits{0, 0, 0}),
			be.SetQuota("ben", backend.Limits{0, 0, 0}), be.SetQuota("postbag@example.org", backend.Limits{0, 0, 0})); err != nil {
			t.Fatal(err)
		}
		c.Write(appendNetstring(nil, "full "+try.key))
		if got, err := readNetstring(in, nil); string(got) != try.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", try.key, got, err, try.want)
		}
	}
}

func TestLookups(t *testing.T) {
	be, c := open(t)
	in := bufio.NewReader(c)
	ask := func(request, want string) {
		t.Helper()
		c.Write(appendNetstring(nil, request))
		if got, err := readNetstring(in, nil); string(got) != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", request, got, err, want)
		}
	}
	for _, q := range []struct{ request, want string }{
		{"mailbox alice@example.org", "OK alice@example.org"},
		{"mailbox Sales@EXAMPLE.org", "OK alice@example.org"},
		{"mailbox alice+lists@example.org", "OK alice@example.org"},
		{"mailbox whoever@example.net", "OK postbag@example.org"},
		{"mailbox carol@example.org", "OK carol@example.org"}, // mail still arrives at a disabled account
		{"mailbox ben@anywhere.example", "OK ben"},
		{"mailbox nobody@example.org", "NOTFOUND "},
		{"mailbox @example.net", "NOTFOUND "},
		{"mailbox ", "NOTFOUND "},
		{"mailbox", "NOTFOUND "},
		{"mailbox a b@example.net", "NOTFOUND "},
		{"mailbox " + strings.Repeat("x", maxNetstring-8), "NOTFOUND "},
		{"login sales@example.org", "OK alice@example.org"},
		{"login ben@home.example", "OK ben"},
		{"login ben@anywhere.example", "NOTFOUND "},
		{"login whoever@example.net", "OK postbag@example.org"},
		{"domain example.org", "OK example.org"},
		{"domain EXAMPLE.net", "OK EXAMPLE.net"},
		{"domain home.example", "OK home.example"}, // the default domain
		{"domain org", "NOTFOUND "},
		{"domain ben", "NOTFOUND "},
		{"domain @example.org", "NOTFOUND "},
		{"domain ", "NOTFOUND "},
		{"alias alice@example.org", "PERM no such map: there are mailbox, login, domain and full"},
		{"", "PERM no such map: there are mailbox, login, domain and full"},
	} {
		ask(q.request, q.want)
	}
	// Questions may come before the answers.
	c.Write(appendNetstring(appendNetstring(nil, "mailbox ben"), "mailbox nobody"))
	for _, want := range []string{"OK ben", "NOTFOUND "} {
		if got, _ := readNetstring(in, nil); string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	// Without any account, as where a disk is not mounted, mail is to wait.
	for _, name := range []string{"alice@example.org", "ben", "carol@example.org", "postbag@example.org"} {
		if err := be.RemoveAccount(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, request := range []string{"mailbox alice@example.org", "domain example.org", "login ben"} {
		ask(request, "TEMP trouble here, try again later")
	}
	be.Close()
	ask("mailbox alice@example.org", "TEMP trouble here, try again later")
}

func TestNotNetstrings(t *testing.T) {
	for _, text := range []string{"4097:", "99999999999999999999:", "01:x,", ":x,", "x", "3:abcd", "-1:,", "1 :x,", " 1:x,"} {
		_, c := open(t)
		c.Write([]byte(text))
		if got, err := io.ReadAll(c); len(got) > 0 || err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%q: %q, %v; want the end", text, got, err)
		}
	}
}

// FuzzNetstring: nothing that is read is longer than the bound, and what is read is what was written.
func FuzzNetstring(f *testing.F) {
	for _, s := range []string{"7:mailbox,", "0:,", "00:,", "3:ab", "4096:", "4097:", "1:,,0:,", "5:a:b,c,"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		in := bufio.NewReader(bytes.NewReader(text))
		rest := text
		for {
			got, err := readNetstring(in, nil)
			if err != nil {
				return
			}
			written := appendNetstring(nil, string(got))
			if !bytes.HasPrefix(rest, written) || len(got) > maxNetstring {
				t.Fatalf("read %q of %q", got, rest)
			}
			rest = rest[len(written):]
		}
	})
}
