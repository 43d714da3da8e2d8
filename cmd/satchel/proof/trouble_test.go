package proof

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// smallDisk mounts a file system of its own for the data folder.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small disk needs root and mount: %v %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", dir).Run() })
	return dir
}

// TestFullDisk fills the disk over IMAP and LMTP: both say so with a code,
// nothing is stored by half, reading goes on, and when there is room again,
// so does writing.
func TestFullDisk(t *testing.T) {
	data := smallDisk(t, "24m")
	addAccounts(t, data)
	reserve := filepath.Join(data, "reserve")
	if err := os.WriteFile(reserve, make([]byte, 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, data)
	c := login(t, p, user)
	stored, status := fill(t, c)
	if !strings.HasPrefix(status, "NO [") {
		t.Errorf("APPEND on a full disk: %q, want NO with a code", status)
	}
	mta, err := lmtp(p.lmtp)
	if err != nil {
		t.Fatal(err)
	}
	defer mta.Close()
	for {
		r, err := mta.deliver(user, noise(200_000))
		if err == nil && strings.HasPrefix(r, "250") { // the log was folded meanwhile, which has made room
			stored++
			continue
		}
		if err != nil || !strings.HasPrefix(r, "4") {
			t.Errorf("LMTP on a full disk: %q %v, want 4xx", r, err)
		}
		break
	}
	if n := c.exists(t, "INBOX"); n != stored {
		t.Errorf("%d messages acknowledged, %d there", stored, n)
	}
	if got := strings.Join(c.must(t, "FETCH %d BODY.PEEK[]", stored), ""); len(got) < 200_000 {
		t.Errorf("the last message has %d bytes", len(got))
	}
	findsNoise(t, c, stored)
	if err := os.Remove(reserve); err != nil {
		t.Fatal(err)
	}
	if status, err := c.append(noise(200_000)); err != nil || !strings.HasPrefix(status, "OK") {
		t.Errorf("APPEND with room again: %q %v", status, err)
	}
	findsNoise(t, c, stored+1)
	checkIndex(t, data)
	findsNoise(t, c, stored+1)
	p.stop(t)
	satchel(t, "", "check", "--data", data)
}

// fill appends until the server refuses, and returns how many it took and
// the refusal.
func fill(t *testing.T, c *client) (int, string) {
	t.Helper()
	for n := range 1000 {
		status, err := c.append(noise(200_000))
		if err != nil {
			t.Fatalf("the connection broke on a full disk: %v", err)
		}
		if !strings.HasPrefix(status, "OK") {
			return n, status
		}
	}
	t.Fatal("the disk never filled")
	return 0, ""
}

// findsNoise makes sure that a search finds all of INBOX, and nothing where nothing is.
func findsNoise(t *testing.T, c *client, messages int) {
	t.Helper()
	end := strings.TrimSpace(noise(200_000)[199_900:])
	word := end[len(end)-9:]
	for needle, want := range map[string]int{word: messages, word + "0": 0} {
		found := strings.Fields(strings.Join(c.must(t, "SEARCH BODY %q NOT TEXT absent", needle), ""))
		if len(found)-2 != want { // "* SEARCH"
			t.Errorf("%s is found %d times, want %d", needle, len(found)-2, want)
		}
	}
}

// noise is a message of about n bytes that does not compress.
func noise(n int) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/"
	b := []byte("Subject: noise\r\n\r\n")
	x := uint64(88172645463325252)
	for len(b) < n {
		for range 76 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			b = append(b, digits[x%64])
		}
		b = append(b, "\r\n"...)
	}
	return string(b)
}

// TestDamagedAccount overwrites one account's database: it is named, and the
// other accounts do not notice.
func TestDamagedAccount(t *testing.T) {
	data := newData(t, "ada@example.org", "ben@example.org")
	p := start(t, data)
	for _, name := range []string{"ada@example.org", "ben@example.org"} {
		if status, err := login(t, p, name).append(letter("one@example.org")); err != nil || !strings.HasPrefix(status, "OK") {
			t.Fatalf("APPEND for %s: %s %v", name, status, err)
		}
	}
	p.stop(t)
	damaged := damage(t, data)
	out, err := try("", "check", "--data", data)
	if err == nil || !strings.Contains(out, filepath.Base(filepath.Dir(damaged))) {
		t.Errorf("check of a damaged %s: %v\n%s", damaged, err, out)
	}

	p = start(t, data)
	sound := 0
	for _, name := range []string{"ada@example.org", "ben@example.org"} {
		if readable(t, p, name) {
			sound++
		}
	}
	if sound != 1 {
		t.Errorf("%d of 2 accounts work, want 1", sound)
	}
	p.stop(t)
	if !strings.Contains(p.log.String(), filepath.Base(filepath.Dir(damaged))) {
		t.Errorf("the log does not name %s:\n%s", damaged, p.log)
	}
}

// damage overwrites the middle of the first mail database it finds.
func damage(t *testing.T, data string) string {
	t.Helper()
	var victim string
	filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "mail.db" && victim == "" {
			victim = path
		}
		return err
	})
	if victim == "" {
		t.Fatal("no mail.db in the data folder")
	}
	info, err := os.Stat(victim)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(victim, []byte(strings.Repeat("not a database\n", int(info.Size()/15))), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		os.Remove(victim + suffix)
	}
	return victim
}

// readable tells whether name can log in and read a message; a refusal must
// come as NO.
func readable(t *testing.T, p *program, name string) bool {
	t.Helper()
	c, err := connect(p.imap, false)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, command := range []string{"LOGIN " + name + " \"" + password + "\"", "SELECT INBOX", "FETCH 1 BODY.PEEK[]"} {
		_, status, err := c.do("%s", command)
		if err != nil || !strings.HasPrefix(status, "OK") && !strings.HasPrefix(status, "NO") {
			t.Errorf("%s of %s: %q %v", command, name, status, err)
		}
		if !strings.HasPrefix(status, "OK") {
			return false
		}
	}
	return true
}
