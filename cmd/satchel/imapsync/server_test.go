package imapsync

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// oldServer is a server to import from, of few words, that can be made to misbehave.
type oldServer struct {
	caps    string
	folders []*oldFolder
	// wrong may answer a command itself: by what it returns, or by ending the connection. n counts the connections.
	wrong func(n int, command string) (answer string, hangUp bool)

	l     net.Listener
	conns int
}

type oldFolder struct {
	name     string
	attrs    string
	validity int
	modseq   int      // the highest; 0: it has none
	letters  []letter // by UID
}

type letter struct {
	uid    int
	flags  string
	labels string
	modseq int
	text   string
	size   int // as the server says; 0: the text's
}

// letters makes some.
func letters(uids ...int) (list []letter) {
	for _, uid := range uids {
		list = append(list, letter{uid: uid, text: fmt.Sprintf("Message-ID: <%d@example.net>\r\n\r\n%d", uid, uid)})
	}
	return list
}

// start listens. Connections are served one at a time, as they come.
func (s *oldServer) start(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.l = l
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.conns++
			s.serve(conn)
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
}

func (s *oldServer) serve(conn net.Conn) {
	fmt.Fprintf(conn, "* OK [CAPABILITY IMAP4rev1 %s] ready\r\n", s.caps)
	in, open := bufio.NewReader(conn), &oldFolder{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimSpace(line), " ")
		if s.wrong != nil {
			answer, hangUp := s.wrong(s.conns, command)
			io.WriteString(conn, strings.ReplaceAll(answer, "TAG", tag))
			if hangUp {
				return
			}
			if answer != "" {
				continue
			}
		}
		var answer bytes.Buffer
		open = s.answer(&answer, command, open)
		fmt.Fprintf(&answer, "%s OK done\r\n", tag)
		conn.Write(answer.Bytes())
	}
}

var uidFetch = regexp.MustCompile(`^UID FETCH (\S+) \((.*?)\)(?: \(CHANGEDSINCE (\d+)\))?$`)

func (s *oldServer) answer(w io.Writer, command string, open *oldFolder) *oldFolder {
	switch {
	case command == "CAPABILITY":
		fmt.Fprintf(w, "* CAPABILITY IMAP4rev1 %s\r\n", s.caps)
	case strings.HasPrefix(command, "LIST"):
		for _, f := range s.folders {
			fmt.Fprintf(w, "* LIST (%s) \"/\" {%d}\r\n%s\r\n", f.attrs, len(f.name), f.name)
		}
	case strings.HasPrefix(command, "EXAMINE"):
		name := strings.Trim(strings.TrimSuffix(strings.TrimPrefix(command, "EXAMINE "), " (CONDSTORE)"), `"`)
		i := slices.IndexFunc(s.folders, func(f *oldFolder) bool { return f.name == name })
		open = s.folders[max(i, 0)]
		fmt.Fprintf(w, "* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n", len(open.letters), open.validity)
		if open.modseq > 0 {
			fmt.Fprintf(w, "* OK [HIGHESTMODSEQ %d] x\r\n", open.modseq)
		}
		if n := len(open.letters); n > 0 {
			fmt.Fprintf(w, "* OK [UIDNEXT %d] x\r\n", open.letters[n-1].uid+1)
		}
	case uidFetch.MatchString(command):
		m := uidFetch.FindStringSubmatch(command)
		since, _ := strconv.Atoi(m[3])
		for n, l := range open.letters {
			if inSet(m[1], l.uid) && (since == 0 || l.modseq > since) {
				l.write(w, n+1, m[2])
			}
		}
	}
	return open
}

