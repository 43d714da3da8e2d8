package backend

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The model test drives several views of a mailbox with random operations and
// keeps, for each, the picture that a client would have from what it was told.
// Whenever a view has pulled everything its picture must equal a plain model.

type modelMessage struct {
	uid      UID
	flags    Flags
	keywords string
}

type client struct {
	view    *View
	picture []modelMessage
	woken   bool
}

type model struct {
	t       *testing.T
	rnd     *rand.Rand
	account *Account
	boxes   map[string][]modelMessage
	next    map[string]UID
	clients []*client
	log     []string
}

func TestModel(t *testing.T) {
	rounds, seed := 20, uint64(1)
	if s := os.Getenv("SATCHEL_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		rounds, seed = 1, n
	}
	for i := range uint64(rounds) {
		t.Run(fmt.Sprint("seed", seed+i), func(t *testing.T) { runModel(t, seed+i) })
	}
}

func runModel(t *testing.T, seed uint64) {
	_, account := testAccount(t)
	if err := account.Create("Other", ""); err != nil {
		t.Fatal(err)
	}
	m := &model{t: t, rnd: rand.New(rand.NewPCG(seed, 1)), account: account,
		boxes: map[string][]modelMessage{}, next: map[string]UID{"INBOX": 1, "Other": 1}}
	for range 3 {
		m.clients = append(m.clients, m.open())
	}
	steps := []func(){m.append, m.append, m.store, m.store, m.store, m.expunge, m.copy, m.move, m.moveBack, m.pull, m.pull, m.pullAll, m.reopen, m.changed, m.changed}
	for range 120 {
		steps[m.rnd.IntN(len(steps))]()
	}
	m.pullAll()
	if t.Failed() {
		t.Logf("seed %d:\n%s", seed, strings.Join(m.log, "\n"))
	}
}

func (m *model) note(format string, args ...any) { m.log = append(m.log, fmt.Sprintf(format, args...)) }

func (m *model) check(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%v\n%s", err, strings.Join(m.log, "\n"))
	}
}

func (m *model) open() *client {
	c := &client{}
	v, err := m.account.Open("INBOX", false, func() { c.woken = true })
	m.check(err)
	c.view = v
	c.fetch()
	return c
}

// fetch is a client asking for the flags of what it does not know yet.
func (c *client) fetch() {
	have := len(c.picture)
	all := c.view.All()
	for _, r := range c.view.Rows(all, have, all.Len()-have, nil) {
		c.picture = append(c.picture, modelMessage{r.UID, r.Flags, strings.Join(r.Keywords, " ")})
	}
}

// sync is a client hearing what a Pull tells.
func (m *model) sync(c *client, expunge bool) {
	changes := c.view.Pull(expunge)
	if !expunge && len(changes.Expunged) > 0 {
		m.t.Fatal("an expunge was told when none may be")
	}
	for _, seq := range changes.Expunged {
		c.picture = slices.Delete(c.picture, int(seq-1), int(seq))
	}
	if int(changes.Exists) != len(c.view.uids) || !changes.Arrived && len(c.picture) != len(c.view.uids) {
		m.t.Fatalf("EXISTS %d, the client counts %d, arrived %v\n%s", changes.Exists, len(c.picture), changes.Arrived, strings.Join(m.log, "\n"))
	}
	known := len(c.picture)
	c.fetch()
	for _, r := range changes.Flags {
		if int(r.Seq) > known {
			m.t.Fatalf("FETCH %d for a message that the client did not know", r.Seq)
		}
		c.set(r)
	}
}

func (c *client) set(r Row) {
	c.picture[r.Seq-1] = modelMessage{r.UID, r.Flags, strings.Join(r.Keywords, " ")}
}

