package backup

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"satchel/storage"
)

// files lists the files of a repository, but for the lock.
func (h *home) files() (list []string) {
	must(h.t, filepath.WalkDir(h.repo, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && d.Name() != lockFile {
			list = append(list, path)
		}
		return err
	}))
	return list
}

// Whatever is done to a file of a repository is found, and what it was is sound again.
func TestVerifyFindsDamage(t *testing.T) {
	h := newHome(t, 3, "alice")
	box := inbox(t, h.mail)
	for range 3 {
		h.deliver(h.mail, box, 20)
		h.back()
	}
	h.verify()
	files := h.files()
	if len(files) < 10 {
		t.Errorf("only %d files: %q", len(files), files)
	}
	for _, path := range files {
		whole := ok[[]byte](t)(os.ReadFile(path))
		for what, damaged := range map[string][]byte{
			"cut off": whole[:len(whole)-1],
			"longer":  append(whole[:len(whole):len(whole)], 0),
			"changed": append(append(whole[:len(whole)/2:len(whole)/2], whole[len(whole)/2]^1), whole[len(whole)/2+1:]...),
			"missing": nil,
		} {
			if damaged == nil {
				must(t, os.Remove(path))
			} else {
				must(t, os.WriteFile(path, damaged, 0o600))
			}
			if !h.noticed() {
				t.Errorf("%s: %s, and nothing is found", path, what)
			}
			must(t, os.WriteFile(path, whole, 0o600))
		}
	}
	h.verify()
}

// noticed reports whether opening or verifying finds something wrong.
func (h *home) noticed() bool {
	r, err := Open(h.repo, false)
	if err != nil {
		return true
	}
	defer r.Close()
	v, err := r.Verify(context.Background(), false, func(string) {})
	return err != nil || v.Problems > 0
}

// A run after damage copies again what is there, and restores what is whole.
func TestRunAfterDamage(t *testing.T) {
	for name, pattern := range map[string]string{"packs": "accounts/*/*/*.pack", "states": "accounts/*/*/*.zst",
		"list": "accounts/*/*/packs.json", "directory": "directory/*", "first run": "runs/000001.json", "runs": "runs.json"} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t, 4, "alice")
			h.deliver(h.mail, inbox(t, h.mail), 30)
			h.back()
			paths := ok[[]string](t)(filepath.Glob(filepath.Join(h.repo, pattern)))
			for _, p := range paths {
				must(t, os.WriteFile(p, []byte("nonsense"), 0o600))
			}
			h.deliver(h.mail, inbox(t, h.mail), 5)
			run, warned := h.backWarned()
			if len(paths) == 0 || (len(warned) == 0) != (name == "directory") {
				t.Errorf("%d files damaged, warned %q", len(paths), warned)
			}
			same(t, "after damage", h.restored(run), dump(t, h.mail))
		})
	}
}

// A manifest that is missing is told of by the next run, which deletes nothing that it may have needed and takes no number
// twice, and by no other.
func TestManifestMissing(t *testing.T) {
	h := newHome(t, 12, "alice")
	for range 2 {
		h.deliver(h.mail, inbox(t, h.mail), 5)
		h.back()
	}
	manifest := filepath.Join(h.repo, runName(2))
	whole := ok[[]byte](t)(os.ReadFile(manifest))
	must(t, os.Remove(manifest))
	r := ok[*Repository](t)(Open(h.repo, true))
	if _, err := r.Prune(t.Context(), Keep{Last: 1}, false); !errors.Is(err, ErrDamaged) {
		t.Errorf("pruned: %v", err)
	}
	must(t, r.Close())
	run, warned := h.backWarned()
	if run.Number != 3 || len(warned) != 1 || !strings.Contains(warned[0], "000002.json") {
		t.Errorf("run %d, warned %q", run.Number, warned)
	}
	must(t, os.WriteFile(manifest, whole, 0o600)) // found again
	h.verify()
	must(t, os.Remove(manifest))
	h.back()
	h.verify()
}

// Without the file that says what the folder is all is there still, and the next run makes it anew; another data folder's
// run does not.
func TestIdentityLost(t *testing.T) {
	for what, damage := range map[string]func(string) error{"missing": os.Remove, "damaged": func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) }} {
		t.Run(what, func(t *testing.T) {
			h := newHome(t, 13, "alice")
			h.deliver(h.mail, inbox(t, h.mail), 5)
			run, want := h.back(), dump(t, h.mail)
			must(t, damage(filepath.Join(h.repo, identityFile)))
			same(t, "without it", h.restored(run), want)
			if found := h.problems(); len(found) != 1 || !strings.Contains(found[0], identityFile) {
				t.Errorf("found %q", found)
			}
			if _, err := Prepare(h.repo, newHome(t, 14, "ben").data); err == nil {
				t.Error("taken for another data folder's")
			}
			if _, warned := h.backWarned(); len(warned) != 1 || !strings.Contains(warned[0], identityFile) {
				t.Errorf("warned %q", warned)
			}
			h.back()
			h.verify()
		})
	}
}

