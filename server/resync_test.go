package server

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The ways in which clients keep a copy of a mailbox: everything again; mutt's,
// iOS's and Thunderbird's use of mod-sequences; RFC 7162, 3.2.5; RFC 9586.
var ways = []way{
	{"plain", "", false, false, false, (*mirror).everything},
	{"condstore", "CONDSTORE", true, false, false, (*mirror).changedSince},
	{"vanished", "QRESYNC", true, true, false, (*mirror).changedVanished},
	{"qresync", "QRESYNC", true, true, false, (*mirror).quick},
	{"qresync2", "QRESYNC CONDSTORE", true, true, false, (*mirror).quick},
	{"uidonly", "UIDONLY", false, false, true, (*mirror).everything},
	{"uidonly-condstore", "UIDONLY CONDSTORE", true, false, true, (*mirror).changedSince},
	{"uidonly-qresync", "QRESYNC UIDONLY", true, true, true, (*mirror).quick},
}

// TestResync drives clients of every way at random against one mailbox. They
// change it, idle, lose their connection, miss what others do, and catch up; then
// their copy must be the mailbox. SATCHEL_RESYNC is for how long (2s), SATCHEL_SEED
// begins with a certain seed.
func TestResync(t *testing.T) {
	seed, _ := strconv.ParseUint(os.Getenv("SATCHEL_SEED"), 10, 64)
	if seed == 0 {
		seed = rand.Uint64() >> 32
	}
	long, err := time.ParseDuration(os.Getenv("SATCHEL_RESYNC"))
	if err != nil {
		long = 2 * time.Second
	}
	for end := time.Now().Add(long); ; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			for range 250 {
				w.step()
			}
			for _, m := range w.mirrors {
				w.upToDate(m)
			}
		})
		if t.Failed() || time.Now().After(end) {
			return
		}
	}
}

// world is the clients and their server.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	srv     *testServer
	mirrors []*mirror
	witness *mirror // reads the truth
}

func newWorld(t *testing.T, seed uint64) *world {
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 0)), srv: startServer(t)}
	w.witness = w.mirror(ways[0])
	for _, way := range ways {
		w.mirrors = append(w.mirrors, w.mirror(way))
	}
	return w
}

func (w *world) mirror(way way) *mirror {
	return &mirror{t: w.t, srv: w.srv, rng: w.rng, name: way.name, way: way, flags: map[uint32]string{}, modseqs: map[uint32]uint64{}}
}

// step is one thing that happens to one client.
func (w *world) step() {
	m := w.mirrors[w.rng.IntN(len(w.mirrors))]
	switch n := w.rng.IntN(13); {
	case w.rng.IntN(100) == 0:
		w.restart()
	case m.conn == nil:
		m.connect()
		w.compare(m)
	case n == 0:
		m.conn.Close() // without a word, in IDLE perhaps
		m.conn, m.idling = nil, false
	case n == 1:
		m.awake()
		m.run("LOGOUT")
		m.conn.Close()
		m.conn = nil
	case n == 2:
		m.awake()
		m.start("IDLE")
		m.idling = true
		m.conn.want(m.t, "+ ")
	case n == 3:
		w.upToDate(m)
	case n == 4:
		message := fmt.Appendf(nil, "Subject: %d\r\n\r\ntext\r\n", w.rng.Uint32())
		if err := w.srv.deliver(w.t, testUser, "INBOX", message); err != nil {
			w.t.Fatal(err)
		}
	case n == 5:
		m.awake()
		m.leave()
		w.compare(m)
	default:
		m.awake()
		w.change(m)
		m.learn()
	}
}

// restart stops the server and starts it again, with nobody connected.
func (w *world) restart() {
	w.srv.finish(w.t)
	for _, m := range append(w.mirrors, w.witness) {
		if m.conn != nil {
			m.conn.Close()
		}
		m.conn, m.idling = nil, false
	}
	w.srv.start(w.t)
}

