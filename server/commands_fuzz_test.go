package server

import (
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

// commandGrammar is what commands are made of: "@set" stands for one of the texts of set.
var commandGrammar = map[string][]string{
	"command": {
		"@uid@fetch", "@uid@fetch", "@uidSTORE @set @since@op @flags", "@uidSTORE @set @op @flags", "@uidSEARCH @search", "@uidSEARCH @search",
		"@uidSORT @return(@sort) UTF-8 @key", "@uidTHREAD @thread UTF-8 @key", "ESEARCH @in@search", "@uidCOPY @set @box", "@uidMOVE @set @box",
		"@uidREPLACE @n @box @message", "APPEND @box (@flag) @message", "APPEND @box @message @message", "EXPUNGE", "UID EXPUNGE @set",
		"NOOP", "CLOSE", "UNSELECT", "SELECT @box@select", "EXAMINE @box@select", "SELECT box", "SELECT box", "CREATE @box", "DELETE @box",
		"RENAME @box @box", "SUBSCRIBE @box", "UNSUBSCRIBE @box", `LIST @listed"" @pattern@listing`, `LSUB "" @pattern`, "STATUS @box (@status @status)",
		"GETMETADATA @depth@box (@entry @entry)", "SETMETADATA @box (@entry @value)", "NOTIFY NONE", "NOTIFY SET @told@group @group",
		`CANCELUPDATE "t@n"`, "GETQUOTAROOT @box", "UIDBATCHES 500 1:@n", "ENABLE @feature", "IDLE\r\nDONE", "ID NIL", "NAMESPACE",
	},
	"uid":     {"", "UID "},
	"fetch":   {"FETCH @set (@item @item)@changed", "FETCH @set @item@changed", "FETCH @set @macro"},
	"set":     {"$", "1:*", "1:*", "@n", "*", "@n:@n", "@n:*", "@n,@n:@n"},
	"n":       {"0", "1", "2", "3", "4", "5", "9", "40", "4294967295", "4294967296"},
	"since":   {"", "(UNCHANGEDSINCE @n) "},
	"op":      {"FLAGS", "+FLAGS", "-FLAGS", "+FLAGS.SILENT", "-FLAGS.SILENT"},
	"flags":   {"()", "(@flag)", "(@flag @flag)", "@flag"},
	"flag":    {`\Seen`, `\Deleted`, `\Flagged`, "$Junk", "one", "two"},
	"search":  {"@key", "@return@key", "@return@charset@key @key", "@charset@key"},
	"charset": {"", "CHARSET UTF-8 ", "CHARSET nothing "},
	"return":  {"", "RETURN () ", "RETURN (@result) ", "RETURN (@result @result) ", "RETURN (@result @result UPDATE) "},
	"result":  {"MIN", "MAX", "ALL", "COUNT", "SAVE", "SAVE", "UPDATE", "CONTEXT", "RELEVANCY", "PARTIAL @n:@n", "PARTIAL -@n:-@n"},
	"key": {
		"ALL", "ALL", "SEEN", "UNSEEN", "DELETED", "UNDELETED", "FLAGGED", "RECENT", "NEW", "OLD", "SUBJECT @text", "TEXT @text", "BODY @text",
		"HEADER @text @text", "KEYWORD one", "UNKEYWORD two", "UID @set", "@set", "NOT @key", "OR @key @key", "(@key @key)", "MODSEQ @n", "OLDER @n",
		"YOUNGER @n", "LARGER @n", "SMALLER @n", "BEFORE 1-Jan-2030", "SENTSINCE 1-Jan-2000", "SAVEDSINCE 1-Jan-2020", "FUZZY @key", "UIDAFTER @n",
		"UIDBEFORE @n", "EMAILID M1",
	},
	"text":    {"one", `""`, `"new"`, "{3+}\r\ntwo", "{0+}\r\n"},
	"sort":    {"DATE", "REVERSE SUBJECT", "SIZE FROM", "DISPLAYFROM", "REVERSE ARRIVAL", "RELEVANCY"},
	"thread":  {"REFS", "REFERENCES", "ORDEREDSUBJECT"},
	"in":      {"", "IN (selected) ", "IN (personal) ", `IN (subtree "") `, "IN (subtree-one box) ", "IN (selected mailboxes (box other)) "},
	"box":     {"box", "box", "other", "box/kid", "nothing", `"box/"`, `""`, "INBOX"},
	"message": {"{20+}\r\nSubject: new\r\n\r\ntext", "~{20+}\r\nSubject: new\r\n\r\ntext", "UTF8 (~{4+}\r\n\r\n\r\n)", `CATENATE (TEXT {4+}` + "\r\n\r\n\r\n" + ` URL "/box/;UID=@n")`},
	"select":  {"", "", " (CONDSTORE)", " (QRESYNC (@n @n))", " (QRESYNC (@n @n 1:@n (@n @n)))"},
	"listed":  {"", "(SUBSCRIBED) ", "(SUBSCRIBED RECURSIVEMATCH) ", "(SPECIAL-USE) "},
	"pattern": {"*", "%", "box*", "%/%", `""`},
	"listing": {"", " RETURN (SUBSCRIBED)", " RETURN (STATUS (@status))", " RETURN (METADATA (@entry))"},
	"status":  {"MESSAGES", "UNSEEN", "HIGHESTMODSEQ", "DELETED-STORAGE", "SIZE", "RECENT", "MAILBOXID", "UIDNEXT"},
	"depth":   {"", "(DEPTH infinity) ", "(MAXSIZE @n) "},
	"entry":   {"/private/comment", "/shared/comment", "/private", "/private/specialuse", "/nothing"},
	"value":   {"NIL", `"x"`, "~{3+}\r\na\x00b", `"\\Sent"`},
	"told":    {"", "STATUS "},
	"group":   {"(@mailbox @events)"},
	"mailbox": {"selected", "selected-delayed", "personal", "subscribed", "inboxes", "subtree box", "mailboxes (box other)"},
	"events":  {"NONE", "(MessageNew MessageExpunge)", "(MessageNew (@item) MessageExpunge FlagChange)", "(MailboxName SubscriptionChange)", "(MailboxMetadataChange)"},
	"feature": {"CONDSTORE", "QRESYNC", "METADATA", "UTF8=ACCEPT", "IMAP4rev2", "UIDONLY"},
	"item":    {"FLAGS", "UID", "ENVELOPE", "BODYSTRUCTURE", "INTERNALDATE", "RFC822.SIZE", "RFC822.HEADER", "MODSEQ", "PREVIEW", "EMAILID", "THREADID", "SAVEDATE", "BODY[@section]", "BODY.PEEK[@section]<@n.@n>", "BINARY[@part]", "BINARY.SIZE[@part]"},
	"macro":   {"ALL", "FAST", "FULL"},
	"section": {"", "HEADER", "TEXT", "1", "1.MIME", "2", "HEADER.FIELDS (Subject)"},
	"part":    {"", "1", "2"},
	"changed": {"", "", " (CHANGEDSINCE @n)", " (CHANGEDSINCE @n VANISHED)", " (PARTIAL @n:@n)", " (PARTIAL -1:-@n CHANGEDSINCE @n)"},
}

var symbol = regexp.MustCompile(`@[a-z]+`)

// made is a text with its symbols replaced, below so many levels by the first text of each.
func made(rng *rand.Rand, text string, levels int) string {
	return symbol.ReplaceAllStringFunc(text, func(s string) string {
		texts := commandGrammar[s[1:]]
		if levels == 0 {
			return texts[0]
		}
		return made(rng, texts[rng.IntN(len(texts))], levels-1)
	})
}

// FuzzCommands sends commands that are well formed, mostly, in an order that no client has
// thought of. Each is answered, in turn, and none finds an error that the server did not
// expect.
func FuzzCommands(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	errors := &logBuffer{}
	srv := startServer(f, func(c *Config) {
		c.LoginDelay = 1
		c.Log = slog.New(slog.NewTextHandler(errors, &slog.HandlerOptions{Level: slog.LevelError}))
	})
	f.Fuzz(func(t *testing.T, seed uint64) {
		rng := rand.New(rand.NewPCG(seed, 3))
		commands := []string{"DELETE box", "DELETE box/kid", "DELETE other", "DELETE nothing", "SELECT INBOX", `STORE 1:* +FLAGS (\Deleted)`, "CLOSE",
			"CREATE box", "CREATE other", "SELECT box"}
		for range 100 {
			commands = append(commands, made(rng, "@command", 6))
		}
		told := exchange(t, srv, commands)
		for i, command := range commands {
			if want := fmt.Sprintf("t%d", i+1); i >= len(told) || told[i] != want {
				t.Fatalf("after %d answers none to %s %s\nlog:\n%s", i, want, command, errors)
			}
		}
		if log := errors.String(); log != "" {
			t.Fatal(log)
		}
	})
}

var answered = regexp.MustCompile(`(?m)^(t[0-9]+) (?:OK|NO|BAD) .*\r$`)

// exchange sends commands in one packet and gives the tags of the answers.
func exchange(t *testing.T, srv *testServer, commands []string) (tags []string) {
	t.Helper()
	c := loginClient(t, srv, "imap")
	c.SetDeadline(time.Now().Add(patience))
	var b strings.Builder
	for i, command := range commands {
		fmt.Fprintf(&b, "t%d %s\r\n", i+1, command)
	}
	io.WriteString(c, b.String())
	c.Conn.(*net.TCPConn).CloseWrite()
	all, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range answered.FindAllStringSubmatch(string(all), -1) {
		tags = append(tags, m[1])
	}
	return tags
}
