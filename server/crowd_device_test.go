package server

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// kind is what a device switches on, and how it is told of changes.
type kind struct {
	name, enable                      string
	condstore, qresync, uidonly, rev2 bool
	looker                            bool   // it changes nothing
	notify                            string // "" unless it uses NOTIFY: for the selected mailbox
}

var kinds = []kind{
	{name: "plain"},
	{name: "rev2", enable: "IMAP4rev2", rev2: true},
	{name: "condstore", enable: "CONDSTORE", condstore: true},
	{name: "qresync", enable: "QRESYNC", condstore: true, qresync: true},
	{name: "uidonly", enable: "UIDONLY", uidonly: true},
	{name: "modern", enable: "IMAP4rev2 QRESYNC UIDONLY", condstore: true, qresync: true, uidonly: true, rev2: true},
	{name: "notify", notify: "SELECTED"},
	{name: "notify-condstore", enable: "CONDSTORE", condstore: true, notify: "SELECTED-DELAYED"},
	{name: "notify-qresync", enable: "QRESYNC", condstore: true, qresync: true, notify: "SELECTED"},
}

// device is one client. Only one goroutine uses it at a time.
type device struct {
	*crowd
	kind kind
	rng  *rand.Rand

	conn    net.Conn // nil: it is offline
	in      *bufio.Reader
	tag     int
	pending []*deviceCommand
	idling  bool

	shelves map[string]*shelf // what it keeps of mailboxes, by name
	box     *picture          // of the selected mailbox; nil: none
	next    *picture          // of the mailbox that is being selected
	list    *outlook          // of all others, with NOTIFY
}

// deviceCommand is a command that is under way.
type deviceCommand struct {
	text   string
	to     string            // the mailbox that it puts messages into
	seqs   bool              // FETCH, STORE or SEARCH by sequence numbers: no EXPUNGE
	begins func()            // when it is its turn
	silent func(*slot)       // what it does to a message without being told
	may    []string          // response codes that its NO may have
	ends   func(line string) // with its tagged line, from OK or NO on
}

var literalEnd = regexp.MustCompile(`\{([0-9]+)\}\r\n$`)

// dropped ends, as a panic, what a device does when its connection is gone.
type dropped struct{}

// fail ends the device's work, and the test.
func (d *device) fail(format string, args ...any) {
	d.t.Errorf("%s: %s", d.kind.name, fmt.Sprintf(format, args...))
	d.note("!! "+d.kind.name+": ", fmt.Sprintf(format, args...))
	runtime.Goexit()
}

// online runs do, which may find the connection closed by the server.
func (d *device) online(do func()) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(dropped); !is {
				panic(r)
			}
			d.drop()
		}
	}()
	do()
}

// connect logs in and switches on.
func (d *device) connect() {
	conn, err := net.Dial("tcp", d.srv.Addr("imap").String())
	if err != nil {
		d.fail("%v", err)
	}
	d.conn, d.in = conn, bufio.NewReader(conn)
	conn.SetDeadline(time.Now().Add(patience))
	d.note(d.kind.name+" ", "connected")
	if line, err := d.in.ReadString('\n'); !strings.HasPrefix(line, "* OK ") {
		d.fail("greeted by %q, %v", line, err)
	}
	d.run(fmt.Sprintf("LOGIN %s %q", testUser, testPassword))
	if d.kind.enable != "" {
		d.run("ENABLE " + d.kind.enable)
	}
	d.list = nil
	if d.kind.notify != "" {
		d.watch()
	}
}

// drop forgets the connection, whatever was under way. What was told is kept.
func (d *device) drop() {
	if d.conn == nil {
		return
	}
	d.conn.Close()
	d.note(d.kind.name+" ", "dropped")
	d.put()
	d.conn, d.box, d.next, d.list, d.pending, d.idling = nil, nil, nil, nil, nil, false
}

// run sends a command that must succeed and takes in what comes.
func (d *device) run(text string) { d.send(&deviceCommand{text: text}); d.finish() }

// send sends commands in one packet, without waiting for any.
func (d *device) send(commands ...*deviceCommand) {
	var b strings.Builder
	for _, c := range commands {
		d.tag++
		d.note(d.kind.name+" C: ", fmt.Sprintf("t%d %s", d.tag, c.text))
		fmt.Fprintf(&b, "t%d %s\r\n", d.tag, c.text)
	}
	first := len(d.pending) == 0
	d.pending = append(d.pending, commands...)
	if first {
		d.begin()
	}
	d.conn.SetDeadline(time.Now().Add(patience))
	if _, err := d.conn.Write([]byte(b.String())); err != nil && !d.mayVanish() {
		d.fail("send: %v", err)
	} // else the BYE is still to be read
}

// begin is the turn of the next command.
func (d *device) begin() {
	if len(d.pending) > 0 && d.pending[0].begins != nil {
		d.pending[0].begins()
	}
}

// finish takes in all up to the tagged line of the last command.
func (d *device) finish() {
	for len(d.pending) > 0 {
		d.take(d.read())
	}
}

// read reads a line, without the bytes of literals.
func (d *device) read() string {
	line, err := d.in.ReadString('\n')
	d.note(d.kind.name+" S: ", line)
	if c := literalEnd.FindStringSubmatchIndex(line); c != nil && err == nil {
		if _, err = d.in.Discard(int(number(line[c[2]:c[3]]))); err == nil {
			return line[:c[0]] + d.read()
		}
	}
	var netErr net.Error
	switch {
	case err == nil:
		return line
	case errors.As(err, &netErr) && netErr.Timeout() || !d.mayVanish():
		d.fail("%v, waiting for %v", err, d.current())
	}
	panic(dropped{})
}

// mayVanish reports whether the selected mailbox may have been deleted by another
// device, and so the server close the connection.
func (d *device) mayVanish() bool { return d.box != nil && d.box.name != "INBOX" }

// current is the command that the server is at, as far as the device can tell.
func (d *device) current() *deviceCommand {
	if len(d.pending) == 0 {
		return &deviceCommand{}
	}
	return d.pending[0]
}

// take takes one line in.
func (d *device) take(line string) {
	rest, tagged := strings.CutPrefix(line, "t")
	if !tagged {
		if strings.HasPrefix(line, "+ ") && d.current().text == "IDLE" {
			d.idling = true
			return
		}
		d.untagged(line)
		return
	}
	c := d.current()
	number, status, _ := strings.Cut(rest, " ")
	if number != fmt.Sprint(d.tag-len(d.pending)+1) {
		d.fail("tag t%s out of turn: %q", number, line)
	}
	if !strings.HasPrefix(status, "OK ") && !slices.ContainsFunc(c.may, func(code string) bool { return strings.HasPrefix(status, "NO ["+code) }) {
		d.fail("%q was answered %q", c.text, line)
	}
	d.code(status)
	d.pending = d.pending[1:]
	if c.ends != nil {
		c.ends(status)
	}
	if d.list != nil && c.to != "" {
		d.list.unsure[c.to] = true
	}
	if d.box != nil {
		d.box.tagged()
	}
	d.begin()
}
