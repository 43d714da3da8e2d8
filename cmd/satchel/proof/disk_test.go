package proof

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// disk is the one of testdata/disk.c under a data folder.
type disk struct {
	library, data string
	armed, off    string // files that say what it is to do
	rnd           *rand.Rand
}

func newDisk(t *testing.T, data string) *disk {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("a disk is made to fail on Linux only")
	}
	dir := t.TempDir()
	d := &disk{filepath.Join(dir, "disk.so"), data, filepath.Join(dir, "armed"), filepath.Join(dir, "off"), nil}
	cc := exec.Command("gcc", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", d.library, "testdata/disk.c")
	if out, err := cc.CombinedOutput(); err != nil {
		t.Fatalf("gcc: %v\n%s", err, out)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	d.rnd = rand.New(rand.NewPCG(seed, 0))
	return d
}

// start runs the server on the disk, which is sound until arm. From then on one call in rate fails, none if that is 0,
// and after cut calls the power goes, not at all if that is 0.
func (d *disk) start(t *testing.T, cut, rate int) *program {
	t.Helper()
	return d.startOn(t, d.data, cut, rate)
}

// startOn is start with only a folder of the data on that disk.
func (d *disk) startOn(t *testing.T, folder string, cut, rate int) *program {
	t.Helper()
	cmd := exec.Command(binary, "serve", "--data", d.data, "--imap", "127.0.0.1:0", "--imaps", "127.0.0.1:0", "--lmtp", "127.0.0.1:0")
	cmd.Env = d.env(folder, cut, rate)
	d.put(t, d.armed, false)
	d.put(t, d.off, false)
	return run(t, cmd)
}

// env has a process find a disk in a folder.
func (d *disk) env(folder string, cut, rate int) []string {
	return append(os.Environ(), "LD_PRELOAD="+d.library, "DISK_DIR="+folder, "DISK_ARMED="+d.armed, "DISK_OFF="+d.off,
		fmt.Sprint("DISK_CUT=", cut), fmt.Sprint("DISK_RATE=", rate), fmt.Sprint("DISK_SEED=", d.rnd.Uint32()))
}

// put makes a file be there or not.
func (d *disk) put(t *testing.T, file string, there bool) {
	t.Helper()
	err := os.WriteFile(file, nil, 0o600)
	if err == nil && !there {
		err = os.Remove(file)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// forget removes what is only ever in memory: SQLite's index of a log.
func (d *disk) forget(t *testing.T) {
	t.Helper()
	shm, err := filepath.Glob(filepath.Join(d.data, "accounts", "*", "*-shm"))
	for _, path := range append(shm, filepath.Join(d.data, "directory.db-shm")) {
		if e := os.Remove(path); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestPowerLoss takes the power away amid deliveries, APPENDs and changes, so that what was written and not synced is
// lost, all of it or any part, and checks each time that what was acknowledged is there, and that the files are sound.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	rounds, total := crashes(t, 3, 2), 0
	d := newDisk(t, "")
	for done := 0; done < rounds; done += roundsEach {
		d.data = newData(t)
		acked := newLedger()
		for round := range min(roundsEach, rounds-done) {
			p := d.start(t, 1+d.rnd.IntN(3000), 0)
			crowd := load(p, round, acked)
			d.put(t, d.armed, true)
			p.wait()
			crowd.Wait()
			d.forget(t)
			d.recover(t, acked)
		}
		total += acked.messages()
	}
	t.Logf("the power went %d times, %d messages acknowledged, none lost", rounds, total)
	if total < rounds {
		t.Error("too few deliveries to mean anything")
	}
}

// recover checks that all is there that was acknowledged, with a sound disk.
func (d *disk) recover(t *testing.T, acked *ledger) {
	t.Helper()
	p := d.start(t, 0, 0)
	c := login(t, p, user)
	compare(t, c, acked)
	compareSearches(t, c)
	p.stop(t)
	satchel(t, "", "check", "--data", d.data)
}

// TestFailingDisk has writing and syncing fail at random amid deliveries and APPENDs: what is answered with OK is
// there, what the server says of the mailbox is what is on the disk, it goes on when the disk is sound again, and a
// loss of power after all that loses nothing.
func TestFailingDisk(t *testing.T) {
	t.Parallel()
	rounds, refused, total := crashes(t, 3, 2), 0, 0
	d := newDisk(t, "")
	for done := 0; done < rounds; done += roundsEach {
		d.data = newData(t)
		acked := newLedger()
		for round := range min(roundsEach, rounds-done) {
			refused += d.fail(t, round, acked)
		}
		total += acked.messages()
	}
	t.Logf("%d messages refused, %d acknowledged, none lost", refused, total)
	if total < rounds || refused == 0 {
		t.Error("too little trouble to mean anything")
	}
}

// fail is one round of TestFailingDisk, in half of which the account is open when the trouble begins. It returns how
// many messages were refused.
func (d *disk) fail(t *testing.T, round int, acked *ledger) (refused int) {
	t.Helper()
	p := d.start(t, 0, 2+d.rnd.IntN(200))
	if round%2 == 1 {
		login(t, p, user)
	}
	d.put(t, d.armed, true)
	refused = trouble(p, round, acked)
	d.put(t, d.armed, false)
	c := login(t, p, user)
	id := fmt.Sprintf("sound.%d@example.org", round)
	if status, err := c.append(letter(id)); err != nil || !strings.HasPrefix(status, "OK") {
		t.Fatalf("with a sound disk again: %s %v\n%s", status, err, p.log)
	}
	acked.note(id, 0)
	compare(t, c, acked)
	before := pictureOf(t, c)
	d.put(t, d.off, true)
	c.append(letter("never")) // its first write takes the power away
	p.wait()
	d.forget(t)
	p = d.start(t, 0, 0)
	comparePictures(t, before, pictureOf(t, login(t, p, user)))
	p.stop(t)
	d.recover(t, acked)
	return refused
}
