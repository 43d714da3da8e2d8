package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"satchel/server/control"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"satchel": main})
}

// TestScript runs the scripts of testdata/script, which are a manual that is checked. Besides testscript's own commands
// they have:
//
//	serving DATA                     waits until a server has the data folder
//	freeport NAME                    puts a loopback address that nobody uses into $NAME
//	imap ADDR USER PASS COMMAND ...  logs in and prints what is answered to the commands
//	                                 (over TLS where ADDR is $IMAPS)
//	hold ADDR USER PASS COMMAND ...  likewise, but leaves the connection open until "heard" or the end of the script
//	heard LAST                       prints what comes over that connection, up to a line that begins with LAST
//	waitfor FILE TEXT                waits until a file has a text
//	lmtp SOCKET FILE FROM TO ...     delivers a file over LMTP and prints the answers
//	say ADDR TEXT LAST               sends a text ("\n" and the like are as in Go) over HOST:PORT or a unix socket
//	                                 and prints what comes, up to and with LAST
//	nameserver NAME FILE             answers from a zone file, and puts where into $NAME
//	crlf FILE ...                    gives files CRLF line ends
//	certificate FILE DAYS NAME ...   makes a certificate for names that ends in so many days, its key in the same file
//	shown ADDR NAME                  prints the first name in the certificate that is shown over TLS to who asks for NAME
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("TZ", "UTC")
			env.Values[heldKey{}] = new(held)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"serving":     cmdServing,
			"waitfor":     cmdWaitFor,
			"freeport":    cmdFreePort,
			"imap":        cmdIMAP,
			"hold":        cmdHold,
			"heard":       cmdHeard,
			"keep":        cmdKeep,
			"lmtp":        cmdLMTP,
			"say":         cmdSay,
			"crlf":        cmdCRLF,
			"certificate": cmdCertificate,
			"shown":       cmdShown,
			"nameserver":  cmdNameserver,
		},
	})
}

// limit is how long a script waits for a server.
const limit = 20 * time.Second

func cmdServing(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serving DATA")
	}
	await(ts, func() error {
		_, err := control.Dial(ts.MkAbs(args[0]))
		return err
	})
}

func cmdWaitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: waitfor FILE TEXT")
	}
	await(ts, func() error {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil && !strings.Contains(string(text), args[1]) {
			err = fmt.Errorf("%q is not in %s", args[1], text)
		}
		return err
	})
}

// await looks again and again until there is no error.
func await(ts *testscript.TestScript, look func() error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.Now().Add(limit)
	for {
		err := look()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("not in time: %v", err)
		}
		<-tick.C
	}
}

func cmdFreePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	defer l.Close()
	ts.Setenv(args[0], l.Addr().String())
}

func cmdIMAP(ts *testscript.TestScript, neg bool, args []string) {
	talkIMAP(ts, neg, args).Close()
}

// held is the connection that "hold" opened.
type held struct {
	net.Conn
	in *bufio.Reader
}

// heldKey is where a script keeps it.
type heldKey struct{}

func cmdHold(ts *testscript.TestScript, neg bool, args []string) {
	conn := talkIMAP(ts, neg, args)
	ts.Defer(func() { conn.Close() })
	*ts.Value(heldKey{}).(*held) = *conn
}

// cmdKeep puts what was printed into a variable.
func cmdKeep(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: keep NAME")
	}
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

func cmdHeard(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: heard LAST")
	}
	for conn := ts.Value(heldKey{}).(*held); ; {
		line := readLine(ts, conn.in)
		fmt.Fprintln(ts.Stdout(), line)
		if strings.HasPrefix(line, args[0]) {
			return
		}
	}
}

// talkIMAP logs in, and prints what is answered to commands. IDLE is answered when it has begun.
func talkIMAP(ts *testscript.TestScript, neg bool, args []string) *held {
	if len(args) < 3 {
		ts.Fatalf("usage: imap|hold ADDR USER PASS COMMAND ...")
	}
	conn, err := net.Dial("tcp", args[0])
	ts.Check(err)
	conn.SetDeadline(time.Now().Add(limit))
	if ts.Getenv("IMAPS") == args[0] {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
	}
	c := &held{conn, bufio.NewReader(conn)}
	readLine(ts, c.in)
	commands := append([]string{fmt.Sprintf("LOGIN %q %q", args[1], args[2])}, args[3:]...)
	for i, command := range commands {
		fmt.Fprintf(conn, "a%d %s\r\n", i, command)
		for {
			line := readLine(ts, c.in)
			if i > 0 || !strings.HasPrefix(line, "* ") {
				fmt.Fprintln(ts.Stdout(), line)
			}
			if line == "+ idling" {
				break
			}
			if !strings.HasPrefix(line, fmt.Sprintf("a%d ", i)) {
				continue
			}
			if bad := !strings.Contains(line, " OK"); bad != neg && i == len(commands)-1 {
				ts.Fatalf("%s: %s", command, line)
			}
			break
		}
	}
	return c
}

func readLine(ts *testscript.TestScript, in *bufio.Reader) string {
	line, err := in.ReadString('\n')
	ts.Check(err)
	return strings.TrimRight(line, "\r\n")
}

func cmdLMTP(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: lmtp SOCKET FILE FROM TO ...")
	}
	conn, err := net.Dial("unix", ts.MkAbs(args[0]))
	ts.Check(err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(limit))
	fmt.Fprintf(conn, "LHLO client.example.net\r\nMAIL FROM:<%s>\r\n", args[2])
	for _, to := range args[3:] {
		fmt.Fprintf(conn, "RCPT TO:<%s>\r\n", to)
	}
	msg := strings.ReplaceAll(ts.ReadFile(args[1]), "\n", "\r\n")
	fmt.Fprintf(conn, "DATA\r\n%s.\r\nQUIT\r\n", msg)
	answers, err := io.ReadAll(conn)
	ts.Check(err)
	fmt.Fprint(ts.Stdout(), strings.ReplaceAll(string(answers), "\r\n", "\n"))
}

func cmdSay(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: say ADDR TEXT LAST")
	}
	network, addr := "tcp", args[0]
	if _, _, err := net.SplitHostPort(addr); err != nil {
		network, addr = "unix", ts.MkAbs(addr)
	}
	conn, err := net.Dial(network, addr)
	ts.Check(err)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(limit))
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	io.WriteString(conn, text)
	var heard []byte
	for b := make([]byte, 1); !strings.HasSuffix(string(heard), args[2]); heard = append(heard, b[0]) {
		if _, err := conn.Read(b); err != nil {
			ts.Fatalf("heard %q: %v", heard, err)
		}
	}
	fmt.Fprintln(ts.Stdout(), string(heard))
}

// cmdCRLF gives a file of the script the line ends of the wire.
func cmdCRLF(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := strings.ReplaceAll(ts.ReadFile(name), "\n", "\r\n")
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}
