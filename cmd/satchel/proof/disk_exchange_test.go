package proof

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// withExpunged makes a data folder with a message that is there and one that can be erased, and gives the account's folder.
func withExpunged(t *testing.T) (data, folder string) {
	t.Helper()
	data = newData(t)
	p := start(t, data)
	c := login(t, p, user)
	for _, id := range []string{"one@example.org", "two@example.org"} {
		if status, err := c.append(letter(id)); err != nil || !strings.HasPrefix(status, "OK") {
			t.Fatal(status, err)
		}
	}
	c.must(t, "SELECT INBOX")
	c.must(t, `STORE 1 +FLAGS.SILENT \Deleted`)
	c.must(t, "EXPUNGE")
	p.stop(t)
	list, err := filepath.Glob(filepath.Join(data, "accounts", "*"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return data, list[0]
}

// TestExchangeOnTheDisk: whenever the power goes while "satchel erase" puts a new mail.db in the place of the old one, the
// disk has one of them whole, and no log but its own. So the old one's log is gone from there before the new one gets the
// name, and nothing is written to the new one, or to a log, before the disk has it under that name.
func TestExchangeOnTheDisk(t *testing.T) {
	needStrace(t)
	data, folder := withExpunged(t)
	calls := filepath.Join(t.TempDir(), "calls")
	out, err := exec.Command("strace", "-f", "-y", "-o", calls, "-e", "trace=fsync,renameat,unlink,pwrite64",
		binary, "erase", user, "--all", "--yes", "--data", data).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b, err := os.ReadFile(calls)
	if err != nil {
		t.Fatal(err)
	}
	renamed := regexp.MustCompile(`renameat\(.*/mail\.db\.new", .*/mail\.db"\)`).FindIndex(b)
	if renamed == nil {
		t.Fatalf("the file was not exchanged:\n%s", b)
	}
	before, after := string(b[:renamed[0]]), string(b[renamed[1]:])
	synced := regexp.MustCompile(`fsync\(\d+<` + regexp.QuoteMeta(folder) + `>`)
	for _, log := range []string{"-wal", "-journal"} {
		gone := strings.LastIndex(before, `unlink("`+folder+"/mail.db"+log+`")`)
		if gone < 0 || !synced.MatchString(before[gone:]) {
			t.Errorf("the old mail.db%s was not gone from the disk when the file was exchanged:\n%s", log, before)
		}
	}
	written := regexp.MustCompile(`pwrite64\(\d+<[^>]*/mail\.db(-wal|-journal)?>`).FindStringIndex(after)
	certain := synced.FindStringIndex(after)
	if certain == nil || written != nil && written[0] < certain[0] {
		t.Errorf("the new file was written to before the disk had it:\n%s", after)
	}
}

// TestFolderThatCannotBeSynced: nothing is acknowledged as long as the disk may not have the names of an account's files.
// What it has then is whole.
func TestFolderThatCannotBeSynced(t *testing.T) {
	needStrace(t)
	data, folder := withExpunged(t)
	failing := func(args ...string) error {
		c := exec.Command("strace", append([]string{"-f", "-o", os.DevNull, "-P", folder, "-e", "trace=fsync",
			"-e", "inject=fsync:error=EIO", binary}, args...)...)
		c.Stdin = strings.NewReader(letter("three@example.org"))
		out, err := c.CombinedOutput()
		if err != nil && !strings.Contains(string(out), "input/output error") {
			t.Errorf("%v\n%s", err, out)
		}
		return err
	}
	old := filepath.Join(t.TempDir(), "mail.db")
	if err := os.Link(filepath.Join(folder, "mail.db"), old); err != nil {
		t.Fatal(err)
	}
	if err := failing("erase", user, "--all", "--yes", "--data", data); err == nil {
		t.Error("mail was erased in a folder that cannot be synced")
	}
	acknowledged := failing("deliver", user, "--data", data) == nil
	for _, log := range []string{"-wal", "-shm"} {
		os.Remove(filepath.Join(folder, "mail.db"+log))
	}
	if err := os.Rename(old, filepath.Join(folder, "mail.db")); err != nil { // as it is when the power goes
		t.Fatal(err)
	}
	satchel(t, "", "check", "--deep", "--data", data)
	p := start(t, data)
	if n := login(t, p, user).exists(t, "INBOX"); acknowledged && n != 2 || n < 1 {
		t.Errorf("%d messages are left", n)
	}
	p.stop(t)
}
