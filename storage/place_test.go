package storage

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// taken is a way in which a file is taken away from under who has it open. older is a copy of an earlier state.
type taken struct {
	do    func(t *testing.T, path, older string)
	there bool // something is there afterwards
	last  bool // the last change before is in it
}

func moveFile(t *testing.T, from, to string) { t.Helper(); must(t, os.Rename(from, to)) }

var waysToTake = map[string]taken{
	"replaced":             {func(t *testing.T, path, older string) { moveFile(t, older, path) }, true, false},
	"moved away":           {func(t *testing.T, path, older string) { moveFile(t, path, older) }, false, false},
	"removed":              {func(t *testing.T, path, _ string) { must(t, os.Remove(path)) }, false, false},
	"removed with its log": {func(t *testing.T, path, _ string) { must(t, errors.Join(os.Remove(path), os.Remove(path+"-wal"))) }, false, false},
	"without its folder":   {func(t *testing.T, path, _ string) { must(t, os.RemoveAll(filepath.Dir(path))) }, false, false},
	"in another folder":    {func(t *testing.T, path, _ string) { moveFile(t, filepath.Dir(path), filepath.Dir(path)+".away") }, false, false},
	"without its log":      {func(t *testing.T, path, _ string) { must(t, os.Remove(path+"-wal")) }, true, true},
	"without log and index": {func(t *testing.T, path, _ string) {
		must(t, errors.Join(os.Remove(path+"-wal"), os.Remove(path+"-shm")))
	}, true, true},
	"with an empty log": {func(t *testing.T, path, _ string) {
		must(t, errors.Join(os.Remove(path+"-wal"), os.WriteFile(path+"-wal", nil, 0o600)))
	}, true, true},
	"replaced, with its log": {func(t *testing.T, path, older string) { must(t, os.Remove(path+"-wal")); moveFile(t, older, path) }, true, false},
}

// openTaken opens a mail.db with 5 messages, the last one in the log, and takes it away.
func openTaken(t *testing.T, way taken) (m *Mail, box MailboxID, older string) {
	t.Helper()
	home := filepath.Join(t.TempDir(), "home")
	older = filepath.Join(filepath.Dir(home), "older.db")
	must(t, os.Mkdir(home, 0o700))
	m = ok[*Mail](t)(OpenMail(filepath.Join(home, "mail.db")))
	box = newMailbox(t, m, "INBOX")
	fillBox(t, m, box, 3)
	must(t, m.Compact(t.Context())) // which replaces the file itself
	must(t, m.InPlace())
	fillBox(t, m, box, 1)
	must(t, m.copyTo(t.Context(), older))
	fillBox(t, m, box, 1)
	way.do(t, m.path, older)
	return m, box, older
}

// TestReplaced: nothing is promised in a file that is not what its name says. Once it is given up, what is there opens as
// it is, and has all that was promised in it before; what was moved away has so, too.
func TestReplaced(t *testing.T) {
	for name, way := range waysToTake {
		for how, end := range map[string]func(*Mail) error{"abandoned": (*Mail).Abandon, "closed": (*Mail).Close} {
			t.Run(name+", "+how, func(t *testing.T) {
				m, box, older := openTaken(t, way)
				tx := begin(t, m)
				ok[Mailbox](t)(tx.CreateMailbox("Lost", ""))
				if err := tx.Commit(); !errors.Is(err, ErrReplaced) {
					t.Fatalf("commit: %v", err)
				}
				if n := len(entries(t, m, box)); n != 5 {
					t.Errorf("who reads on sees %d messages", n)
				}
				refused(t, m, "given up")
				must(t, end(m))
				if _, err := os.Stat(m.path); !way.there {
					if !errors.Is(err, os.ErrNotExist) || logSize(m.path) > 0 {
						t.Errorf("something is there: %v, and %d bytes of log", err, logSize(m.path))
					}
				} else {
					expectSound(t, m.path, box, 4+int(btoi(way.last)))
				}
				if name == "moved away" {
					expectSound(t, older, box, 5)
				}
			})
		}
	}
}

