package backend

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"satchel/storage"
)

// replaceable is an account that is open, with two messages, and a copy of what it was with one.
type replaceable struct {
	*Backend
	info  AccountInfo
	log   *bytes.Buffer // not to be read while the backend works
	a     *Account
	path  string // of mail.db
	older string
	woken []string // the lists of who is lost
}

func openReplaceable(t *testing.T) *replaceable {
	t.Helper()
	r := &replaceable{log: new(bytes.Buffer)}
	data := t.TempDir()
	b, err := Open(Config{Data: data, Log: slog.New(slog.NewTextHandler(r.log, nil))})
	try(t, err)
	r.Backend = b
	b.WakeLost(func() { r.woken = append(r.woken, strings.Join(b.Lost(), " ")) })
	r.info, err = b.AddAccount("alice", "secret")
	try(t, err)
	r.path, r.older = b.dir.mailFile(r.info.ID), filepath.Join(data, "older.db")
	r.a = r.open(t)
	letters(t, r.a, "INBOX", "one")
	r.a.Release()
	try(t, b.Close())
	out, err := exec.Command("cp", r.path, r.older).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r.Backend, err = Open(b.cfg)
	try(t, err)
	b = r.Backend
	b.WakeLost(func() { r.woken = append(r.woken, strings.Join(b.Lost(), " ")) })
	r.a = r.open(t)
	letters(t, r.a, "INBOX", "two")
	return r
}

func (r *replaceable) open(t *testing.T) *Account {
	t.Helper()
	a, err := r.Account(r.info.ID, r.info.Name)
	try(t, err)
	return a
}

// expectOlder expects the account to be what the copy is, to take mail, and to be sound; its sessions of before to be
// told, and its administrator once.
func (r *replaceable) expectOlder(t *testing.T) {
	t.Helper()
	now := r.open(t)
	defer now.Release()
	if st, err := now.Status("INBOX"); err != nil || st.Messages != 1 || now == r.a || !r.a.Lost() || now.Lost() {
		t.Errorf("%d messages, %v; the same account: %v", st.Messages, err, now == r.a)
	}
	letters(t, now, "INBOX", "three")
	try(t, r.Check(t.Context(), nil, true, func(p Problem) error { t.Errorf("check: %+v", p); return nil }))
	if _, _, err := r.a.Append("INBOX", &Incoming{Body: spoolOf(t, r.Backend, "Subject: x\r\n\r\n")}); !errors.Is(err, ErrReplaced) {
		t.Errorf("the account of before ends with %v", err)
	}
	r.a.Release()
	if !slices.Equal(r.woken, []string{r.info.ID}) {
		t.Errorf("woken for %q", r.woken)
	}
	try(t, r.Close())
	if said := r.log.String(); strings.Count(said, "level=ERROR") != 1 || !strings.Contains(said, r.path) || !strings.Contains(said, "account=alice") {
		t.Errorf("the log has:\n%s", said)
	}
}

// TestReplacedMail: mail that was replaced while it was open is given up, whoever finds out first, and what is there is
// opened next.
func TestReplacedMail(t *testing.T) {
	for name, find := range map[string]func(t *testing.T, r *replaceable){
		"by a change": func(t *testing.T, r *replaceable) {
			err := r.a.write(&change{run: func(tx *storage.Tx) error { return tx.SetSubscribed("x", true) }})
			if !errors.Is(err, ErrReplaced) {
				t.Errorf("it ends with %v", err)
			}
		},
		"by an erasure": func(t *testing.T, r *replaceable) {
			err := r.a.write(&change{alone: true, run: func(*storage.Tx) error { return r.a.mail.Compact(t.Context()) }})
			if !errors.Is(err, ErrReplaced) {
				t.Errorf("it ends with %v", err)
			}
		},
		"by the next use": func(*testing.T, *replaceable) {},
		"by looking":      func(_ *testing.T, r *replaceable) { r.tidyAt(time.Now()) },
	} {
		t.Run(name, func(t *testing.T) {
			r := openReplaceable(t)
			try(t, os.Rename(r.older, r.path))
			find(t, r)
			r.expectOlder(t)
		})
	}
}

// TestReplacedAmidChanges: of many changes that come at once none is promised that is not there.
func TestReplacedAmidChanges(t *testing.T) {
	r := openReplaceable(t)
	let := holdLane(r.a)
	const many = 20
	ends := make(chan error)
	for range many {
		go func() {
			ends <- r.a.write(&change{run: func(tx *storage.Tx) error { return tx.SetSubscribed("x", true) }})
		}()
	}
	awaitQueue(r.a, many)
	try(t, os.Rename(r.older, r.path))
	let()
	for range many {
		if err := <-ends; !errors.Is(err, ErrReplaced) {
			t.Errorf("a change ends with %v", err)
		}
	}
	r.expectOlder(t)
}

// TestReplacedWhenIdle: an account that nobody has used for long, and that is lost, is closed once.
func TestReplacedWhenIdle(t *testing.T) {
	r := openReplaceable(t)
	r.a.Release()
	r.a.reading <- struct{}{} // a search goes on
	try(t, os.Rename(r.older, r.path))
	r.tidyAt(time.Now().Add(2 * r.cfg.KeepOpen))
	<-r.a.reading
	r.a = r.open(t)
	r.a.Release()
	if st, err := r.a.Status("INBOX"); err != nil || st.Messages != 1 {
		t.Errorf("%d messages, %v", st.Messages, err)
	}
	try(t, r.Close())
}

