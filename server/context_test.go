package server

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// followed is the result of a search as a client keeps it: from the first answer, and
// from what it hears of changes after that.
type followed struct {
	tag     string
	uid     bool
	members []int
}

var (
	added   = regexp.MustCompile(`(?: ALL | ADDTO \(0 )([0-9:,]+)`)
	removed = regexp.MustCompile(` REMOVEFROM \(0 ([0-9:,]+)`)
)

// hear takes one untagged line into account.
func (f *followed) hear(t *testing.T, line string) {
	t.Helper()
	if n, ok := strings.CutSuffix(line, " EXPUNGE"); ok && !f.uid {
		gone, _ := strconv.Atoi(strings.TrimPrefix(n, "* "))
		for i, m := range f.members {
			if m == gone {
				t.Fatalf("%s: %d is expunged, but is among the results", f.tag, gone)
			}
			if m > gone {
				f.members[i]--
			}
		}
	}
	if !strings.HasPrefix(line, `* ESEARCH (TAG "`+f.tag+`")`) {
		return
	}
	for _, n := range numbersOf(removed, line) {
		if !slices.Contains(f.members, n) {
			t.Fatalf("%s: %d is removed but was not there", f.tag, n)
		}
		f.members = slices.DeleteFunc(f.members, func(m int) bool { return m == n })
	}
	for _, n := range numbersOf(added, line) {
		if slices.Contains(f.members, n) {
			t.Fatalf("%s: %d is added twice", f.tag, n)
		}
		f.members = append(f.members, n)
	}
	slices.Sort(f.members)
}

// numbersOf spells out the set that an expression finds in a line.
func numbersOf(set *regexp.Regexp, line string) []int {
	m := set.FindStringSubmatch(line)
	if m == nil {
		return nil
	}
	var list []int
	for part := range strings.SplitSeq(m[1], ",") {
		first, last, ranged := strings.Cut(part, ":")
		from, _ := strconv.Atoi(first)
		to := from
		if ranged {
			to, _ = strconv.Atoi(last)
		}
		for n := from; n <= to; n++ {
			list = append(list, n)
		}
	}
	return list
}

// ask sends a command and lets the followed searches hear the answer.
func (c *client) ask(t *testing.T, command string, followers ...*followed) {
	t.Helper()
	tag, _, _ := strings.Cut(command, " ")
	c.say(t, command)
	for line := readLine(t, c.in); !strings.HasPrefix(line, tag+" OK"); line = readLine(t, c.in) {
		if strings.HasPrefix(line, tag+" ") {
			t.Fatalf("%s: %s", command, line)
		}
		for _, f := range followers {
			f.hear(t, line)
		}
	}
}

// TestContextsFollow lets a client follow two searches while it and another one
// change the mailbox at random: what it knows is what it would find.
func TestContextsFollow(t *testing.T) {
	const keys = "FLAGGED NOT (DELETED SUBJECT 3)"
	srv := startServer(t)
	rnd := rand.New(rand.NewPCG(1, 4))
	me, other := loginClient(t, srv, "imap"), loginClient(t, srv, "imap")
	me.ask(t, "s SELECT INBOX")
	other.ask(t, "s SELECT INBOX")
	byUID, bySeq := &followed{tag: "u", uid: true}, &followed{tag: "q"}
	me.ask(t, "u UID SEARCH RETURN (UPDATE ALL) "+keys, byUID)
	me.ask(t, "q SEARCH RETURN (UPDATE ALL) "+keys, bySeq)
	change := func(who *client, followers ...*followed) {
		first := 1 + rnd.IntN(80)
		set := fmt.Sprintf("%d:%d", first, first+rnd.IntN(4))
		switch rnd.IntN(6) {
		case 0, 1:
			deliverTest(t, srv, "INBOX", fmt.Sprintf("Subject: %d\r\n\r\n", rnd.IntN(5)))
		case 2:
			who.ask(t, "c UID EXPUNGE "+set, followers...)
		case 3:
			who.ask(t, "c UID FETCH "+set+" BODY[]", followers...)
		default:
			op := []string{"+FLAGS", "-FLAGS", "+FLAGS.SILENT", "FLAGS"}[rnd.IntN(4)]
			flag := []string{`\Flagged`, `\Deleted`, `\Deleted \Flagged`}[rnd.IntN(3)]
			who.ask(t, fmt.Sprintf("c UID STORE %s %s (%s)", set, op, flag), followers...)
		}
	}
	for step := range 400 {
		if rnd.IntN(2) == 0 {
			change(me, byUID, bySeq)
		} else {
			change(other)
		}
		if rnd.IntN(3) > 0 {
			continue
		}
		me.ask(t, "n NOOP", byUID, bySeq)
		for _, f := range []*followed{byUID, bySeq} {
			now := &followed{tag: "now", uid: f.uid}
			command := "now SEARCH RETURN (ALL) " + keys
			if f.uid {
				command = "now UID SEARCH RETURN (ALL) " + keys
			}
			me.ask(t, command, now)
			if !slices.Equal(f.members, now.members) {
				t.Fatalf("step %d, %s: the client knows %v, finds %v", step, f.tag, f.members, now.members)
			}
		}
	}
	if len(byUID.members) == 0 {
		t.Error("nothing is left to be followed")
	}
}
