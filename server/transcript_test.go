package server

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"satchel/backend"
)

// TestTranscripts plays every scenario of testdata/transcripts, each in every
// mode, each against a server of its own.
//
// A scenario is lines of text:
//
//	# a comment; a line without text is one too
//	A> a1 NOOP               connection A sends a line
//	A> a1 NOOP | a2 NOOP     ... two lines in one packet
//	A>> "a1 NOOP\n"          ... exactly these bytes, written as in Go
//	A< a1 OK ...             A receives a line that begins so
//	A< * OK [UIDNEXT {next}] ... "..." stands for any text, {next} for a word without
//	                         blanks or brackets, which is remembered: from then
//	                         on {next} is that word, in sent lines too
//	                         SELECT's "* OK [MAILBOXID" is passed over unless wanted
//	A<< "a\x00b\n"          A receives exactly these bytes, up to a line feed
//	A< [                     the lines up to "A< ]" come in any order
//	A<~ a1 OK ...            untagged lines, if any, which do not matter, and then a line that begins so
//	A< closed                the server closes the connection
//	A connect                from here A's greeting is the next line; a connection
//	                         that just appears is logged in as alice first
//	A deflate                from here on A compresses what it sends
//	A plain                  ... and no longer
//	A close                  the client closes the connection without a word
//	account bob              there is an account bob, with the same password
//	deliver alice INBOX      a message arrives, as by LMTP; its lines follow,
//	| Subject: hello         each after a bar and a blank
//	undelete alice           all that was expunged comes back, as by the command line
//	modes plain tls          (first line) only in these modes; in mode compress a
//	                         connection that just appears has also sent COMPRESS
//	modes all -uidonly       ... in all modes, those of dialect_test.go too, but this one
//
// A scenario with a SEARCH is also played in mode indexed: then each finds an index of
// all there is, and asks it.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		for _, mode := range modesOf(string(text)) {
			t.Run(name+"/"+mode, func(t *testing.T) {
				t.Parallel()
				play(t, file, string(text), mode)
			})
		}
	}
}

func modesOf(text string) []string {
	first, _, _ := strings.Cut(text, "\n")
	modes := []string{"plain", "tls", "starttls", "compress"}
	if searches(text) {
		modes = append(modes, "indexed")
	}
	words, ok := strings.CutPrefix(first, "modes ")
	switch {
	case !ok:
		return modes
	case !strings.HasPrefix(words, "all"):
		return strings.Fields(words)
	}
	for _, row := range capabilityTable() {
		for mode, extension := range dialects {
			if strings.EqualFold(row.name, extension) {
				modes = append(modes, mode)
			}
		}
	}
	return slices.DeleteFunc(modes, func(mode string) bool { return slices.Contains(strings.Fields(words), "-"+mode) })
}

// Addresses of clients on the machine itself and elsewhere.
var (
	loopback  = netip.MustParseAddr("127.0.0.1")
	elsewhere = netip.MustParseAddr("192.0.2.1")
)

// mailboxID begins a line that every SELECT has and few scenarios are about.
const mailboxID = "* OK [MAILBOXID "

// script is one scenario being played.
type script struct {
	t     *testing.T
	srv   *testServer
	mode  string
	file  string
	lines []string
	at    int // index of the line being played
	conns map[string]*client
	words map[string]string // captured

	dialects map[string]*dialect // by connection
}

// client is one connection of a scenario.
type client struct {
	net.Conn
	in *bufio.Reader
}

// play plays a scenario against a server of its own, whose configuration may differ.
func play(t *testing.T, file, text, mode string, change ...func(*Config)) {
	t.Helper()
	newScript(t, file, text, mode, change...).play()
}

// newScript is a scenario with its server.
func newScript(t *testing.T, file, text, mode string, change ...func(*Config)) *script {
	t.Helper()
	return &script{
		t: t, srv: startServerOver(t, configOf(mode), change...), mode: mode, file: filepath.Base(file),
		lines: strings.Split(strings.TrimSuffix(text, "\n"), "\n"),
		conns: map[string]*client{}, words: map[string]string{}, dialects: map[string]*dialect{},
	}
}

func (s *script) play() {
	s.t.Helper()
	for s.at = 0; s.at < len(s.lines); s.at++ {
		s.step(s.lines[s.at])
	}
}

func (s *script) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("%s:%d: %s\nlog:\n%s", s.file, s.at+1, fmt.Sprintf(format, args...), s.srv.log)
}

// step plays one line, and those that belong to it.
func (s *script) step(line string) {
	s.t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	name := strings.TrimRight(word, "<>~")
	switch what := word[len(name):]; {
	case word == "" || word[0] == '#' || word == "modes":
	case what == ">":
		s.send(name, []byte(strings.ReplaceAll(s.expand(rest), " | ", "\r\n")+"\r\n"))
	case what == ">>":
		raw, err := strconv.Unquote(rest)
		if err != nil {
			s.fatalf("not a Go string: %s", rest)
		}
		s.send(name, []byte(s.expand(raw)))
	case what == "<<":
		if want, err := strconv.Unquote(rest); err != nil || want != s.receiveRaw(name) {
			s.fatalf("want %s", rest)
		}
	case what == "<~":
		s.receiveTagged(name, rest)
	case what == "<" && rest == "[":
		s.receiveAnyOrder(name)
	case what == "<" && rest == "closed":
		s.receiveEnd(name)
	case what == "<":
		s.receiveLine(name, rest)
	default:
		s.direct(word, rest)
	}
}

