package proof

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestFolderIsOnTheDisk: the folder of an account, which is made for its first message, is itself on the disk before
// that message is acknowledged. POSIX does not promise so to who syncs only what is in it.
func TestFolderIsOnTheDisk(t *testing.T) {
	if err := exec.Command("strace", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("what a process asks the system for cannot be seen: strace: %v", err)
	}
	data := newData(t)
	calls := filepath.Join(t.TempDir(), "calls")
	if err := syscall.Mkfifo(calls, 0o600); err != nil {
		t.Fatal(err)
	}
	text := make(chan string, 1)
	go func() {
		var b []byte
		if f, err := os.Open(calls); err == nil {
			b, _ = io.ReadAll(f) // until the last one has been written
			f.Close()
		}
		text <- string(b)
	}()
	p := run(t, exec.Command("strace", "-D", "-f", "-y", "-o", calls, "-e", "trace=mkdirat,fsync,write,sendto",
		binary, "serve", "--data", data, "--imap", "127.0.0.1:0", "--lmtp", "127.0.0.1:0"))
	c, err := lmtp(p.lmtp)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if r, err := c.deliver(user, letter("one@example.org")); err != nil || !strings.HasPrefix(r, "250") {
		t.Fatalf("%s %v", r, err)
	}
	p.stop(t)
	all := <-text
	made := regexp.MustCompile(`mkdirat\(.*/accounts/[a-z2-7]+"`).FindStringIndex(all)
	told := strings.Index(all, "250 2.1.5")
	if made == nil || told < made[1] {
		t.Fatalf("no folder was made:\n%s", all)
	}
	if !regexp.MustCompile(`fsync\(\d+<[^>]*/accounts>`).MatchString(all[made[1]:told]) {
		t.Errorf("the folder was made and not synced:\n%s", all[made[0]:told])
	}
}
