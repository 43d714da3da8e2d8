package proof

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFullDiskMove moves thousands of messages where there is hardly room, ever a bit more: until it is enough the
// server says so with a code, and each message is in one of the mailboxes, as the client was told, as the server has it
// in memory, and on the disk.
func TestFullDiskMove(t *testing.T) {
	t.Parallel()
	const letters, step = 3000, 32 << 10
	data := smallDisk(t, "24m")
	addAccounts(t, data)
	satchel(t, "", "import", "mbox", oldLetters(t, letters), "--account", user, "--mailbox", "INBOX", "--data", data)
	refused := 0
	for room := int64(0); ; room += step {
		p := start(t, data)
		c := login(t, p, user)
		here := c.exists(t, "INBOX")
		filler := fillUp(t, data, room)
		untagged, status, err := c.do("UID MOVE 1:* Archive")
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, r := range untagged {
			if strings.HasSuffix(r, " EXPUNGE") {
				told++
			}
		}
		compareMoved(t, c, here-told, letters)
		if err := os.Remove(filler); err != nil {
			t.Fatal(err)
		}
		p.kill()
		satchel(t, "", "check", "--deep", "--data", data)
		p = start(t, data)
		compareMoved(t, login(t, p, user), here-told, letters)
		p.stop(t)
		if strings.HasPrefix(status, "OK") {
			if told != here {
				t.Errorf("of %d messages %d were moved", here, told)
			}
			break
		}
		if !strings.HasPrefix(status, "NO [UNAVAILABLE]") {
			t.Fatalf("MOVE with room for %d bytes: %s", room, status)
		}
		refused++
	}
	t.Logf("refused %d times", refused)
	if refused == 0 {
		t.Error("the disk was never full")
	}
}

// compareMoved wants so many messages in INBOX, and all others in Archive.
func compareMoved(t *testing.T, c *client, inbox, all int) {
	t.Helper()
	ids := map[string]int{}
	for mailbox, want := range map[string]int{"INBOX": inbox, "Archive": all - inbox} {
		if n := c.exists(t, mailbox); n != want {
			t.Errorf("%s has %d messages, not %d", mailbox, n, want)
		}
		if want == 0 {
			continue
		}
		for _, r := range c.must(t, "UID FETCH 1:* (BODY.PEEK[HEADER.FIELDS (Message-ID)])") {
			if id := messageID.FindStringSubmatch(r); id != nil {
				ids[id[1]]++
			}
		}
	}
	if len(ids) != all {
		t.Errorf("%d messages are there, of %d", len(ids), all)
	}
}

// fillUp leaves so many bytes of a disk, with a file that it names.
func fillUp(t *testing.T, folder string, room int64) string {
	t.Helper()
	f, err := os.Create(filepath.Join(folder, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	size := int64(0)
	for block := make([]byte, 1<<20); len(block) >= 4096; {
		n, err := f.Write(block)
		if size += int64(n); err != nil {
			block = block[:len(block)/2]
		}
	}
	if err := f.Truncate(max(size-room, 0)); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

// oldLetters is an mbox file of so many.
func oldLetters(t *testing.T, letters int) string {
	t.Helper()
	var b strings.Builder
	for n := range letters {
		b.WriteString("From ben@example.org Mon Jan  5 10:00:00 2026\n" + strings.ReplaceAll(letter(fmt.Sprint(n, ".old@example.org")), "\r\n", "\n") + "\n")
	}
	file := filepath.Join(t.TempDir(), "old.mbox")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
