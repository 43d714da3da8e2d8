package server

import (
	"bytes"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// TestHostileLoggedIn sends what costs much for little from a client that has logged
// in and selected a mailbox with large messages: each input is answered to its end, in
// bounded time and memory.
func TestHostileLoggedIn(t *testing.T) {
	srv := startServer(t)
	fillHostile(t, srv)
	for name, input := range hostileCommands() {
		t.Run(name, func(t *testing.T) { attackLoggedIn(t, srv, input) })
	}
	if log := srv.log.String(); strings.Contains(log, "panic") {
		t.Error(log)
	}
}

// fillHostile delivers a header of a megabyte, a large attachment, HTML that never
// comes to its text, and multiparts as deep as they go.
func fillHostile(t *testing.T, srv *testServer) {
	const mime = "MIME-Version: 1.0\r\nContent-Type: "
	var deep strings.Builder
	deep.WriteString(mime + "multipart/mixed; boundary=b\r\n\r\n")
	for i := range 90 {
		fmt.Fprintf(&deep, "--b%s\r\nContent-Type: multipart/mixed; boundary=b%s\r\n\r\n", strings.Repeat("x", i), strings.Repeat("x", i+1))
	}
	for _, text := range []string{
		strings.Repeat("X-Field: "+strings.Repeat("y", 60)+"\r\n", 15000) + "\r\nbody\r\n",
		mime + "application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(strings.Repeat("QUJD", 18)+"\r\n", 50000),
		mime + "text/html\r\n\r\n" + strings.Repeat("<a href=x><!-- ", 100000),
		deep.String(),
	} {
		if err := srv.deliver(t, testUser, "INBOX", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}

// times is a command with a piece over and over, in which "%d" is its number.
func times(prefix, piece string, n int, suffix string) []byte {
	b := []byte(prefix)
	for i := range n {
		b = append(b, strings.ReplaceAll(piece, "%d", fmt.Sprint(i+1))...)
	}
	return append(b, suffix+"\r\n"...)
}

func hostileCommands() map[string][]byte {
	fields := `URL "/INBOX/;UID=1/;SECTION=HEADER.FIELDS%20(NONE)" `
	return map[string][]byte{
		"header fields": times("a APPEND INBOX CATENATE (", fields, 35000, "TEXT {1+}\r\nx)"),
		"fields of many messages": append(times("a APPEND INBOX", " CATENATE (TEXT {1+}\r\nx "+fields+fields+")", 9000, ""),
			times("b REPLACE 1 INBOX CATENATE (", fields, 500, ")")...),
		"small ranges":   times("a APPEND INBOX CATENATE (", `URL "/INBOX/;UID=2/;PARTIAL=3000000.1" `, 20000, "TEXT {1+}\r\nx)"),
		"whole messages": times("a APPEND INBOX CATENATE (", `URL "/INBOX/;UID=2" `, 50000, "TEXT {1+}\r\nx)"),
		"deep section":   times(`a APPEND INBOX CATENATE (URL "/INBOX/;UID=4/;SECTION=1`, ".1", 30000, `")`),
		"binary ranges":  times("a FETCH 2 (", "BINARY.PEEK[1]<%d000.1> ", 200, "UID)"),
		"binary sizes":   times("a FETCH 4 (BINARY.SIZE[1", ".1", 80, "] UID)"),
		"far partials":   []byte("a FETCH 1 BODY.PEEK[]<4294967295.4294967295>\r\nb FETCH 2 BINARY.PEEK[1]<4294967295.4294967295>\r\n"),
		"preview":        []byte("a FETCH 1:* (PREVIEW THREADID SAVEDATE)\r\n"),
		"saved sets":     times("a SEARCH RETURN (SAVE) ALL\r\nb SEARCH ", "$ ", 990, "$"),
		"nested keys":    times("a SEARCH ", "NOT ", 60000, "ALL"),
		"partial search": []byte("a SEARCH RETURN (PARTIAL -4294967295:-4294967295) ALL\r\nb UID FETCH 1:* UID (PARTIAL 4294967295:1)\r\n"),
		"threads":        times("a SEARCH ", "THREADID x ", 990, "ALL"),
		"sort keys":      times("a SORT (", "REVERSE DATE ", 50000, "SIZE) UTF-8 ALL"),
		"contexts":       times("a NOOP", "\r\nx%d UID SEARCH RETURN (UPDATE) ALL", 1000, ""),
		"cancelled":      times("a CANCELUPDATE", ` "x"`, 100000, ""),
		"many sources":   times("a ESEARCH IN (", "personal ", 100000, "personal) ALL"),
		"groups":         times("a NOTIFY SET ", "(PERSONAL (MessageNew MessageExpunge)) ", 20000, "(PERSONAL NONE)"),
		"watched names":  times("a NOTIFY SET (MAILBOXES (", "m%d ", 100000, "x) (MessageNew MessageExpunge))"),
		"watched items":  times("a NOTIFY SET (SELECTED (MessageNew (", "BODY.PEEK[%d] ", 20000, "UID) MessageExpunge))"),
		"annotations":    times("a SETMETADATA INBOX (", `/private/x%d "y" `, 50000, `/private/z "y")`),
		"large values":   times("a SETMETADATA INBOX (", "/private/x%d {65536+}\r\n"+strings.Repeat("x", 65536)+" ", 100, "/private/z NIL)"),
		"entries":        times("a GETMETADATA INBOX (", "/private/x%d ", 50000, "/private/z)"),
		"listed entries": times(`a LIST "" * RETURN (METADATA (`, "/private/x%d ", 50000, "/private/z))"),
		"enabled":        times("a ENABLE", " X", 100000, ""),
		"batches":        []byte("a UIDBATCHES 4294967295 4294967295:4294967295\r\nb UIDBATCHES 500 4294967295:4294967295\r\nc UIDBATCHES 4294967295\r\n"),
		"known UIDs":     times("a ENABLE QRESYNC\r\nb SELECT INBOX (QRESYNC (1 1 ", "%d0,", 200000, "4294967295))"),
		"match data":     times("a ENABLE QRESYNC\r\nb SELECT INBOX (QRESYNC (1 1 1:5 (", "%d0,", 100000, "4294967295 1)))"),
		"largest match":  []byte("a ENABLE QRESYNC\r\nb SELECT INBOX (QRESYNC (1 1 1:5 (4294967295 4294967295)))\r\n"),
		"replaced":       []byte("a REPLACE 4294967295 INBOX {5+}\r\nabcde\r\nb UID REPLACE 4294967295 INBOX ~{5+}\r\nabcde\r\n"),
		"empty flushes":  append([]byte("a COMPRESS DEFLATE\r\n"), bytes.Repeat([]byte("\x00\x00\x00\xff\xff"), 200000)...),
		"empty blocks":   append([]byte("a COMPRESS DEFLATE\r\n"), bytes.Repeat([]byte("\x02\x08\x20\x80\x00"), 200000)...),
		"logged off":     times("", "a UNAUTHENTICATE\r\nb LOGIN "+testUser+` "`+testPassword+"\"\r\n", 100, ""),
	}
}

// What a client that has logged in may cost with one such input.
const (
	loggedInMemory = 256 << 20
	loggedInTime   = 15 * time.Second
)

func attackLoggedIn(t *testing.T, srv *testServer, input []byte) {
	c := loginClient(t, srv, "imap")
	c.do(t, "s SELECT INBOX")
	peak, begin := watchHeap(), time.Now()
	c.SetDeadline(begin.Add(2 * patience))
	drained := make(chan error)
	go func() {
		_, err := c.in.WriteTo(new(discarded))
		drained <- err
	}()
	c.Write(input)
	c.Conn.(*net.TCPConn).CloseWrite()
	if err := <-drained; err != nil {
		t.Errorf("the connection: %v", err)
	}
	c.Close()
	if spent := time.Since(begin); spent > loggedInTime {
		t.Errorf("took %v", spent)
	}
	if grown := peak(); grown > loggedInMemory {
		t.Errorf("heap grew by %d MiB", grown>>20)
	}
}

// discarded takes what a server sends: 16 MiB at most.
type discarded int

func (d *discarded) Write(p []byte) (int, error) {
	if *d += discarded(len(p)); *d > 16<<20 {
		return 0, fmt.Errorf("more than %d bytes", 16<<20)
	}
	return len(p), nil
}
