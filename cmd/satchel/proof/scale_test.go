package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scale prints a line of a table with a column for each number of messages.
func scale(table, row string, messages int, values ...float64) {
	fmt.Printf("scale\t%s\t%s\t%d", table, row, messages)
	for _, v := range values {
		if v < 1000 {
			fmt.Printf("\t%.3g", v)
		} else {
			fmt.Printf("\t%.0f", v)
		}
	}
	fmt.Println()
}

// TestSearchScale indexes mailboxes of three sizes, searches them for many texts of each kind that were not asked for
// before, and sorts one of them.
func TestSearchScale(t *testing.T) {
	measured(t)
	m := newLetters()
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) { searchScale(t, m, n) })
	}
}

func searchScale(t *testing.T, m *letters, n int) {
	data := newData(t)
	importLetters(t, m, data, n)
	index(t, data, n)

	p := start(t, data)
	c := login(t, p, user)
	c.limit = 10 * time.Minute
	if got := c.exists(t, "INBOX"); got != n {
		t.Fatalf("%d messages, want %d", got, n)
	}
	selected := p.memory(t, "Pss")
	if n == 100_000 {
		sortScale(t, c)
		selected = p.memory(t, "Pss")
	}
	for i := range needleKinds {
		needleKinds[i].measure(t, c, m, n)
	}
	after := p.memory(t, "Pss")
	scale("index", "memory of the server, MiB", n, float64(after)/1024)
	scale("index", "of which searching has added, MiB", n, float64(after-selected)/1024)
	p.stop(t)
}

// importLetters stores n letters without indexing them.
func importLetters(t *testing.T, m *letters, data string, n int) {
	config := filepath.Join(t.TempDir(), "satchel.toml")
	if err := os.WriteFile(config, []byte("search.index = false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "letters.mbox")
	m.mbox(t, path, n)
	if info, err := os.Stat(path); err == nil {
		scale("index", "mail, MB", n, float64(info.Size())/1e6)
	}
	satchel(t, "", "import", "mbox", path, "--account", user, "--data", data, "--config", config)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

// index makes the index and says what that takes.
func index(t *testing.T, data string, n int) {
	end, elapsed, peak := watched(t, "index", "rebuild", "--data", data)
	took, cpu := elapsed.Seconds(), end.UserTime()+end.SystemTime()
	status := satchel(t, "", "index", "status", "--data", data)
	_, rest, done := strings.Cut(status, " 100% ")
	if !done {
		t.Fatalf("not all is indexed:\n%s", status)
	}
	segments, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
	text, mail := size(t, data, "search.db"), size(t, data, "mail.db")
	scale("index", "time to index, s", n, took)
	scale("index", "messages indexed in a second", n, float64(n)/took)
	scale("index", "processor time for that, s", n, cpu.Seconds())
	scale("index", "peak memory, MiB", n, peak)
	scale("index", "segments", n, segments)
	scale("index", "mail.db, MB", n, mail/1e6)
	scale("index", "search.db, MB", n, text/1e6)
}

// size is the bytes of a file of the only account.
func size(t *testing.T, data, name string) float64 {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(data, "accounts", "*", name))
	if err != nil || len(paths) != 1 {
		t.Fatalf("%s: %q %v", name, paths, err)
	}
	info, err := os.Stat(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	return float64(info.Size())
}

// sortScale sorts and threads 100,000 messages, which are as they came from the disk.
func sortScale(t *testing.T, c *client) {
	for _, command := range []string{"SORT (DATE)", "SORT (SUBJECT)", "SORT (FROM)", "THREAD REFERENCES"} {
		for _, when := range []string{"first", "again"} {
			begin := time.Now()
			c.must(t, "UID %s UTF-8 ALL", command)
			figure(command+" of 100,000 messages, "+when, milliseconds(time.Since(begin)), "ms")
		}
	}
}