// refused expects that nothing can be written, nor Compact put a file anywhere.
func refused(t *testing.T, m *Mail, when string) {
	t.Helper()
	tx, begun := m.Begin()
	if begun == nil {
		tx.Rollback()
	}
	for what, err := range map[string]error{"begin": begun, "look": m.InPlace(), "compact": m.Compact(t.Context())} {
		if !errors.Is(err, ErrReplaced) {
			t.Errorf("%s, %s: %v", when, what, err)
		}
	}
}

// expectSound opens a mail.db with so many messages, which is as it should be, and adds one.
func expectSound(t *testing.T, path string, box MailboxID, n int) {
	t.Helper()
	m := ok[*Mail](t)(OpenMail(path))
	defer func() { must(t, m.Close()) }()
	if got := len(entries(t, m, box)); got != n {
		t.Errorf("%d messages are there, want %d", got, n)
	}
	if got := fillBox(t, m, box, 1); len(got) != n+1 || got[n].UID != UID(n+1) {
		t.Errorf("after one more there are %v", got)
	}
	rows, _, err := m.Mailboxes()
	if err != nil || len(rows) != 1 {
		t.Errorf("mailboxes: %v, %v", rows, err)
	}
	checkClean(t, m)
}

// TestReplacedAmidCommit: a file that is taken away while a change is committed has that, or not, but nobody is told that
// it has; and moved back it is not gone on with, for memory may be of another state.
func TestReplacedAmidCommit(t *testing.T) {
	for name, way := range waysToTake {
		t.Run(name, func(t *testing.T) {
			m, _, older := openTaken(t, taken{do: func(*testing.T, string, string) {}})
			tx := begin(t, m)
			ok[Mailbox](t)(tx.CreateMailbox("Lost", ""))
			m.write.raw.RegisterCommitHook(func() int { way.do(t, m.path, older); return 0 })
			if err := tx.Commit(); !errors.Is(err, ErrReplaced) {
				t.Errorf("commit: %v", err)
			}
			if name == "moved away" {
				moveFile(t, older, m.path)
			}
			refused(t, m, "after that")
			must(t, m.Abandon())
		})
	}
}

// TestReplacedForReaders: no reader opens another file than the one that the others read, and none opens a file that was
// given up.
func TestReplacedForReaders(t *testing.T) {
	m, box, _ := openTaken(t, waysToTake["replaced"])
	read := func() error { return m.Entries(box, func(*Entry) error { return nil }) }
	must(t, m.closeReaders())
	if err := read(); !errors.Is(err, ErrReplaced) {
		t.Errorf("the first one: %v", err)
	}
	must(t, m.Abandon())
	_, _, names := m.Mailboxes()
	for what, err := range map[string]error{"entries": read(), "mailboxes": names, "checkpoint": m.Checkpoint(), "fold": m.Fold(), "begin": m.InPlace()} {
		if !errors.Is(err, ErrReplaced) {
			t.Errorf("%s after that: %v", what, err)
		}
	}
}

// TestReplacedWhileOthersRead: a log that cannot be folded, since another process still reads, is not taken for that of the
// file that is there now; nor is its index, which that process has.
func TestReplacedWhileOthersRead(t *testing.T) {
	m, box, older := openTaken(t, taken{do: func(*testing.T, string, string) {}})
	other := ok[*conn](t)(openConn(m.path, mailOptions))
	must(t, other.exec("BEGIN"))
	ok[int64](t)(other.queryInt("SELECT count(*) FROM entry"))
	fillBox(t, m, box, 10)
	moveFile(t, older, m.path)
	if err := m.Abandon(); !errors.Is(err, ErrShared) {
		t.Errorf("it ends with %v", err)
	}
	expectSound(t, m.path, box, 4)
	must(t, other.close())
	expectSound(t, m.path, box, 5)
}