// changed asks which messages changed after some mod-sequence.
func (m *model) changed() {
	c := m.client()
	sel, _ := m.pick(c)
	since := ModSeq(m.rnd.Uint64N(uint64(c.view.HighestModSeq()) + 3))
	var want []UID
	for _, r := range c.view.Rows(sel, 0, sel.Len(), nil) {
		if r.ModSeq > since {
			want = append(want, r.UID)
		}
	}
	if got := c.view.selected(c.view.ChangedSince(sel, since)); !slices.Equal(got, want) {
		m.t.Fatalf("changed since %d: %v, want %v\n%s", since, got, want, strings.Join(m.log, "\n"))
	}
}

func (m *model) client() *client { return m.clients[m.rnd.IntN(len(m.clients))] }

func (m *model) append() {
	for range 1 + m.rnd.IntN(3) {
		m.note("append")
		_, uids, err := m.account.Append("INBOX", incoming(m.t, m.account, "Subject: x\r\n\r\nbody\r\n"))
		m.check(err)
		m.add("INBOX", modelMessage{uid: uids[0]})
	}
}

func (m *model) add(box string, msg modelMessage) {
	if msg.uid != m.next[box] {
		m.t.Fatalf("%s: UID %d, want %d", box, msg.uid, m.next[box])
	}
	m.next[box]++
	m.boxes[box] = append(m.boxes[box], msg)
}

// pick selects some messages of a client's picture by a random set.
func (m *model) pick(c *client) (Selection, []int) {
	var set []Range
	var places []int
	for i := range c.picture {
		if m.rnd.IntN(3) == 0 {
			set = append(set, Range{uint32(i + 1), uint32(i + 1)})
			places = append(places, i)
		}
	}
	sel, err := c.view.Resolve(set, false)
	m.check(err)
	return sel, places
}

func (m *model) store() {
	c := m.client()
	sel, places := m.pick(c)
	op, flags, silent := StoreOp(m.rnd.IntN(3)), Flags(m.rnd.IntN(32)), m.rnd.IntN(2) == 0
	var keywords []string
	for _, k := range []string{"$one", "two"} {
		if m.rnd.IntN(3) == 0 {
			keywords = append(keywords, k)
		}
	}
	m.note("%p store %v op %d flags %b %v silent %v", c, places, op, flags, keywords, silent)
	req := StoreRequest{Op: op, Flags: flags, Keywords: keywords}
	if m.rnd.IntN(3) == 0 {
		req.Conditional, req.UnchangedSince = true, c.view.HighestModSeq()
	}
	expect := map[UID]bool{} // left alone
	for _, r := range c.view.Rows(sel, 0, sel.Len(), nil) {
		expect[r.UID] = req.Conditional && (r.ModSeq > req.UnchangedSince || find(m.boxes["INBOX"], r.UID) < 0)
	}
	done, err := c.view.Store(sel, req)
	m.check(err)
	left := map[UID]bool{}
	for _, r := range c.view.Rows(done.Modified, 0, done.Modified.Len(), nil) {
		left[r.UID] = true
	}
	change := func(msg *modelMessage) {
		msg.flags, msg.keywords = applyOp(*msg, op, flags, keywords)
	}
	for _, i := range places {
		k := find(m.boxes["INBOX"], c.picture[i].uid)
		if left[c.picture[i].uid] != expect[c.picture[i].uid] {
			m.t.Fatalf("UNCHANGEDSINCE %d: UID %d left alone: %v", req.UnchangedSince, c.picture[i].uid, left[c.picture[i].uid])
		}
		if left[c.picture[i].uid] {
			continue
		}
		change(&c.picture[i]) // what the client expects
		if k >= 0 {
			change(&m.boxes["INBOX"][k])
		}
	}
	if !silent {
		for _, r := range c.view.Rows(sel, 0, sel.Len(), nil) {
			c.set(r)
		}
	}
	m.sync(c, false)
}

func applyOp(msg modelMessage, op StoreOp, flags Flags, keywords []string) (Flags, string) {
	have := strings.Fields(msg.keywords)
	switch op {
	case StoreAdd:
		return msg.flags | flags, keywordText(append(have, keywords...))
	case StoreRemove:
		return msg.flags &^ flags, keywordText(slices.DeleteFunc(have, func(k string) bool { return slices.Contains(keywords, k) }))
	}
	return flags, keywordText(keywords)
}