// upToDate brings a client up to date and compares.
func (w *world) upToDate(m *mirror) {
	if m.conn == nil {
		m.connect()
	} else {
		m.awake()
		m.run("NOOP")
		m.complete = m.highest
		m.learn()
	}
	w.compare(m)
}

// compare holds a client's copy against what another one reads afresh.
func (w *world) compare(m *mirror) {
	w.t.Helper()
	if w.witness.conn == nil {
		w.witness.connect()
	} else {
		w.witness.everything()
		w.witness.settle()
	}
	if !maps.Equal(m.flags, w.witness.flags) {
		m.fail("the copy is\n%v\nthe mailbox is\n%v", m.flags, w.witness.flags)
	}
}

// change is one command that changes the mailbox, as the client sees it.
func (w *world) change(m *mirror) {
	flag := []string{`\Seen`, `\Flagged`, `\Answered`, "$Label1", "Own"}[w.rng.IntN(5)]
	silent := []string{"", ".SILENT"}[w.rng.IntN(2)]
	set := m.some()
	switch n := w.rng.IntN(9); {
	case n == 0:
		m.run("UID MOVE %s Archive", set)
	case n == 1:
		m.run("UID COPY %s INBOX", set)
	case n == 2:
		m.run(`UID STORE %s +FLAGS.SILENT (\Deleted)`, set)
		m.run("UID EXPUNGE %s", set)
	case n == 3:
		m.run(`UID STORE %s +FLAGS (\Deleted)`, set)
		m.run("EXPUNGE")
	case n == 4 && m.way.condstore:
		m.conditional(set, flag)
	case n == 5 && !m.way.uidonly && len(m.uids) > 0:
		m.run("STORE %d:* +FLAGS%s (%s)", 1+w.rng.IntN(len(m.uids)), silent, flag)
	case n == 6 && !m.way.uidonly && len(m.uids) > 0:
		m.run("FETCH %d:* (FLAGS)", 1+w.rng.IntN(len(m.uids)))
	case n == 7:
		m.run("UID STORE %s FLAGS%s (%s)", set, silent, flag)
	default:
		m.run("UID STORE %s %sFLAGS%s (%s)", set, []string{"+", "-"}[w.rng.IntN(2)], silent, flag)
	}
	if silent != "" { // RFC 3501, 6.4.6: the client knows without being told, or asks
		m.run("UID FETCH 1:* (FLAGS)")
	}
}

// conditional is RFC 7162, 3.1.3.
func (m *mirror) conditional(set, flag string) {
	m.run("UID STORE %s (UNCHANGEDSINCE %d) +FLAGS (%s)", set, m.modseq, flag)
}

// some is a set of UIDs that the client knows, or of one that nobody does.
func (m *mirror) some() string {
	var words []string
	for _, uid := range m.uids {
		if uid != 0 && m.rng.IntN(4) == 0 {
			words = append(words, fmt.Sprint(uid))
		}
	}
	if len(words) == 0 {
		return "4000000000"
	}
	return strings.Join(words, ",")
}

// connect logs in, switches on and catches up.
func (m *mirror) connect() {
	m.t.Helper()
	m.conn = loginClient(m.t, m.srv, "imap")
	m.note("-- ", "connected")
	if m.way.enable != "" {
		m.run("ENABLE %s", m.way.enable)
	}
	m.catchUp()
}

// catchUp opens the mailbox and makes the copy like it.
func (m *mirror) catchUp() {
	m.t.Helper()
	if m.validity == 0 {
		m.everything()
	} else {
		m.way.resync(m)
	}
	m.settle()
}

// leave closes the mailbox or opens another, which tells nothing of it, and comes
// back.
func (m *mirror) leave() {
	m.t.Helper()
	known := m.modseq
	m.away = true
	m.run("%s", []string{"UNSELECT", "CLOSE", "SELECT Archive", "EXAMINE INBOX"}[m.rng.IntN(4)])
	m.away, m.modseq, m.highest = false, known, known
	m.catchUp()
}