// direct plays a line that is not traffic.
func (s *script) direct(word, rest string) {
	s.t.Helper()
	args := strings.Fields(rest)
	switch {
	case word == "account" && len(args) == 1:
		if _, err := s.srv.be.AddAccount(args[0], testPassword); err != nil {
			s.fatalf("%v", err)
		}
	case word == "deliver" && len(args) == 2:
		s.deliver(args[0], args[1])
	case word == "undelete" && len(args) == 1:
		everything, quietly := backend.ExpungedFilter{}, func(int, int) error { return nil }
		if _, err := s.srv.account(s.t, args[0]).Undelete(s.t.Context(), everything, "", quietly); err != nil {
			s.fatalf("%v", err)
		}
	case rest == "connect":
		s.conns[word] = s.connect()
		delete(s.dialects, word)
	case rest == "deflate":
		s.deflate(word)
	case rest == "plain":
		s.undeflate(word)
	case rest == "close":
		s.client(word).Close()
	default:
		s.fatalf("not understood: %s %s", word, rest)
	}
}

// deliver appends the message on the following lines to a mailbox.
func (s *script) deliver(account, mailbox string) {
	s.t.Helper()
	var message []byte
	for s.at+1 < len(s.lines) && strings.HasPrefix(s.lines[s.at+1], "|") {
		s.at++
		message = append(message, strings.TrimPrefix(s.lines[s.at][1:], " ")+"\r\n"...)
	}
	if err := s.srv.deliver(s.t, account, mailbox, message); err != nil {
		s.fatalf("%v", err)
	}
}

// connect opens a connection as the mode says. The greeting is not read, except
// that STARTTLS has to.
func (s *script) connect() *client {
	s.t.Helper()
	front := "imap"
	if s.mode == "tls" {
		front = "imaps"
	}
	conn := s.srv.dial(s.t, front)
	conn.SetDeadline(time.Now().Add(patience))
	c := &client{conn, bufio.NewReader(conn)}
	if s.mode != "starttls" {
		return c
	}
	greeting, _ := c.in.ReadString('\n')
	fmt.Fprintf(c, "t STARTTLS\r\n")
	if line, err := c.in.ReadString('\n'); !strings.HasPrefix(line, "t OK") {
		s.fatalf("STARTTLS: %q %v", line, err)
	}
	secured := tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	return &client{secured, bufio.NewReader(joined{strings.NewReader(greeting), secured})}
}

// joined reads the greeting that was read too early before the connection.
type joined struct {
	first *strings.Reader
	then  net.Conn
}

func (j joined) Read(p []byte) (int, error) {
	if j.first.Len() > 0 {
		return j.first.Read(p)
	}
	return j.then.Read(p)
}

// client finds a connection; one that is new logs in first.
func (s *script) client(name string) *client {
	s.t.Helper()
	if c := s.conns[name]; c != nil {
		return c
	}
	c := s.connect()
	s.conns[name] = c
	s.receive(name)
	login := base64.StdEncoding.EncodeToString([]byte("\x00" + testUser + "\x00" + testPassword))
	fmt.Fprintf(c, "login AUTHENTICATE PLAIN %s\r\n", login)
	if line := s.receive(name); !strings.HasPrefix(line, "login OK") {
		s.fatalf("login: %s", line)
	}
	if s.mode == "compress" {
		s.compress(name)
	}
	if extension := dialects[s.mode]; extension != "" {
		s.send(name, []byte("enable ENABLE "+extension+"\r\n"))
		s.receiveLine(name, "* ENABLED "+extension)
		s.receiveLine(name, "enable OK ...")
		s.dialect(name).on = true
	}
	return s.conns[name]
}

// dialect is what a connection's client knows besides the scenario.
func (s *script) dialect(name string) *dialect {
	d := s.dialects[name]
	if d == nil {
		d = &dialect{mode: s.mode, truth: s.truth}
		s.dialects[name] = d
	}
	return d
}

// truth is the UIDs in one of alice's mailboxes.
func (s *script) truth(box string) (uids []uint32) {
	s.t.Helper()
	v, err := s.srv.account(s.t, testUser).Open(box, true, func() {})
	if err != nil {
		s.fatalf("%v", err)
	}
	defer v.Close()
	all := v.All()
	for _, row := range v.Rows(all, 0, all.Len(), nil) {
		uids = append(uids, uint32(row.UID))
	}
	return uids
}

func (s *script) send(name string, b []byte) {
	s.t.Helper()
	c := s.client(name)
	if s.mode == "indexed" && searches(string(b)) {
		s.index()
	}
	s.dialect(name).send(string(b))
	if _, err := c.Write(b); err != nil {
		s.fatalf("%s cannot send: %v", name, err)
	}
}