func (l letter) write(w io.Writer, seq int, items string) {
	fmt.Fprintf(w, "* %d FETCH (UID %d FLAGS (%s) RFC822.SIZE %d", seq, l.uid, l.flags, cmp.Or(l.size, len(l.text)))
	if strings.Contains(items, "X-GM-LABELS") {
		fmt.Fprintf(w, " X-GM-LABELS (%s)", l.labels)
	}
	if strings.Contains(items, "HEADER.FIELDS") {
		head, _, _ := strings.Cut(l.text, "\r\n\r\n")
		fmt.Fprintf(w, " BODY[HEADER.FIELDS (MESSAGE-ID)] {%d}\r\n%s\r\n\r\n", len(head)+4, head)
	}
	if strings.Contains(items, "BODY.PEEK[]") {
		fmt.Fprintf(w, " INTERNALDATE \"03-Feb-2024 12:30:05 +0000\" BODY[] {%d}\r\n%s", len(l.text), l.text)
	}
	io.WriteString(w, ")\r\n")
}

func inSet(set string, uid int) bool {
	for _, r := range strings.Split(set, ",") {
		first, last, isRange := strings.Cut(r, ":")
		from, _ := strconv.Atoi(first)
		to, _ := strconv.Atoi(last)
		if uid == from || isRange && uid >= from && (uid <= to || last == "*") {
			return true
		}
	}
	return false
}

// newcomer is an account that mail is brought into.
type newcomer struct {
	t      *testing.T
	data   string
	out    strings.Builder // what was reported, and the outcome
	pauses []time.Duration
	plan   *Plan
}

func newNewcomer(t *testing.T) *newcomer {
	t.Helper()
	n := &newcomer{t: t, data: t.TempDir()}
	n.admin(func(a control.Admin) error {
		_, err := a.AddAccount("alice", "secret")
		return err
	})
	return n
}

func (n *newcomer) Line(format string, args ...any) { fmt.Fprintf(&n.out, format+"\n", args...) }
func (n *newcomer) Looked(done, all int)            {}
func (n *newcomer) Message(bytes int64)             {}
func (n *newcomer) Size(bytes int64) string         { return fmt.Sprint(bytes) }

func (n *newcomer) admin(f func(control.Admin) error) {
	n.t.Helper()
	be, err := backend.Open(backend.Config{Data: n.data, NoIndex: true})
	if err != nil {
		n.t.Fatal(err)
	}
	a := control.NewLocal(be, nil)
	if err := errors.Join(f(a), a.Close()); err != nil {
		n.t.Fatal(err)
	}
}

// run brings mail over from a server, and does not wait where it should. It returns what was said.
func (n *newcomer) run(s *oldServer, ctx context.Context, change ...func(*Options)) (string, error) {
	n.t.Helper()
	n.out.Reset()
	to := Options{Account: "alice", Name: func(folder string) string { return folder }, Merge: true}
	for _, c := range change {
		c(&to)
	}
	source := newSource(ctx, Server{
		Config: imapclient.Config{Addr: s.l.Addr().String(), Silence: time.Minute}, User: "old",
		Login: func(c *imapclient.Client) error { return c.Login("old", "secret") },
	}, n)
	defer source.Close()
	source.pause = func(_ context.Context, d time.Duration) { n.pauses = append(n.pauses, d) }
	var result error
	n.admin(func(a control.Admin) error {
		if n.plan, result = source.Prepare(a, to); result != nil || to.DryRun {
			return nil
		}
		result = n.plan.Run()
		done := n.plan.Outcome()
		for _, b := range done.Bad {
			n.Line("left out: %s: %s", b.Name, b.Reason)
		}
		n.Line("alice: %v", done)
		return nil
	})
	return n.out.String(), result
}

// folder lists a folder's messages: UID, flags, keywords, and the last line of the text.
func (n *newcomer) folder(name string) (list []string) {
	n.t.Helper()
	n.admin(func(a control.Admin) error {
		return a.Export("alice", name, func(m *control.Message, body io.Reader) error {
			b, err := io.ReadAll(body)
			text := string(b)
			list = append(list, strings.TrimSpace(fmt.Sprintf("%d %d%v %s", m.UID, m.Flags, m.Keywords, text[strings.LastIndex(text, "\n")+1:])))
			return err
		})
	})
	return list
}
