package server

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// What a client that has not logged in may cost with one input.
const (
	hostileMemory = 16 << 20 // bytes of heap
	hostileTime   = 5 * time.Second
)

// TestHostile sends what kills or starves a stock go-imap server before login.
// Each input ends with an answer or a closed connection, in bounded time and
// memory, and the server lives on.
func TestHostile(t *testing.T) {
	srv := startServer(t)
	mib := 1 << 20
	for name, input := range map[string][]byte{
		"parentheses":     repeat("a LOGIN ", "(", 4*mib),
		"long atom":       repeat("a LOGIN ", "x", 512<<10),
		"long quoted":     repeat(`a LOGIN "`, "x", 16*mib),
		"long tag":        repeat("", "x", 16*mib),
		"long name":       repeat("a ", "x", 16*mib),
		"long line":       repeat("a NOOP ", " ", 16*mib),
		"long set":        repeat("a FETCH ", "1,", 8*mib),
		"huge literal":    []byte("a LOGIN {4294967295}\r\n"),
		"huge literals":   repeat("a LOGIN ", "{4294967295+}\r\n", 256),
		"endless number":  repeat("a LOGIN {", "9", mib),
		"many literals":   repeat("a LOGIN ", "{1+}\r\nx ", mib),
		"many lines":      repeat("", "\r\n", 2*mib),
		"many bad tags":   repeat("", "\x00 X\r\n", mib),
		"many commands":   repeat("", "a NOOP\r\n", mib),
		"SASL line":       repeat("a AUTHENTICATE PLAIN\r\n", "A", 4*mib),
		"initial":         repeat("a AUTHENTICATE PLAIN ", "A", 4*mib),
		"ID pairs":        repeat("a ID (", `"x" "y" `, mib),
		"literal8":        repeat("a LOGIN ~{5+}\r\n", "12345", mib),
		"no end of line":  repeat("a LOGIN ", `"x" `, 4*mib),
		"binary":          repeat("", "\xff\xfe\x00\x01", 4*mib),
		"bare CR":         repeat("a NOOP", "\r", 4*mib),
		"UID alone":       []byte("a UID\r\nb UID \r\nc UID  FETCH\r\n"),
		"nothing at all":  nil,
		"TLS handshake":   []byte("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
		"HTTP":            []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"compressed":      repeat("a COMPRESS DEFLATE\r\n", "\x00\x00\x00\xff\xff", mib),
		"annotations":     repeat(`a SETMETADATA "" (`, "/private/a {10+}\r\n0123456789 ", 4*mib),
		"groups":          repeat("a NOTIFY SET ", "(PERSONAL (MessageNew MessageExpunge)) ", 4*mib),
		"pieces":          repeat("a APPEND INBOX CATENATE (", "TEXT {1+}\r\nx ", mib),
		"capabilities":    repeat("a ENABLE", " X", 4*mib),
		"bearer":          repeat("a AUTHENTICATE OAUTHBEARER\r\n", "bixhPXgsAXg9eQ", 4*mib),
		"literal for UID": repeat("a UID ", "{9999999+}\r\n", 64),
	} {
		t.Run(name, func(t *testing.T) { attack(t, srv, input) })
	}
	if got := greet(t, srv); !strings.HasPrefix(got, "* OK ") {
		t.Errorf("after all: %q", got)
	}
}

func repeat(prefix, piece string, size int) []byte {
	return append([]byte(prefix), bytes.Repeat([]byte(piece), size/len(piece))...)
}

// attack sends an input and reads whatever comes back, until the server or the
// input has ended.
func attack(t *testing.T, srv *testServer, input []byte) {
	peak := watchHeap()
	begin := time.Now()
	conn := srv.dial(t, "imap").(*net.TCPConn)
	conn.SetDeadline(begin.Add(patience))
	answered := make(chan int64)
	go func() {
		n, _ := io.Copy(io.Discard, conn)
		answered <- n
	}()
	conn.Write(input) // fails when the server has had enough
	conn.CloseWrite()
	n := <-answered
	conn.Close()
	if spent := time.Since(begin); spent > hostileTime {
		t.Errorf("took %v", spent)
	}
	if grown := peak(); grown > hostileMemory {
		t.Errorf("heap grew by %d MiB", grown>>20)
	}
	if n > 1<<20 {
		t.Errorf("the server sent %d bytes", n)
	}
}

// watchHeap samples the heap until the returned function is called, which gives
// by how much it grew at most.
func watchHeap() func() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	start, peak := m.HeapAlloc, m.HeapAlloc
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return peak - start
	}
}

// greet connects and gives the first line.
func greet(t *testing.T, srv *testServer) string {
	t.Helper()
	conn := srv.dial(t, "imap")
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line
}

// TestInStep checks that a connection is in step after every kind of mistake:
// the NOOP behind it is the next thing answered.
func TestInStep(t *testing.T) {
	srv := startServer(t)
	for _, mistake := range []string{
		"a LOGIN", "a LOGIN x", "a LOGIN ((", `a LOGIN "x`, `a LOGIN "x\y" z`, "a LOGIN {3+}\r\nabc", "a LOGIN {3+}\r\nabc {0+}\r\n more",
		"a UID", "a UID X", "a ID (1)", "a ID ((", "a AUTHENTICATE", "a AUTHENTICATE X-Y {2+}\r\nhi", "a STARTTLS now", "a LOGOUT now",
		"a UNKNOWN {10+}\r\n0123456789 {2+}\r\nxx", "a {3+}\r\nabc", "{3+}\r\nabc NOOP", "a", "a ", "a  NOOP", "(a) NOOP", `"a" NOOP`,
		"a FETCH {5000+}\r\n" + strings.Repeat("x", 5000),
	} {
		t.Run(mistake[:min(len(mistake), 30)], func(t *testing.T) {
			conn := srv.dial(t, "imap")
			conn.SetDeadline(time.Now().Add(patience))
			fmt.Fprintf(conn, "%s\r\nnext NOOP\r\n", mistake)
			in := bufio.NewReader(conn)
			in.ReadString('\n')
			bad, _ := in.ReadString('\n')
			next, _ := in.ReadString('\n')
			if !strings.Contains(bad, " BAD ") || next != "next OK NOOP completed\r\n" {
				t.Errorf("got %q, %q", bad, next)
			}
		})
	}
}
