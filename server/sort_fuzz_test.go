package server

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// FuzzSort sends the arguments of SORT and THREAD: whatever they are, the answer is
// tagged, names each message at most once, and the connection stays in step.
func FuzzSort(f *testing.F) {
	for _, arguments := range []string{
		"(DATE) UTF-8 ALL", "(REVERSE SUBJECT from) us-ascii 1:2", "RETURN (PARTIAL -1:-2 COUNT) (SIZE) UTF-8 UNSEEN", "() UTF-8 ALL",
		"RETURN () (RELEVANCY) \"UTF-8\" FUZZY SUBJECT o", "(REVERSE) UTF-8 ALL", "REFERENCES UTF-8 ALL", "orderedsubject UTF-8 2:*",
		"REFS X-NONE ALL", "RETURN (SAVE MIN MAX) (CC TO DISPLAYTO DISPLAYFROM ARRIVAL) UTF-8 $", "(DATE", "RETURN (UPDATE) (DATE) UTF-8 ALL",
	} {
		f.Add(arguments)
	}
	c := searchClient(f)
	answer := regexp.MustCompile(`^f[0-9]+ (OK|NO|BAD) `)
	n := 0
	f.Fuzz(func(t *testing.T, arguments string) {
		// A line break would begin another command, a brace might begin a literal.
		arguments = strings.Map(func(r rune) rune {
			if strings.ContainsRune("\r\n{}", r) {
				return '.'
			}
			return r
		}, arguments)
		for _, command := range []string{"SORT", "UID SORT", "THREAD", "UID THREAD"} {
			n++
			fmt.Fprintf(c, "f%d %s %s\r\nn%d NOOP\r\n", n, command, arguments, n)
			line := readLine(t, c.in)
			for ; strings.HasPrefix(line, "* "); line = readLine(t, c.in) {
				checkOnce(t, line)
			}
			if !answer.MatchString(line) {
				t.Fatalf("%s %q: %s", command, arguments, line)
			}
			if got, want := readLine(t, c.in), fmt.Sprintf("n%d OK NOOP completed", n); got != want {
				t.Fatalf("after %s %q: %s, want %s", command, arguments, got, want)
			}
		}
	})
}

var messageNumber = regexp.MustCompile(`[0-9]+`)

// checkOnce fails if a SORT or THREAD response names a message of the three twice, or
// one that is not there.
func checkOnce(t *testing.T, line string) {
	t.Helper()
	found, ok := strings.CutPrefix(line, "* SORT")
	if !ok {
		found, ok = strings.CutPrefix(line, "* THREAD")
	}
	if !ok {
		return
	}
	found, _, _ = strings.Cut(found, " (MODSEQ")
	seen := map[string]bool{}
	for _, n := range messageNumber.FindAllString(found, -1) {
		if seen[n] || n < "1" || n > "3" || len(n) > 1 {
			t.Fatalf("%s: %s", line, n)
		}
		seen[n] = true
	}
	if strings.Count(found, "(") != strings.Count(found, ")") {
		t.Fatalf("parentheses: %s", line)
	}
}