// TestReplacedIsToldOnce: whatever fails because an account is lost is not told beside that.
func TestReplacedIsToldOnce(t *testing.T) {
	r := openReplaceable(t)
	try(t, os.Rename(r.older, r.path))
	if !r.a.lostBy(r.a.mail.InPlace()) {
		t.Fatal("it is not lost")
	}
	r.a.trouble("something", ErrReplaced)
	r.expectOlder(t)
}

// TestLogRemovedAgainAndAgain: whenever the log of a mail.db loses its name, amid changes, closing and opening, all that
// was promised is there afterwards.
func TestLogRemovedAgainAndAgain(t *testing.T) {
	r := openReplaceable(t)
	r.a.Release()
	var work sync.WaitGroup
	promised := make(chan UID, 4*40)
	for range 4 {
		work.Go(func() {
			for i := range 40 {
				if i%5 == 0 {
					os.Remove(r.path + "-wal") // unless another one has
				}
				uid, err := r.put()
				if err == nil {
					promised <- uid
				} else if !errors.Is(err, ErrReplaced) {
					t.Error(err)
				}
			}
		})
	}
	work.Wait()
	close(promised)
	a := r.open(t)
	v := open(t, a, "INBOX", true)
	there := slices.Clone(v.uids)
	for uid := range promised {
		if !slices.Contains(there, uid) {
			t.Errorf("message %d was promised", uid)
		}
	}
	try(t, r.Check(t.Context(), nil, true, func(p Problem) error { t.Errorf("check: %+v", p); return nil }))
	v.Close()
	a.Release()
	try(t, r.Close())
	if len(r.woken) == 0 {
		t.Error("nothing was noticed")
	}
}

// put stores a message.
func (r *replaceable) put() (UID, error) {
	a, err := r.Account(r.info.ID, r.info.Name)
	if err != nil {
		return 0, err
	}
	defer a.Release()
	body := r.NewSpool()
	defer body.Close()
	if _, err := body.Write([]byte("Subject: x\r\n\r\n")); err != nil {
		return 0, err
	}
	_, uids, err := a.Append("INBOX", &Incoming{Body: body})
	if err != nil {
		return 0, err
	}
	return uids[0], nil
}

// TestReplacedAtTheEnd: a backend that is closed when somebody has replaced mail leaves what is there as it is.
func TestReplacedAtTheEnd(t *testing.T) {
	r := openReplaceable(t)
	try(t, os.Rename(r.older, r.path))
	r.a.Release()
	try(t, r.Close())
	b, err := Open(r.cfg)
	try(t, err)
	defer b.Close()
	a, err := b.Account(r.info.ID, r.info.Name)
	try(t, err)
	if st, err := a.Status("INBOX"); err != nil || st.Messages != 1 {
		t.Errorf("%d messages, %v", st.Messages, err)
	}
	try(t, b.Check(t.Context(), nil, true, func(p Problem) error { t.Errorf("check: %+v", p); return nil }))
}

// TestRemovedMail: mail that was removed while it was open is missed by the next who asks for it, and can be brought back
// at once.
func TestRemovedMail(t *testing.T) {
	r := openReplaceable(t)
	defer func() { try(t, r.Close()) }()
	from, err := NewAdoption(r.cfg.Data)
	try(t, err)
	try(t, os.Rename(r.older, filepath.Join(from, "mail.db")))
	try(t, storage.CopyDirectory(t.Context(), filepath.Join(r.cfg.Data, "directory.db"), filepath.Join(from, "directory.db")))
	try(t, os.RemoveAll(filepath.Dir(r.path)))
	if _, _, err := r.AdoptAccount(filepath.Base(from), "alice", "alice"); err != nil {
		t.Fatalf("bring it back while it is open: %v", err)
	}
	now := r.open(t)
	if st, err := now.Status("INBOX"); err != nil || st.Messages != 1 {
		t.Errorf("%d messages, %v", st.Messages, err)
	}
	try(t, os.Remove(r.path))
	if _, err := r.Account(r.info.ID, r.info.Name); !errors.Is(err, ErrMailGone) {
		t.Errorf("when it was removed: %v", err)
	}
}

// TestReplacedDirectory: changes of a list of accounts that was replaced are refused, health says so, and the log once;
// mail goes on.
func TestReplacedDirectory(t *testing.T) {
	r := openReplaceable(t)
	path := filepath.Join(r.cfg.Data, "directory.db")
	try(t, storage.CopyDirectory(t.Context(), path, path+".copy"), r.Ready(), os.Rename(path+".copy", path))
	_, added := r.AddAccount("ben", "secret")
	for what, err := range map[string]error{"change": added, "health": r.Ready()} {
		if !errors.Is(err, ErrReplaced) {
			t.Errorf("%s: %v", what, err)
		}
	}
	r.tidyAt(time.Now())
	r.tidyAt(time.Now())
	letters(t, r.a, "INBOX", "three")
	try(t, r.Close())
	if said := r.log.String(); strings.Count(said, "level=ERROR") != 1 || !strings.Contains(said, path) {
		t.Errorf("the log has:\n%s", said)
	}
	b, err := Open(r.cfg)
	try(t, err)
	defer b.Close()
	if list, err := b.Accounts(); err != nil || len(list) != 1 {
		t.Errorf("accounts: %+v, %v", list, err)
	}
}
