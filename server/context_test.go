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
	command string // SEARCH or SORT with what belongs before the keys
	uid     bool
	members []int
}

var (
	added     = regexp.MustCompile(`(?: ALL | ADDTO \(0 )([0-9:,]+)`)
	removed   = regexp.MustCompile(` REMOVEFROM \(0 ([0-9:,]+)`)
	positions = regexp.MustCompile(` (ADDTO|REMOVEFROM) \(([1-9][0-9 ]*)\)`)
)

// sorted reports whether the results have an order of their own.
func (f *followed) sorted() bool { return strings.Contains(f.command, "SORT") }

// ask is the command that finds the results, with what it is to return.
func (f *followed) ask(tag, items, keys string) string {
	return tag + " " + strings.Replace(f.command, "?", "("+items+")", 1) + " " + keys
}

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
	for _, m := range positions.FindAllStringSubmatch(line, -1) {
		f.move(t, m[1] == "ADDTO", strings.Fields(m[2]))
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
	if !f.sorted() {
		slices.Sort(f.members)
	}
}

// move does what a list of positions and numbers says, one after the other.
func (f *followed) move(t *testing.T, add bool, words []string) {
	t.Helper()
	for i := 0; i+1 < len(words); i += 2 {
		position, _ := strconv.Atoi(words[i])
		n, _ := strconv.Atoi(words[i+1])
		switch {
		case add && position <= len(f.members)+1:
			f.members = slices.Insert(f.members, position-1, n)
		case !add && position <= len(f.members) && f.members[position-1] == n:
			f.members = slices.Delete(f.members, position-1, position)
		default:
			t.Fatalf("%s: %v at %d, of %v", f.tag, n, position, f.members)
		}
	}
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

// TestContextsFollow lets a client follow searches while it and another one
// change the mailbox at random: what it knows is what it would find.
func TestContextsFollow(t *testing.T) {
	const keys = "FLAGGED NOT (DELETED SUBJECT 3)"
	srv := startServer(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	me, other := loginClient(t, srv, "imap"), loginClient(t, srv, "imap")
	me.ask(t, "s SELECT INBOX")
	other.ask(t, "s SELECT INBOX")
	all := []*followed{
		{tag: "u", command: "UID SEARCH RETURN ?", uid: true},
		{tag: "q", command: "SEARCH RETURN ?"},
		{tag: "x", command: "UID SORT RETURN ? (SUBJECT REVERSE ARRIVAL) UTF-8", uid: true},
		{tag: "y", command: "SORT RETURN ? (REVERSE SUBJECT) UTF-8"},
	}
	for _, f := range all {
		me.ask(t, f.ask(f.tag, "UPDATE ALL", keys), f)
	}
	change := func(who *client, followers ...*followed) {
		first := 1 + rnd.IntN(80)
		set := fmt.Sprintf("%d:%d", first, first+rnd.IntN(4))
		switch rnd.IntN(7) {
		case 6: // keeps expunges back
			who.ask(t, "c SEARCH UNSEEN", followers...)
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
		if f := all[rnd.IntN(len(all))]; rnd.IntN(10) == 0 { // begun anew, perhaps while expunges are kept back
			me.ask(t, fmt.Sprintf("c CANCELUPDATE %q", f.tag), all...)
			me.ask(t, "k SEARCH UNSEEN", all...)
			f.members = nil
			me.ask(t, f.ask(f.tag, "UPDATE ALL", keys), all...)
		}
		if rnd.IntN(2) == 0 {
			change(me, all...)
		} else {
			change(other)
		}
		if rnd.IntN(3) > 0 {
			continue
		}
		me.ask(t, "n NOOP", all...)
		for _, f := range all {
			now := &followed{tag: "now", uid: f.uid, command: f.command}
			me.ask(t, f.ask("now", "ALL", keys), now)
			if !slices.Equal(f.members, now.members) {
				t.Fatalf("step %d, %s: the client knows %v, finds %v", step, f.tag, f.members, now.members)
			}
		}
	}
	if len(all[0].members) == 0 {
		t.Error("nothing is left to be followed")
	}
}
