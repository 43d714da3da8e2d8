package backend

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// What clients have been shown, here and at the servers that mail comes from, while
// imports that keep UIDs are broken off anywhere and mail comes in otherwise: no UID
// may ever name another message. Each step is at most one commit, so that looking
// after each is looking at whatever a kill may leave.

// shownUID is all that a client knows a message by.
type shownUID struct {
	mailbox  string
	validity uint32
	uid      UID
}

// oldFolder is a folder of another server.
type oldFolder struct {
	Numbering
	name    string // "": none of its clients goes on here
	mailbox string // where it goes; drawn anew when that is ""
}

func (f *oldFolder) message(uid UID) string { return fmt.Sprintf("%s/%d", f.Source, uid) }

type importModel struct {
	t       *testing.T
	rnd     *rand.Rand
	backend *Backend
	account *Account
	old     []*oldFolder
	shown   map[shownUID]string
	next    map[shownUID]UID // the UIDNEXT told, of UID 0
	letters int
	log     []string
}

func TestImportModel(t *testing.T) {
	for seed := range uint64(24) {
		t.Run(fmt.Sprint("seed", seed), func(t *testing.T) { runImportModel(t, seed) })
	}
}

func runImportModel(t *testing.T, seed uint64) {
	m := &importModel{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), shown: map[shownUID]string{}, next: map[shownUID]UID{}}
	m.backend, m.account = testAccount(t)
	steps := []func(){m.adoptAny, m.bring, m.bring, m.bring, m.deliver, m.copy, m.expunge, m.finish, m.grow}
	if seed%2 == 0 { // the clients of two folders go on here
		m.old = []*oldFolder{{name: "INBOX", mailbox: "INBOX"}, {name: "Old", mailbox: "Old"}, {mailbox: "INBOX"}}
	} else {
		m.old = []*oldFolder{{}, {}, {}}
		steps = append(steps, m.move, m.remove)
	}
	for i, f := range m.old {
		f.Numbering = Numbering{Source: fmt.Sprint("old", i), UIDValidity: 1000, UIDNext: 4}
		if f.name != "" {
			m.tell(f)
			m.adopt(f)
		}
	}
	for range 60 {
		steps[m.rnd.IntN(len(steps))]()
		m.look()
	}
	if t.Failed() {
		t.Logf("%q", m.log)
	}
}

func (m *importModel) note(format string, args ...any) {
	m.log = append(m.log, fmt.Sprintf(format, args...))
}

// tell shows all that a folder has had to its clients there.
func (m *importModel) tell(f *oldFolder) {
	for uid := range f.UIDNext {
		m.shown[shownUID{f.name, f.UIDValidity, uid}] = f.message(uid)
	}
}

func (m *importModel) grow() {
	f := m.folder()
	f.UIDNext += UID(1 + m.rnd.IntN(3))
	if f.name != "" {
		m.tell(f)
	}
}

func (m *importModel) folder() *oldFolder { return m.old[m.rnd.IntN(len(m.old))] }

func (m *importModel) mailbox() string { return []string{"INBOX", "Old", "Other"}[m.rnd.IntN(3)] }

// target is where a folder's messages go; it is made if need be.
func (m *importModel) target(f *oldFolder) string {
	name := f.mailbox
	if name == "" {
		name = m.mailbox()
	}
	return m.made(name)
}

func (m *importModel) made(name string) string {
	if _, err := m.account.Status(name); err != nil {
		try(m.t, m.account.Create(name, ""))
	}
	return name
}

func (m *importModel) adoptAny() { m.adopt(m.folder()) }

func (m *importModel) adopt(f *oldFolder) {
	name := m.target(f)
	kept, err := m.account.AdoptUIDs(name, f.Numbering)
	m.note("%s adopts %v: %v", name, f.Numbering, kept)
	try(m.t, err)
}