// awake ends IDLE.
func (m *mirror) awake() {
	m.t.Helper()
	if !m.idling {
		return
	}
	m.idling = false
	m.conn.say(m.t, "DONE")
	m.finish()
	m.learn()
}

// selectBox begins to catch up.
func (m *mirror) selectBox(parameters string) {
	m.t.Helper()
	m.selecting = true
	m.run("SELECT INBOX%s", parameters)
}

// everything forgets the copy and makes a new one.
func (m *mirror) everything() {
	m.t.Helper()
	clear(m.flags)
	clear(m.modseqs)
	m.selectBox("")
	if m.exists > 0 {
		m.run("UID FETCH 1:* (FLAGS)")
	}
}

// changedSince fetches the flags that changed, 0 for all as iOS does, and finds
// out with a search what is gone.
func (m *mirror) changedSince() {
	m.t.Helper()
	since := m.modseq
	m.selectBox([]string{"", " (CONDSTORE)"}[m.rng.IntN(2)])
	if m.rng.IntN(5) == 0 {
		since = 0
	}
	m.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)", since)
	m.run("UID SEARCH ALL")
	maps.DeleteFunc(m.flags, func(uid uint32, _ string) bool { return !slices.Contains(m.found, uid) })
}

// changedVanished is mutt's way, RFC 7162, 3.2.6.
func (m *mirror) changedVanished() {
	m.t.Helper()
	since := m.modseq
	m.selectBox(" (CONDSTORE)")
	m.run("UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d VANISHED)", since)
}

// quick is RFC 7162, 3.2.5, with and without the parameters that may be left out.
// RFC 7162, 3.2.5.1: of other UIDs than those it names the client need not be told.
func (m *mirror) quick() {
	m.t.Helper()
	if m.rng.IntN(3) == 0 {
		m.selectBox(fmt.Sprintf(" (QRESYNC (%d %d))", m.validity, m.modseq))
		return
	}
	all := slices.Sorted(maps.Keys(m.flags))
	if len(all) == 0 {
		m.everything()
		return
	}
	last, matches := all[len(all)-1], m.matches(all)
	known := fmt.Sprintf("1:%d", last)
	if m.rng.IntN(2) == 0 {
		m.forgetSome()
		known = joined32(slices.Sorted(maps.Keys(m.flags)))
	}
	m.selectBox(fmt.Sprintf(" (QRESYNC (%d %d %s%s))", m.validity, m.modseq, cmp.Or(known, "1"), matches))
	m.run("UID SEARCH ALL")
	for uid := range m.flags {
		if !slices.Contains(m.found, uid) {
			m.fail("UID %d is gone, which was not told", uid)
		}
	}
	if m.found = slices.DeleteFunc(m.found, func(uid uint32) bool { _, known := m.flags[uid]; return known }); len(m.found) > 0 {
		m.run("UID FETCH %s (FLAGS)", joined32(m.found))
	}
}

// forgetSome makes the copy one of a part of the mailbox.
func (m *mirror) forgetSome() {
	for uid := range m.flags {
		if m.rng.IntN(4) == 0 {
			delete(m.flags, uid)
		}
	}
}

// matches is sequence match data: some numbers, and the UIDs they had.
func (m *mirror) matches(known []uint32) string {
	var seqs, uids []uint32
	for i, uid := range known {
		if m.rng.IntN(3) == 0 && i < len(m.uids) && m.uids[i] == uid {
			seqs, uids = append(seqs, uint32(i+1)), append(uids, uid)
		}
	}
	if len(seqs) == 0 || m.way.uidonly {
		return ""
	}
	return fmt.Sprintf(" (%s %s)", joined32(seqs), joined32(uids))
}

func joined32(list []uint32) string {
	var words []string
	for _, n := range list {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, ",")
}