// TestLinkedInPlace: a file may be a symbolic link, whose log is beside what it stands for. That it stands for another one
// is noticed.
func TestLinkedInPlace(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	ways := maps.Clone(waysToTake)
	ways["pointed elsewhere"] = taken{func(t *testing.T, _, older string) {
		must(t, errors.Join(os.Remove(link), os.Symlink(older, link)))
	}, true, false}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			m, box, older := openTaken(t, taken{do: func(*testing.T, string, string) {}})
			must(t, m.Close())
			must(t, errors.Join(os.RemoveAll(link), os.Symlink(m.path, link)))
			linked := ok[*Mail](t)(OpenMail(link))
			fillBox(t, linked, box, 1)
			must(t, linked.InPlace())
			way.do(t, m.path, older)
			tx := begin(t, linked)
			ok[Mailbox](t)(tx.CreateMailbox("Lost", ""))
			if err := tx.Commit(); !errors.Is(err, ErrReplaced) {
				t.Errorf("commit: %v", err)
			}
			must(t, linked.Abandon())
			if way.there {
				expectSound(t, link, box, 4+2*int(btoi(way.last)))
			}
			if name == "pointed elsewhere" {
				expectSound(t, m.path, box, 6)
			}
		})
	}
}

// TestCompactBesideReplaced: Compact does not write over what somebody has put there while it made its copy.
func TestCompactBesideReplaced(t *testing.T) {
	m, box, older := openTaken(t, taken{do: func(*testing.T, string, string) {}})
	must(t, m.copyTo(t.Context(), m.path+compactSuffix))
	moveFile(t, older, m.path)
	if err := m.exchange(m.path + compactSuffix); !errors.Is(err, ErrReplaced) {
		t.Errorf("it ends with %v", err)
	}
	must(t, m.Abandon())
	expectSound(t, m.path, box, 4)
}

// TestReplacedWhileClosed: when a Compact has found another file there it goes on with none, not even with one of the same
// inode: that may be any file.
func TestReplacedWhileClosed(t *testing.T) {
	m, box, older := openTaken(t, taken{do: func(*testing.T, string, string) {}})
	must(t, errors.Join(os.Link(m.path, older+".kept"), m.closeReaders(), m.write.close()))
	moveFile(t, older, m.path)
	if err := m.reopen(); !errors.Is(err, ErrReplaced) {
		t.Errorf("it ends with %v", err)
	}
	moveFile(t, older+".kept", m.path)
	refused(t, m, "after that")
	if err := m.Entries(box, func(*Entry) error { return nil }); !errors.Is(err, ErrReplaced) {
		t.Errorf("who reads ends with %v", err)
	}
	must(t, m.Abandon())
}

// TestDirectoryReplaced: what is changed in a directory.db that is not what its name says is refused, and nothing of its
// log gets into the one that is there.
func TestDirectoryReplaced(t *testing.T) {
	for name, way := range waysToTake {
		t.Run(name, func(t *testing.T) {
			home := filepath.Join(t.TempDir(), "home")
			must(t, os.Mkdir(home, 0o700))
			path, older := filepath.Join(home, "directory.db"), filepath.Join(filepath.Dir(home), "older.db")
			d := ok[*Directory](t)(OpenDirectory(path))
			testAdd(t, d, "alice")
			must(t, d.Compact())
			must(t, d.c.exec("VACUUM INTO ?", older))
			testAdd(t, d, "ben")
			must(t, d.InPlace())
			way.do(t, path, older)
			if err := d.SetHasMail(true, "folder-alice"); !errors.Is(err, ErrReplaced) {
				t.Errorf("change: %v", err)
			}
			if err := d.InPlace(); !errors.Is(err, ErrReplaced) {
				t.Errorf("look: %v", err)
			}
			must(t, d.Close())
			if !way.there {
				return
			}
			now := ok[*Directory](t)(OpenDirectory(path))
			defer now.Close()
			if _, err := now.Account("ben"); way.last != (err == nil) {
				t.Errorf("the last account: %v", err)
			}
			if has, err := now.HasMail("folder-alice"); has || err != nil {
				t.Errorf("what was refused is there: %v", err)
			}
		})
	}
}
