package proof

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestBackupScale backs up an account of SATCHEL_MESSAGES (100,000) messages of 8 KB while it receives mail, compares
// deliveries with and without a backup beside them, and every message and flag after a restore.
func TestBackupScale(t *testing.T) {
	measured(t)
	n := 100_000
	if s := os.Getenv("SATCHEL_MESSAGES"); s != "" {
		var err error
		if n, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	data, config := newData(t), filepath.Join(t.TempDir(), "satchel.toml")
	if err := os.WriteFile(config, []byte("search.index = false\n"), 0o600); err != nil { // it has its own figures
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mail.mbox")
	writeMbox(t, path, n, 220)
	satchel(t, "", "import", "mbox", path, "--account", user, "--data", data, "--config", config)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	figure("mail.db", size(t, data, "mail.db")/1e6, "MB")
	p := start(t, data, "--config", config)
	folder := filepath.Join(t.TempDir(), "backup")
	rounds(t, p, data, folder)

	quiet := func(what string) {
		begin := time.Now()
		out := satchel(t, "", "backup", folder, "--data", data)
		figure(what, time.Since(begin).Seconds(), "s")
		fmt.Print(out)
	}
	quiet("a run after the deliveries")
	deliver(t, p, 100)
	before := folderSize(t, folder)
	quiet("a run after 100 new messages")
	figure("what it added", float64(folderSize(t, folder)-before)/1e3, "kB")
	quiet("a run after nothing")
	figure("the backup, all runs", float64(folderSize(t, folder))/1e6, "MB")
	begin := time.Now()
	satchel(t, "", "backup", "verify", "--deep", folder)
	figure("verify --deep", time.Since(begin).Seconds(), "s")

	restored := filepath.Join(t.TempDir(), "restored")
	_, took, peak := watched(t, "restore", folder, "--data", restored)
	figure("restore of all", took.Seconds(), "s")
	figure("its peak memory", peak, "MiB")
	want := everything(t, p)
	p.stop(t)
	p = start(t, restored, "--config", config)
	got := everything(t, p)
	p.stop(t)
	if len(got) != len(want) || len(got) < n {
		t.Errorf("%d messages restored, of %d", len(got), len(want))
	}
	for uid, sum := range want {
		if got[uid] != sum {
			t.Fatalf("UID %d is not what it was", uid)
		}
	}
	figure("messages that are what they were, byte by byte and flag by flag", float64(len(got)), "messages")
}

// rounds delivers with a first backup beside it, and as long without, five times in turn.
func rounds(t *testing.T, p *program, data, folder string) {
	t.Helper()
	measured := map[string][]float64{}
	for round := range 5 {
		to := folder
		if round > 0 {
			to = fmt.Sprint(folder, round)
		}
		var peak float64
		begin := time.Now()
		with, slowest := rate(t, p, func() { _, _, peak = watched(t, "backup", to, "--data", data) })
		took := time.Since(begin)
		without, slowestAlone := rate(t, p, func() { <-time.After(took) })
		for what, v := range map[string]float64{"took": took.Seconds(), "peak": peak, "with": with, "without": without,
			"ratio": with / without, "slowest": slowest, "alone": slowestAlone} {
			measured[what] = append(measured[what], v)
		}
		if to != folder {
			os.RemoveAll(to)
		}
	}
	for _, values := range measured {
		slices.Sort(values)
	}
	figure("first run, of all, beside deliveries", measured["took"][2], "s")
	figure("its peak memory, the most of five", measured["peak"][4], "MiB")
	figure("deliveries beside it", measured["with"][2], "/s")
	figure("deliveries alone", measured["without"][2], "/s")
	figure("the one to the other, round by round, median", measured["ratio"][2], "times")
	figure("the same, lowest", measured["ratio"][0], "times")
	figure("the same, highest", measured["ratio"][4], "times")
	figure("the slowest delivery beside it, the worst of five", measured["slowest"][4], "ms")
	figure("the slowest delivery alone, the worst of five", measured["alone"][4], "ms")
}

// rate delivers over four connections while something goes on, and says how many a second, and how long the slowest took.
func rate(t *testing.T, p *program, meanwhile func()) (perSecond, slowest float64) {
	t.Helper()
	var stop atomic.Bool
	var delivered atomic.Int64
	var worst atomic.Int64
	var crowd sync.WaitGroup
	begin := time.Now()
	for i := range 4 {
		crowd.Go(func() {
			c, err := lmtp(p.lmtp)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for n := 0; !stop.Load(); n++ {
				at := time.Now()
				if r, err := c.deliver(user, letter(fmt.Sprintf("%d.%d.%d@example.org", begin.UnixNano(), i, n))); err != nil || !strings.HasPrefix(r, "250") {
					t.Errorf("%q %v", r, err)
					return
				}
				delivered.Add(1)
				for d := time.Since(at).Microseconds(); ; {
					if was := worst.Load(); d <= was || worst.CompareAndSwap(was, d) {
						break
					}
				}
			}
		})
	}
	meanwhile()
	stop.Store(true)
	crowd.Wait()
	return float64(delivered.Load()) / time.Since(begin).Seconds(), float64(worst.Load()) / 1e3
}

func deliver(t *testing.T, p *program, n int) {
	t.Helper()
	c, err := lmtp(p.lmtp)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range n {
		if r, err := c.deliver(user, letter(fmt.Sprintf("late.%d@example.org", i))); err != nil || !strings.HasPrefix(r, "250") {
			t.Fatalf("%q %v", r, err)
		}
	}
}

func folderSize(t *testing.T, path string) (total int64) {
	t.Helper()
	err := filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return total
}

var fetchedUID = regexp.MustCompile(`^\* \d+ FETCH \(UID (\d+) `)

// everything is a digest of each message of INBOX, with its flags and date.
func everything(t *testing.T, p *program) map[int64][32]byte {
	t.Helper()
	c := login(t, p, user)
	c.limit = 5 * time.Minute
	exists := c.exists(t, "INBOX")
	all := make(map[int64][32]byte, exists)
	for first := 1; first <= exists; first += 500 {
		for _, r := range c.must(t, "FETCH %d:%d (UID FLAGS INTERNALDATE BODY.PEEK[])", first, min(first+499, exists)) {
			m := fetchedUID.FindStringSubmatch(r)
			if m == nil {
				continue
			}
			uid, _ := strconv.ParseInt(m[1], 10, 64)
			text := bytes.ReplaceAll([]byte(r[len(m[0]):]), []byte(`\Recent`), nil)
			all[uid] = sha256.Sum256(bytes.ReplaceAll(text, []byte(" )"), []byte(")")))
		}
	}
	return all
}
