package saslauth

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xdg-go/scram"
)

// TestSCRAM: the whole exchange, by a library's client.
func TestSCRAM(t *testing.T) {
	h := open(t, Config{})
	client, err := scram.SHA256.NewClient("alice@example.org", "secret", "")
	if err != nil {
		t.Fatal(err)
	}
	talk := client.NewConversation()
	first, err := talk.Step("")
	if err != nil {
		t.Fatal(err)
	}
	m := h.greeted(t)
	fmt.Fprintf(m, "AUTH\t1\tSCRAM-SHA-256\tservice=smtp\trip=192.0.2.7\tresp=%s\n", base64.StdEncoding.EncodeToString([]byte(first)))
	for range 2 {
		text, ok := strings.CutPrefix(m.line(), "CONT\t1\t")
		challenge, err := base64.StdEncoding.DecodeString(text)
		if !ok || err != nil {
			t.Fatalf("got %q, %v", text, err)
		}
		response, err := talk.Step(string(challenge))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(m, "CONT\t1\t%s\n", base64.StdEncoding.EncodeToString([]byte(response)))
	}
	if got := m.line(); got != "OK\t1\tuser=alice@example.org" || !talk.Valid() {
		t.Errorf("got %q", got)
	}
}

// TestLongLine: a line without end is not kept.
func TestLongLine(t *testing.T) {
	m := open(t, Config{}).greeted(t)
	fmt.Fprintf(m, "AUTH\t1\tLOGIN\trip=127.0.0.1\tresp=%s\n", strings.Repeat("QUFB", 3800))
	if got := m.line(); got != "CONT\t1\tUGFzc3dvcmQ6" {
		t.Errorf("got %q", got)
	}
	io.WriteString(m, "AUTH\t2\tLOGIN\trip=127.0.0.1\tresp="+strings.Repeat("QUFB", 4<<10))
	if got, err := m.in.ReadString('\n'); err == nil {
		t.Errorf("got %q, want the end", got)
	}
}

// TestAbandoned: clients that left in the middle of a login do not add up, and those who stay are not given up.
func TestAbandoned(t *testing.T) {
	m := open(t, Config{}).greeted(t)
	for id := range maxExchanges + 1 {
		fmt.Fprintf(m, "AUTH\t%d\tLOGIN\tservice=smtp\trip=127.0.0.1\n", id)
		if got, want := m.line(), fmt.Sprintf("CONT\t%d\tVXNlcm5hbWU6", id); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	io.WriteString(m, "CONT\t0\tQQ==\n")
	if got := m.line(); got != "FAIL\t0\ttemp\treason=The login was given up" {
		t.Errorf("got %q", got)
	}
	io.WriteString(m, "CONT\t1\tQQ==\n")
	if got := m.line(); got != "CONT\t1\tUGFzc3dvcmQ6" {
		t.Errorf("got %q", got)
	}
}

// TestCrowded: no more logins run at once than there is room for.
func TestCrowded(t *testing.T) {
	m := open(t, Config{LoginDelay: time.Hour}).greeted(t)
	response := base64.StdEncoding.EncodeToString([]byte("\x00nobody\x00wrong horse"))
	for id := range maxExchanges + 1 {
		fmt.Fprintf(m, "AUTH\t%d\tPLAIN\tservice=smtp\trip=127.0.0.1\tresp=%s\n", id, response)
	}
	if got, want := m.line(), fmt.Sprintf("FAIL\t%d\ttemp\treason=Too many logins at once", maxExchanges); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestThrottle: guesses are counted at the address that the MTA tells.
func TestThrottle(t *testing.T) {
	m := open(t, Config{}).greeted(t)
	guess := func(id int, rip string) {
		response := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "\x00alice@example.org\x00wrong horse %d", id))
		fmt.Fprintf(m, "AUTH\t%d\tPLAIN\tservice=smtp\trip=%s\tsecured\tresp=%s\n", id, rip, response)
	}
	const atOnce = 6 // then each has to wait for the one before
	for id := range atOnce {
		guess(id, "192.0.2.7")
		if got, want := m.line(), fmt.Sprintf("FAIL\t%d\tuser=alice@example.org\treason=Wrong name or password", id); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
	for id := range maxExchanges {
		guess(atOnce+id, "192.0.2.7")
	}
	if got, want := m.line(), "\ttemp\treason=Too many attempts to log in, try again later"; !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzLine: no line breaks the parsers, and a value comes out as it went in.
func FuzzLine(f *testing.F) {
	for _, s := range []string{"1\tPLAIN\tservice=smtp\trip=192.0.2.7\tsecured\tresp=AGEAYg==", "1\tLOGIN", "4294967296\tPLAIN", "1\tx\tresp==", "2\t\x01t\x010", "\t\t\t", "7\tQUJD"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, "\t")
		if r, err := parseAuth(args); err == nil && len(r.initial) > len(text) {
			t.Errorf("parseAuth(%q): a response of %d bytes", text, len(r.initial))
		}
		if _, response, err := parseContinue(args); err == nil && response == nil {
			t.Errorf("parseContinue(%q): no response", text)
		}
		if escaped := escape(text); unescape(escaped) != text || strings.ContainsAny(escaped, "\t\r\n\x00") {
			t.Errorf("escape(%q) = %q", text, escaped)
		}
	})
}
