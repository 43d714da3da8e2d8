package proof

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

// shuffling does something at random that changes mailboxes other than INBOX, or flags, whatever the answer is. A number
// of different ones go on at once.
func shuffling(p *program, seed uint64) func(string) error {
	rnd := rand.New(rand.NewPCG(seed, 1))
	box := func() string { return fmt.Sprint("box", rnd.IntN(4)) }
	flag := func() string { return []string{`\Flagged`, `\Seen`, `\Answered`, "$Junk", "new" + box()}[rnd.IntN(5)] }
	some := func() string { n := 1 + rnd.IntN(60); return fmt.Sprintf("%d:%d", n, n+rnd.IntN(30)) }
	return func(string) (refused error) {
		c, err := enter(p)
		if err != nil {
			return err
		}
		defer c.Close()
		for _, command := range []string{
			"CREATE " + box() + "/below",
			"SELECT INBOX",
			fmt.Sprintf("STORE %s %sFLAGS (%s)", some(), []string{"+", "-", ""}[rnd.IntN(3)], flag()),
			"UID COPY " + some() + " " + box(),
			"SUBSCRIBE " + box(),
			"SELECT " + box(),
			"UID MOVE " + some() + " " + box(),
			fmt.Sprintf(`UID STORE %s +FLAGS (\Deleted %s)`, some(), flag()),
			"EXPUNGE",
			"UNSELECT",
			"RENAME " + box() + " " + box(),
			"DELETE " + box() + "/below",
			"DELETE " + box(),
		} {
			_, status, err := c.do("%s", command)
			if err != nil {
				return errRefused
			}
			if strings.Contains(status, "[SERVERBUG]") || strings.Contains(status, "[UNAVAILABLE]") {
				refused = errRefused
			}
		}
		return refused
	}
}

var recent = regexp.MustCompile(`\\Recent | ?\\Recent`)

// pictureOf is all that a client can know of the account: names, subscriptions, counters, UIDs, flags, mod-sequences.
func pictureOf(t *testing.T, c *client) string {
	t.Helper()
	lists := append(c.must(t, `LSUB "" "*"`), c.must(t, `LIST "" "*"`)...)
	var b strings.Builder
	for _, line := range lists {
		name := line[strings.LastIndexByte(line, ' ')+1:]
		b.WriteString(line + "\n")
		if strings.HasPrefix(line, "* LSUB") || strings.Contains(line, `\Noselect`) || strings.Contains(line, `\NonExistent`) {
			continue
		}
		for _, answer := range c.must(t, "STATUS %s (MESSAGES UIDNEXT UIDVALIDITY HIGHESTMODSEQ UNSEEN DELETED SIZE)", name) {
			if strings.HasPrefix(answer, "* STATUS") {
				b.WriteString(answer + "\n")
			}
		}
		c.must(t, "EXAMINE %s", name)
		for _, answer := range c.must(t, "UID FETCH 1:* (FLAGS MODSEQ INTERNALDATE RFC822.SIZE)") {
			b.WriteString(recent.ReplaceAllString(answer, "") + "\n")
		}
	}
	c.must(t, "UNSELECT")
	return b.String()
}

// comparePictures says where two of them differ first.
func comparePictures(t *testing.T, memory, disk string) {
	t.Helper()
	was, is := strings.Split(memory, "\n"), strings.Split(disk, "\n")
	for i := range max(len(was), len(is)) {
		if i >= len(was) || i >= len(is) || was[i] != is[i] {
			t.Errorf("in memory it was %q, on the disk it is %q", was[min(i, len(was)-1)], is[min(i, len(is)-1)])
			return
		}
	}
}
