package backup

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// What a newer version has written is left alone.
func TestNewerFormat(t *testing.T) {
	h := newHome(t, 9, "alice")
	h.deliver(h.mail, inbox(t, h.mail), 3)
	run := h.back()
	r := ok[*Repository](t)(Open(h.repo, true))
	defer r.Close()
	run.Format = format + 1
	must(t, r.writeSealed(runName(run.Number), run))
	if _, err := r.Run(run.Number); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("a run: %v", err)
	}
	list := only(t, h.repo, "accounts/*/*/packs.json")
	must(t, r.writeSealed(list, packList{Format: format + 1}))
	if _, err := r.openLineage(filepath.Dir(list)); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("a list of packs: %v", err)
	}
	must(t, r.writeSealed(identityFile, identity{Format: format + 1}))
	r.Close()
	if _, err := Open(h.repo, false); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("a repository: %v", err)
	}
	if _, err := Prepare(h.repo, h.data); !errors.Is(err, ErrNewerFormat) {
		t.Errorf("a repository to be changed: %v", err)
	}
}

// only finds the one file that fits a pattern, relative to the repository.
func only(t *testing.T, repo, pattern string) string {
	t.Helper()
	list := ok[[]string](t)(filepath.Glob(filepath.Join(repo, pattern)))
	if len(list) != 1 {
		t.Fatalf("%s: %q", pattern, list)
	}
	return ok[string](t)(filepath.Rel(repo, list[0]))
}

// A repository is neither in the data folder nor around it, whatever links say.
func TestApart(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	must(t, os.MkdirAll(filepath.Join(data, "accounts"), 0o700))
	must(t, os.Symlink(data, filepath.Join(dir, "link")))
	for name, allowed := range map[string]bool{"data": false, "data/backup": false, "link/new/backup": false, ".": false,
		"data/../data": false, "link": false, "backup": true, "database": true, "data2/data": true} {
		if err := apart(filepath.Join(dir, name), data); (err == nil) != allowed {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Many small runs do not make many packs, nor a large backup.
func TestManyRuns(t *testing.T) {
	h := newHome(t, 10, "alice")
	box := inbox(t, h.mail)
	var last *Run
	for range 40 {
		h.deliver(h.mail, box, 1)
		last = h.back()
	}
	packs := ok[[]string](t)(filepath.Glob(filepath.Join(h.repo, "accounts/*/*/*.pack")))
	if len(packs) > 2*mergeWidth {
		t.Errorf("%d packs", len(packs))
	}
	if n := len(last.Accounts[0].State); n > maxChain {
		t.Errorf("a state of %d files", n)
	}
	same(t, "the last run", h.restored(last), dump(t, h.mail))
	h.verify()
}

// An interrupted first run is gone on with: what it copied is not copied again.
func TestGoOn(t *testing.T) {
	h := newHome(t, 11, "alice", "ben")
	h.deliver(h.mail, inbox(t, h.mail), 20)
	ben := h.openMail("ben")
	h.deliver(ben, inbox(t, ben), 5)
	must(t, ben.Close())
	h.back()
	r := ok[*Repository](t)(Open(h.repo, true))
	must(t, os.Remove(r.file(runName(1)))) // as it is before the manifest is written
	must(t, r.list(nil))
	must(t, r.Close())
	run := h.back()
	if run.Added.Messages != 0 || run.Number != 1 {
		t.Errorf("run %d added %+v", run.Number, run.Added)
	}
	same(t, "gone on with", h.restored(run), dump(t, h.mail))
	h.verify()
}
