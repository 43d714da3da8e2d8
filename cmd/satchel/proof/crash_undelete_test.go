package proof

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestCrashUndelete kills the server while messages are expunged, brought back and
// erased. Each is in INBOX or among what can be brought back, once, unless it was erased,
// and what was erased is in no file once that has come to its end.
func TestCrashUndelete(t *testing.T) {
	t.Parallel()
	const letters = 1200
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	data := newData(t)
	p := start(t, data)
	c := login(t, p, user)
	for n := range letters {
		kind := [...]string{"plain", "hushed"}[n%2]
		if status, err := c.append(letter(fmt.Sprintf("%d.%s@example.org", n, kind))); err != nil || !strings.HasPrefix(status, "OK") {
			t.Fatalf("APPEND: %s %v", status, err)
		}
	}
	for round, args := range [][]string{
		{"undelete", user, "--all"}, {"undelete", user, "--all"}, {"undelete", user, "--all"},
		{"erase", user, "--all", "--subject", "hushed", "--yes"}, {"erase", user, "--all", "--subject", "hushed", "--yes"},
	} {
		c.must(t, "SELECT INBOX")
		c.must(t, `STORE 1:* +FLAGS.SILENT \Deleted`)
		c.must(t, "EXPUNGE")
		ended := make(chan struct{})
		go func() { try("", append(args, "--data", data)...); close(ended) }()
		<-time.After(time.Duration(5+rnd.IntN(60)) * time.Millisecond)
		p.kill()
		<-ended
		satchel(t, "", "check", "--deep", "--data", data)
		p = start(t, data)
		c = login(t, p, user)
		here, lost := c.exists(t, "INBOX"), lostOnes(t, data)
		t.Logf("%s: %d in INBOX, %d to be brought back", args[0], here, lost)
		if n := here + lost; args[0] == "undelete" && n != letters || n < letters/2 {
			t.Fatalf("round %d: %d in INBOX, %d lost", round, here, lost)
		}
		if here == 0 { // there must be something to expunge
			satchel(t, "", "undelete", user, "--all", "--subject", "plain", "--data", data)
			c.must(t, "SELECT INBOX")
		}
	}
	satchel(t, "", "erase", user, "--all", "--subject", "hushed", "--yes", "--data", data)
	p.stop(t)
	if where := filesWith(t, data, "hushed"); where != nil {
		t.Errorf("erased messages are in %q", where)
	}
	satchel(t, "", "check", "--deep", "--data", data)
}

var keptLine = regexp.MustCompile(`of (\d+) expunged messages`)

// lostOnes counts the messages that can be brought back.
func lostOnes(t *testing.T, data string) int {
	t.Helper()
	out := satchel(t, "", "undelete", user, "--limit", "1", "--data", data)
	m := keptLine.FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("how many are kept? %s", out)
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// filesWith lists the files of a data folder that have a text.
func filesWith(t *testing.T, data, text string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(data, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(name)
		if bytes.Contains(b, []byte(text)) {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
