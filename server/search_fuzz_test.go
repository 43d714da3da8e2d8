package server

import (
	"bufio"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"satchel/backend"
)

// FuzzSearch sends search keys: whatever they are, the answer is tagged, names
// only messages that exist, and the connection stays in step.
func FuzzSearch(f *testing.F) {
	for _, keys := range []string{
		"ALL", "CHARSET UTF-8 SUBJECT \"gr\u00fc\u00dfe\"", "OR (1:* UNSEEN) NOT UID 2,4:*", "NOT NOT NOT 1", "((((ALL))))",
		"SINCE \"1-Feb-2026\" SENTBEFORE 01-feb-2026", "HEADER Message-ID <x@example.org>", "LARGER 4294967296", "KEYWORD $Junk UNKEYWORD a",
		"TEXT two BODY one", "BODY \"\"", "FROM \"\\\"\" TO x CC y BCC z", "CHARSET X-NOSUCH ALL", "(", "OR", "*", "0", "NEW OLD RECENT",
		"RETURN () ALL", "RETURN (MIN MAX ALL COUNT SAVE) CHARSET UTF-8 $", "RETURN (PARTIAL -1:-100 RELEVANCY) FUZZY (FROM x)", "OR $ UID $",
		"IN (selected) RETURN (UPDATE COUNT) 1:2 UNSEEN", "IN (personal subtree (a b) mailboxes INBOX) ALL", "IN (subtree-one", "RETURN (UPDATE) 1",
		"RETURN (PARTIAL 2:1 SAVE COUNT) UIDAFTER 1", "MODSEQ \"/flags/\\\\Seen\" all 1", "OLDER 1 YOUNGER 9 SAVEDON 1-Jan-2026 SAVEDATESUPPORTED",
	} {
		f.Add(keys)
	}
	c := searchClient(f)
	answer := regexp.MustCompile(`^[fg] (OK|NO|BAD) `)
	n := 0
	f.Fuzz(func(t *testing.T, keys string) {
		// A line break would begin another command, a brace might begin a literal.
		keys = strings.Map(func(r rune) rune {
			if strings.ContainsRune("\r\n{}", r) {
				return '.'
			}
			return r
		}, keys)
		n++
		fmt.Fprintf(c, "f SEARCH %s\r\ng ESEARCH %s\r\nn%d NOOP\r\n", keys, keys, n)
		line := readLine(t, c.in)
		for strings.HasPrefix(line, "* ") {
			if found, ok := strings.CutPrefix(line, "* SEARCH"); ok {
				found, _, _ = strings.Cut(found, " (MODSEQ")
				checkFound(t, keys, found)
			}
			line = readLine(t, c.in)
		}
		if !answer.MatchString(line) {
			t.Fatalf("SEARCH %q: %s", keys, line)
		}
		for line = readLine(t, c.in); strings.HasPrefix(line, "* "); line = readLine(t, c.in) {
		}
		if !answer.MatchString(line) {
			t.Fatalf("ESEARCH %q: %s", keys, line)
		}
		if got, want := readLine(t, c.in), fmt.Sprintf("n%d OK NOOP completed", n); got != want {
			t.Fatalf("after SEARCH %q: %s, want %s", keys, got, want)
		}
	})
}

// searchClient is a connection that has selected a mailbox of three messages.
func searchClient(f *testing.F) *client {
	srv := startServer(f)
	account := srv.account(f, testUser)
	for _, text := range []string{"Subject: one\r\n\r\none\r\n", "Subject: two\r\n\r\ntwo\r\n", "Subject: three\r\n\r\n"} {
		spool := srv.be.NewSpool()
		spool.Write([]byte(text))
		if _, _, err := account.Append("INBOX", &backend.Incoming{Body: spool}); err != nil {
			f.Fatal(err)
		}
		spool.Close()
	}
	conn := srv.dial(f, "imap")
	c := &client{conn, bufio.NewReader(conn)}
	fmt.Fprintf(c, "l LOGIN %s \"%s\"\r\ns SELECT INBOX\r\n", testUser, testPassword)
	for !strings.HasPrefix(readLine(f, c.in), "s OK") {
	}
	return c
}

func readLine(t testing.TB, r *bufio.Reader) string {
	t.Helper()
	line, err := r.ReadString('\n')
	if err != nil {
		t.Fatalf("received %q and then %v", line, err)
	}
	return strings.TrimSuffix(line, "\r\n")
}

// checkFound reads the numbers of a SEARCH response: 1 to 3, ascending.
func checkFound(t *testing.T, keys, found string) {
	t.Helper()
	last := 0
	for _, word := range strings.Fields(found) {
		n, err := strconv.Atoi(word)
		if err != nil || n <= last || n > 3 {
			t.Fatalf("SEARCH %q found%s", keys, found)
		}
		last = n
	}
}
