package imapclient

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func TestLogin(t *testing.T) {
	password := func(c *Client) error { return c.Login("al\"ice", "se\\cret") }
	token := func(c *Client) error { return c.LoginToken("alice", "tok") }
	tests := []struct {
		name   string
		script []string
		login  func(*Client) error
		want   string
	}{
		{"plain at once", []string{"> * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi", `< AUTHENTICATE PLAIN AGFsImljZQBzZVxjcmV0`, "> $ OK [CAPABILITY IMAP4rev1] in"}, password, ""},
		{"plain when asked", []string{"> * OK hi", "< CAPABILITY", "> * CAPABILITY IMAP4rev1 auth=plain\n$ OK", "< AUTHENTICATE PLAIN", "> +", "< AGFsImljZQBzZVxjcmV0",
			"> $ OK in", "< CAPABILITY", "> * CAPABILITY IMAP4rev1\n$ OK"}, password, ""},
		{"LOGIN", []string{"> * OK [CAPABILITY IMAP4rev1] hi", `< LOGIN "al\"ice" "se\\cret"`, "> $ OK [CAPABILITY IMAP4rev1] in"}, password, ""},
		{"others inside", []string{"> * OK [CAPABILITY IMAP4rev1] hi", `< LOGIN "al\"ice" "se\\cret"`, "> * CAPABILITY IMAP4rev1 ID\n$ OK in", "< CAPABILITY", "> * CAPABILITY IMAP4rev1 ID\n$ OK",
			`< ID ("name" "satchel")`, "> $ OK"}, password, ""},
		{"strangers are told", []string{"> * OK [CAPABILITY IMAP4rev1] hi", `< LOGIN "al\"ice" "se\\cret"`, "> $ OK [CAPABILITY IMAP4rev1 ID] in", `< ID ("name" "satchel")`, "> $ BAD never mind"}, password, ""},
		{"no way", []string{"> * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi"}, password, ErrNoLogin.Error()},
		{"refused", []string{"> * OK [CAPABILITY IMAP4rev1] hi", `< LOGIN "al\"ice" "se\\cret"`, "> $ NO [AUTHENTICATIONFAILED] wrong\x1b[31m"}, password, "log in: the server says: wrong?[31m"},
		{"XOAUTH2 refused", []string{"> * OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] hi", "< AUTHENTICATE XOAUTH2 dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2sBAQ==",
			"> + eyJzdGF0dXMiOiI0MDAifQ==", "< ", "> $ NO expired"}, token, "log in: the server says: expired"},
		{"BYE", []string{"> * OK [CAPABILITY IMAP4rev1] hi", `< LOGIN "al\"ice" "se\\cret"`, "> * BYE too many connections"}, password, "log in: the server says: too many connections"},
		{"already in", []string{"> * PREAUTH [CAPABILITY IMAP4rev1] hi"}, password, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := dialScript(t, tt.script...)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if err := tt.login(c); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestGreeting(t *testing.T) {
	for _, greeting := range []string{"> +OK POP3", "> 220 SMTP", "> * BYE busy", "> HTTP/1.1 400 Bad Request", "> "} {
		if _, err := dialScript(t, greeting); err == nil {
			t.Errorf("%q is taken for a greeting", greeting)
		}
	}
}

// TestNoGreeting waits in vain, as a client does that does not begin with TLS where it has to.
func TestNoGreeting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = Dial(context.Background(), Config{Addr: l.Addr().String(), Silence: 100 * time.Millisecond})
	if !errors.Is(err, errSilent) || !strings.Contains(err.Error(), "TLS from the start") {
		t.Errorf("without a greeting: %v", err)
	}
}

func TestThrottled(t *testing.T) {
	tests := []struct {
		line      string
		throttled bool
		wait      time.Duration
		busy      bool
	}{
		{"NO [OVERQUOTA] Account exceeded command or bandwidth limits.", true, 0, false},
		{"BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds", true, 92415 * time.Millisecond, false},
		{"NO [UNAVAILABLE] Temporary failure", true, 0, true},
		{"NO [UNAVAILABLE] Too many commands", true, 0, false},
		{"NO [INUSE] Somebody has it open, try again later", true, 0, true},
		{"NO Locked: try again later", true, 0, true},
		{"NO [LIMIT] Try again later", true, 0, false},
		{"NO Too many simultaneous connections", true, 0, false},
		{"NO [NONEXISTENT] No such folder", false, 0, false},
		{"NO Suggested Backoff Time: 99999999999999999999 milliseconds", false, 0, false},
	}
	for _, tt := range tests {
		c := hearing([]byte("a1 " + tt.line + "\r\n"))
		err := c.command(nil, "NOOP")
		var said *StatusError
		if !errors.As(err, &said) {
			t.Fatalf("%s: %v", tt.line, err)
		}
		if wait, throttled := said.Throttled(); throttled != tt.throttled || wait != tt.wait || said.Busy() != tt.busy {
			t.Errorf("%s: %v, %v, busy %v", tt.line, throttled, wait, said.Busy())
		}
	}
}
