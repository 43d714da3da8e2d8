package proof

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// on runs a subcommand with a disk in a folder that fails, or loses power, from the start.
func (d *disk) on(t *testing.T, folder string, cut, rate int, args ...string) (string, error) {
	t.Helper()
	c := exec.Command(binary, args...)
	c.Env = d.env(folder, cut, rate)
	d.put(t, d.armed, true)
	out, err := c.CombinedOutput()
	d.put(t, d.armed, false)
	return string(out), err
}

// TestDiskImport has the disk fail, or the power go, while an mbox file is imported. Once it could be imported, and
// when it is again after that, each message is there once.
func TestDiskImport(t *testing.T) {
	t.Parallel()
	const letters = 700
	d, file := newDisk(t, newData(t)), oldLetters(t, letters)
	failed := 0
	for round := range crashes(t, 6, 2) {
		folder := fmt.Sprint("old", round/3)
		args := []string{"import", "mbox", file, "--account", user, "--mailbox", folder, "--data", d.data}
		cut, rate := 1+d.rnd.IntN(400), 0
		if round%2 == 1 {
			cut, rate = 0, 2+d.rnd.IntN(100)
		}
		out, err := d.on(t, d.data, cut, rate, args...)
		d.forget(t)
		satchel(t, "", "check", "--deep", "--data", d.data)
		p := d.start(t, 0, 0)
		c := login(t, p, user)
		n := 0
		if len(c.must(t, `LIST "" %s`, folder)) > 0 {
			n = c.exists(t, folder)
		}
		t.Logf("%v: %d are there", err, n)
		if err != nil {
			failed++
		}
		if err == nil && n != letters || n > letters {
			t.Fatalf("of %d there are %d: %s", letters, n, out)
		}
		if round%3 == 2 {
			satchel(t, "", args...)
			if n := c.exists(t, folder); n != letters {
				t.Fatalf("in the end there are %d of %d", n, letters)
			}
		}
		p.stop(t)
	}
	if failed == 0 {
		t.Error("too little trouble to mean anything")
	}
}

// TestDiskBackup has the disk of a backup, or the one that it is restored to, fail. What ends well is whole, and what
// does not can be done again.
func TestDiskBackup(t *testing.T) {
	t.Parallel()
	data, home := newData(t), t.TempDir()
	d := newDisk(t, data)
	repository := filepath.Join(home, "backup")
	failed, total := 0, 0
	for round := range crashes(t, 6, 2) {
		p := start(t, data)
		c := login(t, p, user)
		for range 40 {
			total++
			if status, err := c.append(letter(fmt.Sprint(total, "@example.org"))); err != nil || !strings.HasPrefix(status, "OK") {
				t.Fatalf("APPEND: %s %v", status, err)
			}
		}
		p.stop(t)
		cut, rate := 1+d.rnd.IntN(60), 0
		if round%2 == 1 {
			cut, rate = 0, 2+d.rnd.IntN(60)
		}
		_, err := d.on(t, home, cut, rate, "backup", repository, "--data", data)
		if err != nil {
			failed++
			satchel(t, "", "backup", repository, "--data", data)
		}
		satchel(t, "", "backup", "verify", "--deep", repository)
		again := filepath.Join(t.TempDir(), "data")
		out, restored := d.on(t, filepath.Dir(again), 4*cut, 4*rate, "restore", repository, "--data", again)
		t.Logf("backup: %v, restore: %v", err, restored)
		if restored != nil {
			failed++
			if out, err = try("", "restore", repository, "--data", again); err != nil {
				t.Fatalf("the second time: %v\n%s", err, out)
			}
		}
		satchel(t, "", "check", "--deep", "--data", again)
		p = start(t, again)
		if n := login(t, p, user).exists(t, "INBOX"); n != total {
			t.Fatalf("of %d messages %d came back\n%s", total, n, out)
		}
		p.stop(t)
	}
	if failed == 0 {
		t.Error("too little trouble to mean anything")
	}
}
