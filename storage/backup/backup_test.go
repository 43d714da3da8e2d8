package backup

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"satchel/storage"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ok passes a result on and ends the test when it came with an error.
func ok[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// home is a data folder with an account or several, and mail in the first.
type home struct {
	t    testing.TB
	data string
	repo string
	dir  *storage.Directory
	mail *storage.Mail
	rng  *rand.Rand
}

func folderOf(name string) string { return strings.Repeat(name[:1], 26) }

func newHome(t testing.TB, seed uint64, names ...string) *home {
	t.Helper()
	h := &home{t: t, data: t.TempDir(), repo: filepath.Join(t.TempDir(), "backup"), rng: rand.New(rand.NewPCG(seed, 0))}
	h.dir = ok[*storage.Directory](t)(storage.OpenDirectory(filepath.Join(h.data, "directory.db")))
	t.Cleanup(func() { h.dir.Close() })
	ok[[]byte](t)(h.dir.Secret("decoy", []byte(fmt.Sprint("secret of ", h.data))))
	for i, name := range names {
		h.addAccount(name)
		if i == 0 {
			h.mail = h.openMail(name)
			t.Cleanup(func() { h.mail.Close() })
		}
	}
	return h
}

func (h *home) addAccount(name string) {
	h.t.Helper()
	must(h.t, os.MkdirAll(filepath.Join(h.data, "accounts", folderOf(name)), 0o700))
	_, err := h.dir.AddAccount(storage.DirectoryAccount{Folder: folderOf(name), Name: name, Salt: []byte("salt"), Iterations: 4096},
		storage.Credential{StoredKey: []byte("stored"), ServerKey: []byte("server")})
	must(h.t, err)
}

func (h *home) mailFile(name string) string {
	return filepath.Join(h.data, "accounts", folderOf(name), "mail.db")
}

func (h *home) openMail(name string) *storage.Mail {
	h.t.Helper()
	m := ok[*storage.Mail](h.t)(storage.OpenMail(h.mailFile(name)))
	change(h.t, m, func(tx *storage.Tx) { ok[storage.Mailbox](h.t)(tx.CreateMailbox("INBOX", "")) })
	return m
}

// change commits a transaction.
func change(t testing.TB, m *storage.Mail, f func(tx *storage.Tx)) {
	t.Helper()
	tx := ok[*storage.Tx](t)(m.Begin())
	defer tx.Rollback()
	f(tx)
	must(t, tx.Commit())
}

// deliver stores n messages in a mailbox, of random sizes that now and then need several chunks.
func (h *home) deliver(m *storage.Mail, box storage.MailboxID, n int) {
	h.t.Helper()
	change(h.t, m, func(tx *storage.Tx) {
		for range n {
			size := 10 + h.rng.IntN(3000)
			if h.rng.IntN(20) == 0 {
				size = 200_000
			}
			body := make([]byte, size)
			for i := range body {
				body[i] = "abcdefgh \n"[h.rng.IntN(10)]
			}
			msg := ok[*storage.NewMessage](h.t)(storage.NewBody([]byte(fmt.Sprintf("Subject: %d\r\n\r\n", h.rng.Uint64())), body))
			msg.Date, msg.Flags, msg.Envelope = 1_700_000_000, storage.Flags(h.rng.IntN(32)), []byte("(envelope)")
			msg.Keywords = [...]string{"", "a", "a b"}[h.rng.IntN(3)]
			ok[storage.Entry](h.t)(tx.Append(box, msg))
		}
	})
}

func inbox(t testing.TB, m *storage.Mail) storage.MailboxID {
	t.Helper()
	boxes, _, err := m.Mailboxes()
	must(t, err)
	for _, b := range boxes {
		if b.Name == "INBOX" {
			return b.ID
		}
	}
	t.Fatal("no INBOX")
	return 0
}

// silent is a Watcher that counts.
type silent struct {
	t      testing.TB
	copied int64
	warned []string
}

func (s *silent) Account(string, int64)      {}
func (s *silent) Copied(n storage.PackCount) { s.copied += n.Messages }
func (s *silent) Warn(text string)           { s.warned = append(s.warned, text) }

// back makes a run that has nothing to complain of.
func (h *home) back() *Run {
	h.t.Helper()
	run, warned := h.backWarned()
	if len(warned) > 0 {
		h.t.Errorf("warned: %q", warned)
	}
	return run
}

func (h *home) backWarned() (*Run, []string) {
	h.t.Helper()
	r := ok[*Repository](h.t)(Prepare(h.repo, h.data))
	defer r.Close()
	w := &silent{t: h.t}
	run, err := r.Back(context.Background(), h.data, w)
	must(h.t, err)
	return run, w.warned
}

// bring puts the mail of the first account of a run into a new file.
func (h *home) bring(run *Run, path string, advance storage.Advance) Restored {
	h.t.Helper()
	r := ok[*Repository](h.t)(Open(h.repo, false))
	defer r.Close()
	return ok[Restored](h.t)(r.Mail(context.Background(), &run.Accounts[0], path, advance, func(storage.PackCount) {}))
}

// restored is what a run has of the first account, as dump tells it.
func (h *home) restored(run *Run) string {
	h.t.Helper()
	path := filepath.Join(h.t.TempDir(), "mail.db")
	if done := h.bring(run, path, storage.Advance{}); done.Lost > 0 || len(done.Problems) > 0 {
		h.t.Errorf("run %d: %+v", run.Number, done)
	}
	m := ok[*storage.Mail](h.t)(storage.OpenMail(path))
	defer m.Close()
	sound(h.t, m)
	return dump(h.t, m)
}

func sound(t testing.TB, m *storage.Mail) {
	t.Helper()
	found, err := m.Check(context.Background(), true)
	must(t, err)
	for _, p := range found {
		t.Error(p)
	}
}

// dump tells all that a mail.db has, message by message.
func dump(t testing.TB, m *storage.Mail) string {
	t.Helper()
	boxes, subscribed, err := m.Mailboxes()
	must(t, err)
	var b strings.Builder
	fmt.Fprintf(&b, "subscribed to %q, objects %d\n", subscribed, ok[uint64](t)(m.Objects()))
	for _, a := range ok[[]storage.Annotation](t)(m.Annotations()) {
		fmt.Fprintf(&b, "annotation %v %q\n", a, ok[[]byte](t)(m.Annotation(a.Mailbox, a.Entry)))
	}
	for _, box := range boxes {
		fmt.Fprintf(&b, "mailbox %+v\n", box)
		_, err := m.Expunged(box.ID, 0, func(r storage.Range) { fmt.Fprintf(&b, "  expunged %v\n", r) })
		must(t, err)
		var list []storage.Entry
		must(t, m.Entries(box.ID, func(e *storage.Entry) error { list = append(list, *e); return nil }))
		for _, e := range list {
			raw := ok[[]byte](t)(m.AppendBytes(nil, e.Message, 0, 1<<30))
			fmt.Fprintf(&b, "  %+v %x\n", e, sha256.Sum256(raw))
		}
	}
	return b.String()
}

// same compares dumps, and shows the first line that differs.
func same(t testing.TB, what, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:\n%s\nwant\n%s", what, g[i], w[i])
		}
	}
	t.Fatalf("%s: %d lines, want %d", what, len(g), len(w))
}

// verify finds nothing wrong with the repository.
func (h *home) verify() {
	h.t.Helper()
	for _, text := range h.problems() {
		h.t.Errorf("verify: %s", text)
	}
}

func (h *home) problems() (list []string) {
	h.t.Helper()
	r := ok[*Repository](h.t)(Open(h.repo, false))
	defer r.Close()
	_, err := r.Verify(context.Background(), true, func(text string) { list = append(list, text) })
	must(h.t, err)
	return list
}
