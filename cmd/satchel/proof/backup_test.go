package proof

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestCrashedBackup kills backups amid deliveries, and the server under one: the
// next run goes on, has all that was acknowledged before it, and nothing in the
// backup is damaged.
func TestCrashedBackup(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	data, folder := newData(t), filepath.Join(t.TempDir(), "backup")
	acked := newLedger()
	for round := range 3 {
		p := start(t, data)
		crowd := load(p, round, acked)
		<-acked.news
		for range 4 {
			c := exec.Command(binary, "backup", folder, "--data", data)
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			<-time.After(time.Duration(5+rnd.IntN(60)) * time.Millisecond)
			c.Process.Kill()
			c.Wait()
		}
		survivor := exec.Command(binary, "backup", folder, "--data", data)
		if err := survivor.Start(); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Duration(rnd.IntN(50)) * time.Millisecond)
		p.kill()
		crowd.Wait()
		if err := survivor.Wait(); err != nil {
			t.Errorf("round %d: a backup whose server was killed: %v", round, err)
		}
	}
	satchel(t, "", "backup", folder, "--data", data)
	satchel(t, "", "backup", "verify", "--deep", folder)
	restored := filepath.Join(t.TempDir(), "restored")
	satchel(t, "", "restore", folder, "--data", restored)
	satchel(t, "", "check", "--deep", "--data", restored)
	p := start(t, restored)
	compare(t, login(t, p, user), acked)
	p.stop(t)
}

// TestBackupOnFullDisk: a run that the disk has no room for says so, and what was in the backup stays good.
func TestBackupOnFullDisk(t *testing.T) {
	disk, data := smallDisk(t, "3m"), newData(t)
	folder := filepath.Join(disk, "backup")
	satchel(t, letter("small@example.org"), "deliver", user, "--data", data)
	satchel(t, "", "backup", folder, "--data", data)
	for i := range 20 {
		satchel(t, fmt.Sprintf("X-Number: %d\n", i)+noise(300_000), "deliver", user, "--data", data)
	}
	out, err := try("", "backup", folder, "--data", data)
	if err == nil || !strings.Contains(out, "no space left") || !strings.Contains(out, "make room") {
		t.Errorf("on a full disk: %v\n%s", err, out)
	}
	satchel(t, "", "backup", "verify", "--deep", folder)
	if out := satchel(t, "", "restore", folder, "--list"); !strings.Contains(out, user+"  1 ") {
		t.Errorf("the run before has\n%s", out)
	}
}

// TestRestoredForClients brings back older mail under a client that resynchronises with QRESYNC: it ends up with what the
// server has, and no UID or mod-sequence that it knows is given out again.
func TestRestoredForClients(t *testing.T) {
	data, folder := newData(t), filepath.Join(t.TempDir(), "backup")
	p := start(t, data)
	c := login(t, p, user)
	for i := range 4 {
		appendLetter(t, c, i)
	}
	c.must(t, "SELECT INBOX")
	c.must(t, "UID STORE 3 +FLAGS (\\Flagged)")
	satchel(t, "", "backup", folder, "--data", data)

	c.must(t, "UID STORE 1 +FLAGS (\\Seen)")
	c.must(t, "UID STORE 2 +FLAGS (\\Deleted)")
	c.must(t, "UID EXPUNGE 2")
	appendLetter(t, c, 4)
	appendLetter(t, c, 5)
	c.must(t, "ENABLE QRESYNC")
	m := mirrorOf(t, c)
	p.stop(t)

	restored := filepath.Join(t.TempDir(), "restored")
	satchel(t, "", "restore", folder, "--data", restored)
	p = start(t, restored)
	c = login(t, p, user)
	c.must(t, "ENABLE QRESYNC")
	m.resync(t, c)
	if fresh := mirrorOf(t, c); fmt.Sprint(m.flags) != fmt.Sprint(fresh.flags) {
		t.Errorf("a client that resynchronises has %v, one that begins anew %v", m.flags, fresh.flags)
	}
	if len(m.flags) != 4 || m.flags[1] != "" || m.flags[3] != "\\Flagged" {
		t.Errorf("restored: %v", m.flags)
	}
	status := appendLetter(t, c, 6)
	var validity, uid int64
	if _, err := fmt.Sscanf(status, "OK [APPENDUID %d %d]", &validity, &uid); err != nil || validity != m.validity || uid <= 6 {
		t.Errorf("the next message: %q", status)
	}
	p.stop(t)
}

func appendLetter(t *testing.T, c *client, i int) string {
	t.Helper()
	status, err := c.append(letter(fmt.Sprintf("%d@example.org", i)))
	if err != nil || !strings.HasPrefix(status, "OK") {
		t.Fatalf("APPEND: %s %v", status, err)
	}
	return status
}

// mirror is what a client knows of INBOX.
type mirror struct {
	validity, modseq int64
	flags            map[int64]string
}

// mirrorOf begins anew.
func mirrorOf(t *testing.T, c *client) *mirror {
	t.Helper()
	m := &mirror{flags: map[int64]string{}}
	m.take(t, c.must(t, "SELECT INBOX"))
	m.take(t, c.must(t, "UID FETCH 1:* (FLAGS)"))
	return m
}

// resync asks for what has changed (RFC 7162, 3.2.5).
func (m *mirror) resync(t *testing.T, c *client) {
	t.Helper()
	validity, modseq := m.validity, m.modseq
	m.take(t, c.must(t, "SELECT INBOX (QRESYNC (%d %d))", validity, modseq))
	if m.validity != validity {
		t.Errorf("UIDVALIDITY was %d, is %d", validity, m.validity)
	}
	if m.modseq <= modseq {
		t.Errorf("HIGHESTMODSEQ was %d, is %d", modseq, m.modseq)
	}
}

func (m *mirror) take(t *testing.T, responses []string) {
	t.Helper()
	for _, r := range responses {
		var seq, uid, last int64
		switch {
		case strings.HasPrefix(r, "* OK [UIDVALIDITY "):
			fmt.Sscanf(r, "* OK [UIDVALIDITY %d]", &m.validity)
		case strings.HasPrefix(r, "* OK [HIGHESTMODSEQ "):
			fmt.Sscanf(r, "* OK [HIGHESTMODSEQ %d]", &m.modseq)
		case strings.HasPrefix(r, "* VANISHED "):
			for set := range strings.SplitSeq(r[strings.LastIndexByte(r, ' ')+1:], ",") {
				if n, _ := fmt.Sscanf(set, "%d:%d", &uid, &last); n == 1 {
					last = uid
				}
				for known := range m.flags {
					if uid <= known && known <= last {
						delete(m.flags, known)
					}
				}
			}
		case strings.Contains(r, " FETCH ("):
			if _, err := fmt.Sscanf(r, "* %d FETCH (UID %d", &seq, &uid); err != nil {
				t.Fatalf("%q: %v", r, err)
			}
			_, flags, _ := strings.Cut(r, "FLAGS (")
			flags, _, _ = strings.Cut(flags, ")")
			m.flags[uid] = strings.TrimSpace(strings.ReplaceAll(flags, "\\Recent", ""))
		}
	}
}