// bring stores a few messages of a folder that have not come to that mailbox, as a rule in order.
func (m *importModel) bring() {
	f := m.folder()
	name, uid := m.target(f), UID(1)
	b := &Batch{From: f.Numbering}
	defer b.Close()
	for range 1 + m.rnd.IntN(3) {
		if uid += UID(m.rnd.IntN(2)); uid >= f.UIDNext || m.rnd.IntN(9) == 0 {
			uid = UID(1 + m.rnd.IntN(int(f.UIDNext-1)))
		}
		in := &Incoming{Body: spoolOf(m.t, m.backend, f.message(uid)), UID: uid, ImportKey: []byte(f.message(uid))}
		b.Add(in)
		uid++
	}
	uids, err := m.account.AppendBatch(name, b)
	m.note("%s gets up to %d of %v as %v", name, uid-1, f.Numbering, uids)
	try(m.t, err)
}

func (m *importModel) deliver() {
	name := m.made(m.mailbox())
	m.letters++
	_, uids, err := m.account.Append(name, incoming(m.t, m.account, fmt.Sprint("letter ", m.letters)))
	m.note("%s gets a letter as %v", name, uids)
	try(m.t, err)
}

func (m *importModel) copy() {
	from, to := m.made(m.mailbox()), m.made(m.mailbox())
	v := open(m.t, m.account, from, false)
	defer v.Close()
	got, err := v.Copy(v.All(), to, false)
	m.note("%s gets all of %s as %v", to, from, got)
	try(m.t, err)
}

func (m *importModel) expunge() {
	v := open(m.t, m.account, m.made(m.mailbox()), false)
	defer v.Close()
	if v.Exists() == 0 {
		return
	}
	s, _ := v.Resolve([]Range{{1, uint32(1 + m.rnd.IntN(int(v.Exists())))}}, false)
	_, err := v.Store(s, StoreRequest{Op: StoreAdd, Flags: FlagDeleted})
	try(m.t, err, v.Expunge(nil))
	m.note("%s has lost some", v.Name())
}

func (m *importModel) finish() {
	f := m.folder()
	name := m.target(f)
	m.note("%s has all of %v", name, f.Numbering)
	try(m.t, m.account.AdoptUIDNext(name, f.Numbering))
}

func (m *importModel) move() {
	from, to := m.mailbox(), m.mailbox()
	if from == "INBOX" || m.account.Rename(from, to) != nil {
		return
	}
	m.note("%s is called %s", from, to)
}

func (m *importModel) remove() {
	name := m.mailbox()
	if name != "INBOX" && m.account.Delete(name) == nil {
		m.note("%s is gone", name)
	}
}

// look looks at all mailboxes as a client does.
func (m *importModel) look() {
	m.t.Helper()
	for _, info := range m.account.List() {
		st, err := m.account.Status(info.Name)
		try(m.t, err)
		box := shownUID{info.Name, st.UIDValidity, 0}
		told := m.next[box]
		if st.UIDNext < told {
			m.t.Errorf("%v: UIDNEXT %d after %d", box, st.UIDNext, told)
		}
		m.next[box] = st.UIDNext
		for uid, text := range m.messages(info.Name) {
			key := shownUID{info.Name, st.UIDValidity, uid}
			was, known := m.shown[key]
			if known && was != text {
				m.t.Errorf("step %d: %v is %q, was %q", len(m.log), key, text, was)
			}
			if !known && uid < told {
				m.t.Errorf("step %d: %v is new, but UIDNEXT was %d", len(m.log), key, told)
			}
			m.shown[key] = text
		}
	}
}

func (m *importModel) messages(mailbox string) map[UID]string {
	v := open(m.t, m.account, mailbox, true)
	defer v.Close()
	rows := v.Rows(v.All(), 0, int(v.Exists()), nil)
	msgs, err := v.Messages(rows, ColHeader, nil)
	try(m.t, err)
	texts := map[UID]string{}
	for i := range rows {
		texts[rows[i].UID] = string(msgs[i].Header)
	}
	return texts
}
