package server

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// FuzzArguments sends commands whose arguments have a syntax of their own: whatever
// they are, the answer is tagged and the connection stays in step.
func FuzzArguments(f *testing.F) {
	for _, line := range []string{
		"NOTIFY SET STATUS (SELECTED (MessageNew (UID BODY.PEEK[1]) MessageExpunge FlagChange)) (SUBTREE (a \"b c\") (MailboxName))",
		"NOTIFY SET (MAILBOXES INBOX (MessageNew MessageExpunge)) (PERSONAL NONE)", "NOTIFY NONE", "NOTIFY SET (SELECTED-DELAYED (",
		"GETMETADATA (MAXSIZE 10 DEPTH infinity) INBOX (/private /shared/a)", "GETMETADATA \"\" /private/a (DEPTH 1) /shared",
		"SETMETADATA INBOX (/private/a \"b\" /shared/vendor/x/y NIL)", "SETMETADATA \"\" (/private/specialuse \\Sent)",
		"LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (a % *) RETURN (STATUS (SIZE DELETED) CHILDREN METADATA (/private/a))",
		"UIDBATCHES 500 1:20", "UIDBATCHES 4294967295", "CANCELUPDATE \"a\" \"b\"", "ENABLE QRESYNC UIDONLY X", "STATUS INBOX (SIZE MAILBOXID)",
		"SELECT INBOX (QRESYNC (1 2 1:3,5 (1,3 2:3)) CONDSTORE)", "EXAMINE INBOX (CONDSTORE)", "SELECT INBOX (QRESYNC (1 1 (4294967295 4294967295)))",
		"FETCH 1:* (BINARY.PEEK[1.2]<3.4> BINARY.SIZE[] PREVIEW (LAZY) EMAILID THREADID SAVEDATE MODSEQ)",
		"UID FETCH $ (FLAGS) (CHANGEDSINCE 1 VANISHED PARTIAL -1:-5)", "UID STORE 1:* (UNCHANGEDSINCE 2) +FLAGS.SILENT (a \\Seen)",
		"CREATE x (USE (\\Archive))", "UID REPLACE 1 INBOX (\\Seen) \"01-Jan-2026 00:00:00 +0000\" CATENATE (URL \"/INBOX/;UID=1\")",
		"APPEND INBOX CATENATE (URL \"/INBOX;UIDVALIDITY=1/;UID=2/;SECTION=HEADER.FIELDS%20(A)/;PARTIAL=0.5\" URL x)", "ID (\"name\" NIL)",
	} {
		f.Add(line)
	}
	c := searchClient(f)
	kept := regexp.MustCompile(`(?i)^(IDLE|LOGOUT|AUTHENTICATE|LOGIN|STARTTLS|COMPRESS|UNAUTHENTICATE)\b`) // which change what a line is
	answer := regexp.MustCompile(`^(OK|NO|BAD) `)
	n := 0
	f.Fuzz(func(t *testing.T, line string) {
		// A line break would begin another command, a brace might begin a literal.
		line = strings.Map(func(r rune) rune {
			if strings.ContainsRune("\r\n{}", r) {
				return '.'
			}
			return r
		}, line)
		if kept.MatchString(line) {
			return
		}
		n++
		fmt.Fprintf(c, "f%d %s\r\nn%d NOOP\r\n", n, line, n)
		for _, tag := range []string{"f", "n"} {
			tag = fmt.Sprintf("%s%d ", tag, n)
			got := readLine(t, c.in)
			for ; !strings.HasPrefix(got, tag); got = readLine(t, c.in) {
				if strings.HasPrefix(got, "* BYE") {
					t.Fatalf("%q: %s", line, got)
				}
			}
			if !answer.MatchString(got[len(tag):]) {
				t.Fatalf("%q: %s", line, got)
			}
		}
	})
}