// A directory.db that is damaged is copied again, though it is as it was.
func TestDirectoryDamaged(t *testing.T) {
	h := newHome(t, 15, "alice")
	run := h.back()
	path := filepath.Join(h.repo, run.Directory.Name)
	b := ok[[]byte](t)(os.ReadFile(path))
	b[len(b)/2] ^= 1
	must(t, os.WriteFile(path, b, 0o600))
	h.back()
	h.verify()
}

// A pack that was cut off is copied again, and what it alone has, since it was expunged, is read of it still.
func TestPackCutOff(t *testing.T) {
	h := newHome(t, 16, "alice")
	box := inbox(t, h.mail)
	h.deliver(h.mail, box, 60)
	first := h.back()
	change(t, h.mail, func(tx *storage.Tx) {
		var rows []storage.Entry
		must(t, h.mail.Entries(box, func(e *storage.Entry) error { rows = append(rows, *e); return nil }))
		ok[storage.ModSeq](t)(tx.Expunge(box, rows[:50]))
		var ids []storage.MessageID
		for _, e := range rows[:50] {
			ids = append(ids, e.Message)
		}
		ok[int](t)(tx.Erase(ids))
	})
	packs := ok[[]string](t)(filepath.Glob(filepath.Join(h.repo, "accounts/*/*/*.pack")))
	b := ok[[]byte](t)(os.ReadFile(packs[0]))
	must(t, os.WriteFile(packs[0], append(b, 0), 0o600))
	for range 3 {
		h.backWarned()
	}
	done := h.bring(first, filepath.Join(t.TempDir(), "mail.db"), storage.Advance{})
	if done.Messages != 60 || len(done.Problems) == 0 {
		t.Errorf("%+v", done)
	}
	h.browseAll(first, box, 60)
	if found := h.problems(); len(found) != 1 || !strings.Contains(found[0], "50 messages are missing; what can be read of accounts/") {
		t.Errorf("found %q", found)
	}
	for _, x := range []struct{ keep, left int }{{10, 1}, {1, 0}} { // as long as a run needs it
		r := ok[*Repository](t)(Open(h.repo, true))
		ok[Pruned](t)(r.Prune(t.Context(), Keep{Last: x.keep}, false))
		must(t, r.Close())
		if there := ok[[]string](t)(filepath.Glob(filepath.Join(h.repo, "accounts/*/*/*"+asideSuffix))); len(there) != x.left {
			t.Errorf("%q is left with %d runs", there, x.keep)
		}
	}
	h.verify()
}

// browseAll reads each message of a mailbox by itself.
func (h *home) browseAll(run *Run, box storage.MailboxID, want int) {
	h.t.Helper()
	r := ok[*Repository](h.t)(Open(h.repo, false))
	defer r.Close()
	b := ok[*Browser](h.t)(r.Browse(&run.Accounts[0]))
	defer b.Close()
	var rows []storage.Entry
	must(h.t, b.Entries(box, func(e *storage.Entry) error { rows = append(rows, *e); return nil }))
	for i := range rows {
		header, err := b.Header(rows[i].Message)
		text, err2 := io.ReadAll(b.Body(&rows[i]))
		if err = errors.Join(err, err2); err != nil || len(text) != int(rows[i].Size) || !bytes.HasPrefix(text, header) {
			h.t.Errorf("UID %d: %v, %d bytes of %d, header %q", rows[i].UID, err, len(text), rows[i].Size, header)
		}
	}
	if len(rows) != want {
		h.t.Errorf("%d messages, want %d", len(rows), want)
	}
}

// What was put aside is no pack of a list that is made anew, though it may be whole.
func TestAsideIsNoPack(t *testing.T) {
	h := newHome(t, 18, "alice")
	h.deliver(h.mail, inbox(t, h.mail), 5)
	h.back()
	lists := ok[[]string](t)(filepath.Glob(filepath.Join(h.repo, "accounts/*/*/"+packListFile)))
	packs := ok[[]string](t)(filepath.Glob(filepath.Join(h.repo, "accounts/*/*/*.pack")))
	must(t, os.Rename(packs[0], packs[0]+asideSuffix))
	must(t, os.Remove(lists[0]))
	r := ok[*Repository](t)(Open(h.repo, false))
	defer r.Close()
	dir := ok[string](t)(filepath.Rel(h.repo, filepath.Dir(lists[0])))
	if l := ok[*lineage](t)(r.openLineage(dir)); len(l.list.Packs) > 0 {
		t.Errorf("found %+v", l.list.Packs)
	}
}

