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
	needStrace(t)
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
		binary, "serve", "--data", data, "--imap", "127.0.0.1:0", "--imaps", "127.0.0.1:0", "--lmtp", "127.0.0.1:0"))
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

// TestBackupFoldersAreOnTheDisk: the folders that a backup makes are on the disk, each in the one above it, before the
// run counts.
func TestBackupFoldersAreOnTheDisk(t *testing.T) {
	needStrace(t)
	data, repository := newData(t), filepath.Join(t.TempDir(), "new", "backup")
	p := start(t, data)
	if status, err := login(t, p, user).append(letter("one@example.org")); err != nil || !strings.HasPrefix(status, "OK") {
		t.Fatal(status, err)
	}
	p.stop(t)
	calls := filepath.Join(t.TempDir(), "calls")
	out, err := exec.Command("strace", "-f", "-y", "-o", calls, "-e", "trace=mkdirat,fsync,renameat",
		binary, "backup", repository, "--data", data).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	all := string(b)
	counts := strings.Index(all, "/runs/000001.json\"")
	made := regexp.MustCompile(`mkdirat\(.*"(/.*)", 0700.* = 0`).FindAllStringSubmatchIndex(all, -1)
	if counts < 0 || len(made) < 6 {
		t.Fatalf("no run was made:\n%s", all)
	}
	for _, m := range made {
		above := filepath.Dir(all[m[2]:m[3]])
		if !strings.Contains(all[m[1]:counts], "<"+above+">") {
			t.Errorf("%s was made and not synced", all[m[2]:m[3]])
		}
	}
}

func needStrace(t *testing.T) {
	t.Helper()
	if err := exec.Command("strace", "-o", os.DevNull, "true").Run(); err != nil {
		t.Skipf("what a process asks the system for cannot be seen: strace: %v", err)
	}
}
