package proof

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// folderOf is that of the only account which has one.
func folderOf(t *testing.T, data string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(data, "accounts", "*"))
	if err != nil || len(all) != 1 {
		t.Fatalf("folders %q, %v", all, err)
	}
	return all[0]
}

// TestDiskOfOneAccount has every call for the files of one account fail: all that comes for it is refused, and another
// account gets in and gets its mail, whoever knocks at the first one meanwhile.
func TestDiskOfOneAccount(t *testing.T) {
	t.Parallel()
	const other = "ben@example.org"
	d, acked := newDisk(t, newData(t, user, other)), newLedger()
	satchel(t, letter("first@example.org"), "deliver", user, "--data", d.data)
	p := d.startOn(t, folderOf(t, d.data), 0, 1)
	d.put(t, d.armed, true)
	var crowd sync.WaitGroup
	for i := range 3 {
		bring := []func(string) error{carrying(p, acked), appending(p, acked), shuffling(p, 1)}[i]
		crowd.Go(func() {
			for n := range 3 {
				if bring(fmt.Sprintf("%d.%d@example.org", n, i)) == nil {
					t.Errorf("%d.%d was taken by a disk that fails", n, i)
				}
			}
		})
	}
	for n := range 20 {
		if status, err := login(t, p, other).append(letter("one@example.org")); err != nil || !strings.HasPrefix(status, "OK") {
			t.Errorf("APPEND %d for another account: %s %v", n, status, err)
		}
		mta, err := lmtp(p.lmtp)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := mta.deliver(other, letter("two@example.org")); err != nil || !strings.HasPrefix(r, "250") {
			t.Errorf("delivery %d to another account: %s %v", n, r, err)
		}
		mta.Close()
	}
	crowd.Wait()
	d.put(t, d.armed, false)
	if err := carrying(p, acked)("sound@example.org"); err != nil {
		t.Errorf("with a sound disk again: %v", err)
	}
	compare(t, login(t, p, user), acked)
	if n := login(t, p, other).exists(t, "INBOX"); n != 40 {
		t.Errorf("the other account has %d messages", n)
	}
	p.stop(t)
	satchel(t, "", "check", "--deep", "--data", d.data)
}

// TestDiskUpgrade has the disk fail, or the power go, while mail of the first version is brought to the schema of now:
// in the end all of it is there, with what comes meanwhile.
func TestDiskUpgrade(t *testing.T) {
	t.Parallel()
	d := newDisk(t, newData(t))
	satchel(t, letter("new@example.org"), "deliver", user, "--data", d.data)
	folder, failed := folderOf(t, d.data), 0
	for round := range crashes(t, 6, 2) {
		firstMail(t, folder)
		acked, cut, rate := newLedger(), 1+d.rnd.IntN(100), 0
		if round%2 == 1 {
			cut, rate = 0, 2+d.rnd.IntN(60)
		}
		p := d.start(t, cut, rate)
		d.put(t, d.armed, true)
		err := carrying(p, acked)("meanwhile@example.org")
		d.put(t, d.armed, false)
		t.Logf("the power goes after %d calls, one in %d fails: %v", cut, rate, err)
		if err != nil {
			failed++
		}
		if cut == 0 {
			compare(t, login(t, p, user), acked)
		}
		p.kill()
		d.forget(t)
		satchel(t, "", "check", "--deep", "--data", d.data)
		p = d.start(t, 0, 0)
		c := login(t, p, user)
		compare(t, c, acked)
		old := 0
		for _, r := range c.must(t, "UID FETCH 1:3 (UID)") {
			if strings.Contains(r, " FETCH ") {
				old++
			}
		}
		if archive, lost := c.exists(t, "Archive"), lostOnes(t, d.data); old != 3 || archive != 1 || lost != 2 {
			t.Errorf("round %d: %d in INBOX, %d in Archive, %d to be brought back", round, old, archive, lost)
		}
		p.stop(t)
	}
	if failed == 0 {
		t.Error("too little trouble to mean anything")
	}
}

// firstMail puts a mail.db in place of an account's that the first version wrote: INBOX has UIDs 1 to 3, Archive has
// one message, and 4 and 5 were expunged.
func firstMail(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	for _, name := range files {
		if err == nil {
			err = os.Remove(name)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	packed, err := os.Open("../../../storage/testdata/schema1.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unpacked, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(unpacked)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "mail.db"), raw, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