// Of a damaged pack what can be read comes back.
func TestRestoreFromDamagedPack(t *testing.T) {
	h := newHome(t, 5, "alice")
	h.deliver(h.mail, inbox(t, h.mail), 200)
	run := h.back()
	packs := ok[[]string](t)(filepath.Glob(filepath.Join(h.repo, "accounts/*/*/*.pack")))
	b := ok[[]byte](t)(os.ReadFile(packs[0]))
	for i := range 2048 {
		b[len(b)*2/3+i] ^= 0x55
	}
	must(t, os.WriteFile(packs[0], b, 0o600))
	path := filepath.Join(t.TempDir(), "mail.db")
	done := h.bring(run, path, storage.Advance{UIDs: 1000, ModSeqs: 1000})
	if len(done.Problems) == 0 || done.Messages < 100 || done.Messages+done.Lost != 200 {
		t.Errorf("%+v", done)
	}
	m := ok[*storage.Mail](t)(storage.OpenMail(path))
	defer m.Close()
	sound(t, m)
	there := map[storage.UID]bool{}
	must(t, m.Entries(inbox(t, m), func(e *storage.Entry) error { there[e.UID] = true; return nil }))
	const known = 700 // the mod-sequence of a client that was told of all before it was lost
	ok[storage.ModSeq](t)(m.Expunged(inbox(t, m), known, func(r storage.Range) {
		for uid := r.First; uid <= r.Last; uid++ {
			if there[uid] {
				t.Errorf("UID %d is there and told as expunged", uid)
			}
			there[uid] = true
		}
	}))
	for uid := storage.UID(1); uid <= 200; uid++ {
		if !there[uid] {
			t.Errorf("UID %d is lost, and a client that has it is not told", uid)
		}
	}
}

// A restore that does not come to its end leaves no file that could be taken for mail.
func TestRestoreGivenUp(t *testing.T) {
	h := newHome(t, 7, "alice")
	h.deliver(h.mail, inbox(t, h.mail), 20)
	run := h.back()
	r := ok[*Repository](t)(Open(h.repo, false))
	defer r.Close()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	path := filepath.Join(t.TempDir(), "mail.db")
	if _, err := r.Mail(ctx, &run.Accounts[0], path, storage.Advance{}, func(storage.PackCount) {}); err == nil {
		t.Error("no error")
	}
	if left := ok[[]os.DirEntry](t)(os.ReadDir(filepath.Dir(path))); len(left) > 0 {
		t.Errorf("%s was left", left[0].Name())
	}
}

// A mail.db that others have put in the place of the one before is copied anew, and the runs before it stay what they were.
func TestReplacedMail(t *testing.T) {
	h := newHome(t, 6, "alice")
	box := inbox(t, h.mail)
	h.deliver(h.mail, box, 20)
	must(t, h.mail.Checkpoint())
	older := ok[[]byte](t)(os.ReadFile(h.mailFile("alice")))
	h.deliver(h.mail, box, 20)
	first, wantFirst := h.back(), dump(t, h.mail)
	must(t, h.mail.Close())
	must(t, os.WriteFile(h.mailFile("alice"), older, 0o600))
	h.mail = ok[*storage.Mail](t)(storage.OpenMail(h.mailFile("alice")))
	second, warned := h.backWarned()
	if len(warned) != 1 || !strings.Contains(warned[0], "replaced") {
		t.Errorf("IDs have gone back: warned %q", warned)
	}
	same(t, "gone back", h.restored(second), dump(t, h.mail))

	must(t, h.mail.Close())
	must(t, os.WriteFile(h.mailFile("alice"), older, 0o600))
	h.mail = ok[*storage.Mail](t)(storage.OpenMail(h.mailFile("alice")))
	h.deliver(h.mail, box, 50) // IDs go on to where other messages had them
	third, wantThird := h.back(), dump(t, h.mail)
	same(t, "third", h.restored(third), wantThird)
	must(t, h.mail.Close())
	must(t, os.WriteFile(h.mailFile("alice"), older, 0o600))
	h.mail = ok[*storage.Mail](t)(storage.OpenMail(h.mailFile("alice")))
	h.deliver(h.mail, box, 60)
	fourth, warned := h.backWarned()
	if len(warned) != 1 || !strings.Contains(warned[0], "replaced") {
		t.Errorf("other messages have the IDs: warned %q", warned)
	}
	same(t, "other messages", h.restored(fourth), dump(t, h.mail))
	same(t, "the first run", h.restored(first), wantFirst)
	h.verify()
}
