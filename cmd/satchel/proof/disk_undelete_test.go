package proof

import (
	"fmt"
	"strings"
	"testing"
)

// TestDiskUndelete has the disk fail, or the power go, while messages are expunged, brought back and erased. Each is in
// INBOX or among what can be brought back, once, unless it was erased. What was erased is in no file once a sound disk
// has let that come to its end.
func TestDiskUndelete(t *testing.T) {
	t.Parallel()
	const letters = 600
	d := newDisk(t, newData(t))
	p := d.start(t, 0, 0)
	c := login(t, p, user)
	for n := range letters {
		if status, err := c.append(letter(fmt.Sprintf("%d.%s@example.org", n, [...]string{"plain", "hushed"}[n%2]))); err != nil || !strings.HasPrefix(status, "OK") {
			t.Fatalf("APPEND: %s %v", status, err)
		}
	}
	p.stop(t)
	failed, there := 0, letters
	for round := range crashes(t, 8, 2) {
		args := [][]string{{"undelete", user, "--all"}, {"erase", user, "--all", "--subject", "hushed", "--yes"}}[round/4%2]
		calls := 1 << (3 + d.rnd.IntN(10))
		if round%4 == 3 {
			calls = 8 // some trouble for sure
		}
		cut, rate := 1+d.rnd.IntN(calls), 0
		if round%2 == 1 {
			cut, rate = 0, 2+d.rnd.IntN(calls)
		}
		p := d.start(t, cut, rate)
		d.put(t, d.armed, round%4 < 2) // the disk fails while mail is expunged, or only then
		expungeSome(p)
		d.put(t, d.armed, true)
		if _, err := try("", append(args, "--data", d.data)...); err != nil {
			failed++
		}
		if d.put(t, d.armed, false); cut == 0 {
			c := login(t, p, user)
			here := c.exists(t, "INBOX")       // as memory has it
			c.must(t, "CREATE sound%d", round) // over what was refused when its last flush failed and is still in the log
			p.kill()
			d.forget(t)
			p = d.start(t, 0, 0)
			if now := login(t, p, user).exists(t, "INBOX"); now != here {
				t.Errorf("round %d: there were %d in INBOX, on the disk are %d", round, here, now)
			}
			p.stop(t)
		} else {
			p.kill()
			d.forget(t)
		}
		satchel(t, "", "check", "--deep", "--data", d.data)
		n := d.whole(t)
		t.Logf("%s: of %d there are %d", args[0], there, n)
		if args[0] == "undelete" && n != there || n < letters/2 || n > there {
			t.Fatal("some are lost, or there twice")
		}
		there = n
	}
	p = d.start(t, 0, 0)
	c = login(t, p, user)
	c.must(t, "SELECT INBOX")
	c.must(t, `STORE 1:* +FLAGS.SILENT \Deleted`)
	c.must(t, "EXPUNGE")
	satchel(t, "", "erase", user, "--all", "--subject", "hushed", "--yes", "--data", d.data)
	p.stop(t)
	if where := filesWith(t, d.data, "hushed"); where != nil {
		t.Errorf("erased messages are in %q", where)
	}
	if failed == 0 {
		t.Error("too little trouble to mean anything")
	}
}

// whole counts the messages that are in INBOX or can be brought back, and has them in INBOX for the next round.
func (d *disk) whole(t *testing.T) int {
	t.Helper()
	p := d.start(t, 0, 0)
	c := login(t, p, user)
	here, lost := c.exists(t, "INBOX"), lostOnes(t, d.data)
	satchel(t, "", "undelete", user, "--all", "--data", d.data)
	if n := c.exists(t, "INBOX"); n != here+lost {
		t.Errorf("of %d expunged messages %d came back", lost, n-here)
	}
	p.stop(t)
	return here + lost
}

// expungeSome empties INBOX in steps, whatever the answers are.
func expungeSome(p *program) {
	c, err := connect(p.imap, false)
	if err != nil {
		return
	}
	defer c.Close()
	c.do("LOGIN %s %q", user, password)
	c.do("SELECT INBOX")
	for n := range 6 {
		c.do(`UID STORE 1:* +FLAGS.SILENT \Deleted`)
		c.do("UID EXPUNGE %d:%d", 1+300*n, 300*(n+1))
	}
	c.do("EXPUNGE")
}