func find(list []modelMessage, uid UID) int {
	return slices.IndexFunc(list, func(m modelMessage) bool { return m.uid == uid })
}

func (m *model) expunge() {
	c := m.client()
	m.note("%p expunge", c)
	m.check(c.view.Expunge(nil))
	m.boxes["INBOX"] = slices.DeleteFunc(m.boxes["INBOX"], func(x modelMessage) bool { return x.flags&FlagDeleted != 0 })
	m.sync(c, true)
	m.compare(c)
}

func (m *model) copy() { m.transfer(false) }
func (m *model) move() { m.transfer(true) }

func (m *model) transfer(move bool) {
	c := m.client()
	sel, places := m.pick(c)
	m.note("%p transfer %v move %v", c, places, move)
	var res CopyResult
	var err error
	if move {
		res, err = c.view.Move(sel, "Other", false)
	} else {
		res, err = c.view.Copy(sel, "Other", false)
	}
	m.check(err)
	n := 0
	for _, i := range places {
		k := find(m.boxes["INBOX"], c.picture[i].uid)
		if k < 0 {
			continue
		}
		msg := m.boxes["INBOX"][k]
		if res.From[n] != msg.uid {
			m.t.Fatalf("COPYUID %v, want %d at %d", res.From, msg.uid, n)
		}
		msg.uid = res.To[n]
		m.add("Other", msg)
		if move {
			m.boxes["INBOX"] = slices.Delete(m.boxes["INBOX"], k, k+1)
		}
		n++
	}
	if n != len(res.From) {
		m.t.Fatalf("COPYUID %v, want %d", res.From, n)
	}
	m.sync(c, true)
	m.compare(c)
}

// moveBack moves everything from the other mailbox by a view of its own.
func (m *model) moveBack() {
	v, err := m.account.Open("Other", false, func() {})
	m.check(err)
	defer v.Close()
	m.note("move back %d", v.Exists())
	res, err := v.Move(v.All(), "INBOX", true)
	m.check(err)
	for i, msg := range m.boxes["Other"] {
		msg.uid = res.To[i]
		m.add("INBOX", msg)
	}
	m.boxes["Other"] = nil
}

func (m *model) pull() {
	c := m.client()
	expunge := m.rnd.IntN(2) == 0
	m.note("%p pull %v", c, expunge)
	m.sync(c, expunge)
	if expunge {
		m.compare(c)
	}
}

func (m *model) pullAll() {
	m.note("pull all")
	for _, c := range m.clients {
		m.sync(c, true)
		m.compare(c)
	}
}

func (m *model) reopen() {
	i := m.rnd.IntN(len(m.clients))
	m.note("%p reopen", m.clients[i])
	m.clients[i].view.Close()
	m.clients[i] = m.open()
	m.compare(m.clients[i])
}

func (m *model) compare(c *client) {
	m.t.Helper()
	if !slices.Equal(c.picture, m.boxes["INBOX"]) {
		m.t.Fatalf("%p sees\n%v, want\n%v\n%s", c, c.picture, m.boxes["INBOX"], strings.Join(m.log, "\n"))
	}
	st, err := m.account.Status("INBOX")
	m.check(err)
	var unseen, deleted uint32
	for _, msg := range m.boxes["INBOX"] {
		unseen += uint32(bit(msg.flags, FlagSeen, false))
		deleted += uint32(bit(msg.flags, FlagDeleted, true))
	}
	if int(st.Messages) != len(m.boxes["INBOX"]) || st.Unseen != unseen || st.Deleted != deleted || st.UIDNext != m.next["INBOX"] {
		m.t.Fatalf("STATUS %+v, want %d messages, %d unseen, %d deleted\n%s", st, len(m.boxes["INBOX"]), unseen, deleted, strings.Join(m.log, "\n"))
	}
}
