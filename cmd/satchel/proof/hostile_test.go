package proof

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// What a stranger may cost: the answer (or the end of the connection) comes
// within hostileTime, and the process grows by no more than hostileMemory
// over all inputs together.
const (
	hostileTime   = 5 * time.Second
	hostileMemory = 64 << 10 // KiB
)

// hostile is what a client sends in one piece. What comes back until the
// server closes, or until the answer to the NOOP tagged "probe" that follows,
// contains want (one of its parts divided by |, "closed" for the end of the
// connection) and never contains never.
type hostile struct {
	name, input, want, never string
}

func repeat(s string, n int) string { return strings.Repeat(s, n) }

// beforeLogin: nobody has shown a password yet.
var beforeLogin = []hostile{
	{"parentheses", "a LOGIN " + repeat("(", 4<<20) + "\r\n", "a BAD|closed", "a OK"},
	{"a few parentheses", "a LOGIN " + repeat("(", 200) + "\r\n", "a BAD", "a OK"},
	{"long atom", "a LOGIN " + repeat("x", 512<<10) + " y\r\n", "a BAD|closed", "a OK"},
	{"endless line", repeat("A", 32<<20), "BAD|closed", "OK"},
	{"endless quoted string", "a LOGIN \"" + repeat("q", 64<<20), "BAD|closed", "a OK"},
	{"literal of 4 GB", "a LOGIN {4294967295}\r\n", "a BAD|a NO|closed", "+ "},
	{"literal of 2^64", "a LOGIN {18446744073709551616}\r\n", "a BAD|closed", "+ "},
	{"literals of 4 GB that come", repeat("a LOGIN {4294967295+}\r\n", 8), "a BAD|a NO|BYE|closed", "a OK"},
	{"literal over the limit is not a command", "a LOGIN {60000+}\r\n" + repeat("evil CAPABILITY\r\n", 60000/17) + repeat("x", 60000%17) + " p\r\n", "a BAD|a NO|closed", "evil"},
	{"literal8", "a LOGIN ~{5+}\r\nhello x\r\n", "a BAD|a NO", "a OK"},
	{"forged tags", "+ NOOP\r\n* NOOP\r\n", "* BAD", "+ OK"},
	{"brace in a tag", "x{zz} LOGOUT\r\n", "BAD", "BYE"},
	{"quote in a tag", "us\"er LOGOUT\r\n", "BAD", "BYE"},
	{"rest of a bad line", "a LOGIN (x LOGOUT\r\n", "a BAD", "BYE"},
	{"NUL", "a NO\x00OP\r\n\x00 NOOP\r\n", "BAD", "a OK"},
	{"UID alone", "a UID\r\n", "a BAD|a NO", "a OK"},
	{"IDLE before login", "a IDLE\r\nDONE\r\n", "a BAD|a NO", "a OK"},
	{"long SASL answer", "a AUTHENTICATE PLAIN\r\n" + repeat("QUJD", 1<<20) + "\r\n", "a BAD|a NO|closed", "a OK"},
	{"cancelled SASL", "a AUTHENTICATE PLAIN\r\n*\r\n", "a BAD", "a OK"},
	{"two thousand bad commands", repeat("a BOGUS\r\n", 2000), "BYE|closed", "a OK"},
	{"commands of a later state", "a SELECT INBOX\r\nb FETCH 1 BODY[]\r\nc APPEND INBOX {5+}\r\nhello\r\n", "c BAD|c NO", " OK"},
	{"a browser", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "BAD", " OK"},
}

// afterLogin: an account that means harm; a selected mailbox with one message.
var afterLogin = []hostile{
	{"parentheses in FETCH", "a FETCH 1 " + repeat("(", 4<<20) + "\r\n", "a BAD|closed", "a OK"},
	{"parentheses in SEARCH", "a SEARCH " + repeat("(", 100000) + "ALL" + repeat(")", 100000) + "\r\n", "a BAD", "a OK"},
	{"NOT NOT NOT", "a SEARCH " + repeat("NOT ", 100000) + "ALL\r\n", "a BAD|a NO|a OK", ""},
	{"OR OR OR", "a SEARCH " + repeat("OR ", 100000) + repeat("ALL ", 100000) + "ALL\r\n", "a BAD|a NO|a OK", ""},
	{"set of 100,000 ranges", "a UID FETCH " + repeat("1:2,", 100000) + "9 (FLAGS)\r\n", "a OK|a BAD|a NO", ""},
	{"set beyond everything", "a UID FETCH 1:4294967295,4294967295:1 (FLAGS)\r\n", "a OK", ""},
	{"number too big", "a FETCH 99999999999999999999 FLAGS\r\n", "a BAD", "a OK"},
	{"UID alone", "a UID\r\nb UID FETCH\r\nc UID BOGUS 1\r\n", "c BAD", " OK"},
	{"stars in LIST", "a LIST \"\" \"" + repeat("*%", 200) + "x\"\r\n", "a OK|a NO|a BAD", ""},
	{"APPEND of a terabyte", "a APPEND INBOX {1099511627776}\r\n", "a NO|a BAD", "+ "},
	{"APPEND of a terabyte that comes", "a APPEND INBOX {1099511627776+}\r\n" + repeat("y", 1<<20), "a NO|a BAD|BYE|closed", "a OK"},
	{"APPEND of a name of 1 MB", "a APPEND {1048576+}\r\n" + repeat("n", 1<<20) + " {5+}\r\nhello\r\n", "a NO|a BAD", "a OK"},
	{"folder too deep", "a CREATE " + repeat("d/", 3000) + "\r\n", "a NO|a BAD", "a OK"},
	{"50,000 keywords", "a STORE 1 +FLAGS (" + keywords(50000) + ")\r\n", "a NO|a BAD", "a OK"},
	{"part numbers", "a FETCH 1 BODY[" + repeat("1.", 50000) + "1]\r\n", "a OK|a NO|a BAD", ""},
	{"50,000 header names", "a FETCH 1 BODY.PEEK[HEADER.FIELDS (" + keywords(50000) + ")]\r\n", "a OK|a NO|a BAD", ""},
	{"IDLE and DONE in one packet", "a IDLE\r\nDONE\r\nb IDLE\r\nDONE\r\n", "b OK", "BAD"},
	{"DONE without IDLE", "DONE\r\n", "BAD", ""},
}

func keywords(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "key%d ", i)
	}
	return strings.TrimSpace(b.String())
}

// TestHostile sends what no client should; the server answers in time, does
// not grow, and serves the next connection.
func TestHostile(t *testing.T) {
	p := start(t, newData(t))
	for _, run := range []struct {
		name   string
		inputs []hostile
		hello  func(*testing.T, *program) *client
	}{{"before login", beforeLogin, stranger}, {"after login", afterLogin, insider}} {
		t.Run(run.name, func(t *testing.T) {
			run.hello(t, p).Close()
			before := p.memory(t, "Pss")
			for _, h := range run.inputs {
				t.Run(h.name, func(t *testing.T) { h.check(t, p, run.hello(t, p)) })
			}
			if grown := p.memory(t, "Pss") - before; grown > hostileMemory {
				t.Errorf("the process grew by %d KiB, at most %d are allowed", grown, hostileMemory)
			} else {
				t.Logf("grown by %d KiB", grown)
			}
		})
	}
	p.stop(t)
}

func stranger(t *testing.T, p *program) *client {
	t.Helper()
	c, err := connect(p.imap, false)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func insider(t *testing.T, p *program) *client {
	t.Helper()
	c := login(t, p, user)
	if c.exists(t, "INBOX") == 0 {
		c.append(letter("bait@example.org"))
	}
	c.must(t, "SELECT INBOX")
	return c
}

// check sends the input and reads until the probe is answered or the end.
func (h hostile) check(t *testing.T, p *program, c *client) {
	t.Helper()
	defer c.Close()
	begin := time.Now()
	c.SetDeadline(begin.Add(2 * hostileTime))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		// One may write no more once the server has hung up.
		io.WriteString(c, h.input)
		io.WriteString(c, "\r\nprobe NOOP\r\n")
	}()
	got, ended := listen(c)
	c.Close()
	<-sent
	if took := time.Since(begin); took > hostileTime {
		t.Errorf("took %v", took)
	}
	if !p.alive() {
		t.Fatalf("the server died:\n%.3000s", p.log)
	}
	h.judge(t, got, ended)
	next := stranger(t, p)
	defer next.Close()
	next.must(t, "CAPABILITY")
}

// listen reads until the probe's answer or the end, and keeps the head of each
// line.
func listen(c *client) (got string, ended bool) {
	var b bytes.Buffer
	for !bytes.Contains(b.Bytes(), []byte("probe ")) {
		line, err := c.r.ReadBytes('\n')
		b.Write(line[:min(len(line), 4096)])
		if err != nil {
			timeout, _ := err.(net.Error)
			return b.String(), timeout == nil || !timeout.Timeout()
		}
	}
	return b.String(), false
}

func (h hostile) judge(t *testing.T, got string, ended bool) {
	t.Helper()
	found := false
	for want := range strings.SplitSeq(h.want, "|") {
		found = found || want == "closed" && ended || strings.Contains(got, want)
	}
	answer, _, _ := strings.Cut(got, "probe ")
	if !found || h.never != "" && strings.Contains(answer, h.never) {
		t.Errorf("answer %.300q (connection ended: %v), want %s, never %q", got, ended, h.want, h.never)
	}
	if !ended && !strings.Contains(got, "probe OK") {
		t.Errorf("out of step afterwards: %.300q", got)
	}
}
