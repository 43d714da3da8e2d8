package server

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mirror is a mail client that keeps a copy of INBOX across connections. It knows
// of the server what it is told on its socket, and fails its test when it is told
// something that cannot be.
type mirror struct {
	t    *testing.T
	srv  *testServer
	name string
	way  way
	rng  *rand.Rand
	conn *client // nil: it is offline
	tag  int
	sent string   // the command that runs
	log  []string // what both said lately

	validity, modseq uint64            // as of the last time that it was up to date
	highest          uint64            // the highest mod-sequence told since
	complete         uint64            // all that happened up to here was told once
	exists           int               // as told
	uids             []uint32          // by sequence number; 0 is a message that is not known yet
	learned          uint32            // all messages up to this UID were known once
	flags            map[uint32]string // by UID, in alphabetical order
	modseqs          map[uint32]uint64 // by UID
	selecting        bool              // the copy is being brought up to date
	pairs            [][2]int          // number and UID of what was fetched meanwhile
	idling           bool
	away             bool     // another mailbox is selected, or none
	found            []uint32 // by SEARCH
}

// way is what a client switches on, and how it catches up.
type way struct {
	name, enable                string
	condstore, qresync, uidonly bool
	resync                      func(m *mirror)
}

func (m *mirror) fail(format string, args ...any) {
	m.t.Helper()
	m.t.Fatalf("%s: %s\n%s", m.name, fmt.Sprintf(format, args...), strings.Join(m.log, "\n"))
}

func (m *mirror) note(who, line string) {
	m.log = append(m.log, who+strings.TrimSuffix(line, "\r\n"))
	m.log = m.log[max(0, len(m.log)-60):]
}

// run sends a command and takes in what comes, up to its end, which must be OK.
func (m *mirror) run(format string, args ...any) {
	m.t.Helper()
	m.start(format, args...)
	m.finish()
}

func (m *mirror) start(format string, args ...any) {
	m.t.Helper()
	m.tag++
	m.sent = fmt.Sprintf(format, args...)
	m.note("C: ", m.sent)
	m.conn.say(m.t, fmt.Sprintf("t%d %s", m.tag, m.sent))
}

// finish reads up to the tagged line. RFC 7162, 5: then the highest mod-sequence
// that was told is the one to come back with, unless HIGHESTMODSEQ took it back.
func (m *mirror) finish() {
	m.t.Helper()
	prefix := fmt.Sprintf("t%d ", m.tag)
	for {
		line, err := m.conn.in.ReadString('\n')
		if m.note("S: ", line); err != nil {
			m.fail("%v", err)
		}
		if status, ok := strings.CutPrefix(line, prefix); ok {
			if !m.away {
				m.untaggedOK(status)
			}
			if !ending.MatchString(status) {
				m.fail("want OK")
			}
			break
		}
		m.receive(line)
	}
	m.modseq = m.highest
}

var (
	ending      = regexp.MustCompile(`^(OK|NO \[(MODIFIED [0-9:,]+|EXPUNGEISSUED)\]) `) // RFC 7162, 3.1.3; RFC 2180, 4.2
	countLine   = regexp.MustCompile(`^\* ([0-9]+) (EXISTS|RECENT|EXPUNGE)\r\n$`)
	fetchLine   = regexp.MustCompile(`^\* ([0-9]+) (UID)?FETCH \((.*)\)\r\n$`)
	uidItemText = regexp.MustCompile(`\bUID ([0-9]+)`)
	flagsText   = regexp.MustCompile(`\bFLAGS \(([^)]*)\)`)
	modseqText  = regexp.MustCompile(`\bMODSEQ \(([0-9]+)\)`)
	goneLine    = regexp.MustCompile(`^\* VANISHED (\(EARLIER\) )?([0-9:,]+)\r\n$`)
	highestCode = regexp.MustCompile(`^OK \[HIGHESTMODSEQ ([0-9]+)\]`)
	validCode   = regexp.MustCompile(`^OK \[UIDVALIDITY ([0-9]+)\]`)
)

func number(s string) uint64 {
	n, _ := strconv.ParseUint(s, 10, 64)
	return n
}

// receive takes an untagged line in.
func (m *mirror) receive(line string) {
	m.t.Helper()
	if m.away {
		return
	}
	if c := countLine.FindStringSubmatch(line); c != nil {
		m.count(int(number(c[1])), c[2])
	} else if f := fetchLine.FindStringSubmatch(line); f != nil {
		m.fetched(int(number(f[1])), f[2] != "", f[3])
	} else if v := goneLine.FindStringSubmatch(line); v != nil {
		m.vanished(v[1] != "", v[2])
	} else if ok, is := strings.CutPrefix(line, "* OK "); is {
		m.untaggedOK("OK " + ok)
	} else if list, is := strings.CutPrefix(line, "* SEARCH"); is {
		m.found = nil
		for _, word := range strings.Fields(list) {
			m.found = append(m.found, uint32(number(word)))
		}
	} else if !strings.HasPrefix(line, "* FLAGS ") && !strings.HasPrefix(line, "* ENABLED ") && !strings.HasPrefix(line, "* BYE ") {
		m.fail("not understood")
	}
}

// untaggedOK takes response codes in.
func (m *mirror) untaggedOK(line string) {
	m.t.Helper()
	if c := highestCode.FindStringSubmatch(line); c != nil {
		if m.highest = number(c[1]); m.highest < max(m.complete, 1) {
			m.fail("everything was told up to %d already", m.complete)
		}
	}
	if c := validCode.FindStringSubmatch(line); c != nil {
		if m.validity != 0 && m.validity != number(c[1]) {
			m.fail("UIDVALIDITY was %d", m.validity)
		}
		m.validity = number(c[1])
	}
}

func (m *mirror) count(n int, what string) {
	m.t.Helper()
	switch {
	case what == "EXISTS":
		m.exists = n
		if m.selecting {
			return
		}
		if n < len(m.uids) {
			m.fail("%d EXISTS, of %d, without an expunge", n, len(m.uids))
		}
		m.uids = append(m.uids, make([]uint32, n-len(m.uids))...)
	case what == "EXPUNGE" && (m.way.qresync || m.way.uidonly), what == "EXPUNGE" && n > len(m.uids):
		m.fail("wrong EXPUNGE")
	case what == "EXPUNGE":
		m.drop(n - 1)
	}
}

// place is placeOf for a client that may have no numbers, and so no order.
func (m *mirror) place(uid uint32) int {
	if m.way.uidonly && !slices.Contains(m.uids, uid) {
		return slices.Index(m.uids, 0)
	}
	return placeOf(m.uids, uid)
}

// placeOf finds a message among UIDs in ascending order, 0 where one is not known
// yet: there it may be, too. It is -1 if there is no place for it.
func placeOf(uids []uint32, uid uint32) int {
	if i := slices.Index(uids, uid); i >= 0 {
		return i
	}
	after := 0
	for i, have := range uids {
		if have != 0 && have < uid {
			after = i + 1
		}
	}
	if after < len(uids) && uids[after] == 0 {
		return after
	}
	return -1
}

// drop forgets the message at a place.
func (m *mirror) drop(place int) {
	delete(m.flags, m.uids[place])
	delete(m.modseqs, m.uids[place])
	m.uids = slices.Delete(m.uids, place, place+1)
	m.exists = len(m.uids)
}

func (m *mirror) vanished(earlier bool, set string) {
	m.t.Helper()
	if !m.way.qresync && !m.way.uidonly {
		m.fail("VANISHED was not switched on")
	}
	for _, word := range strings.Fields(spelledOut(set)) {
		uid := uint32(number(word))
		if earlier { // of messages that may never have been known
			delete(m.flags, uid)
			delete(m.modseqs, uid)
			if i := slices.Index(m.uids, uid); !m.selecting && i >= 0 {
				m.fail("(EARLIER) for an expunge that has just been found out")
			}
			continue
		}
		place := m.place(uid)
		if place < 0 || m.selecting {
			m.fail("VANISHED %d, of %v", uid, m.uids)
		}
		m.drop(place)
	}
}

// fetched takes one message's data in.
func (m *mirror) fetched(n int, byUID bool, items string) {
	m.t.Helper()
	if byUID != m.way.uidonly {
		m.fail("FETCH and UIDFETCH mixed up")
	}
	uid := uint32(n)
	if !byUID {
		uid = m.uidOf(n, items)
	} else if i := m.place(uid); i >= 0 {
		m.uids[i] = uid
	} else if !m.selecting {
		m.fail("%d is not in %v", uid, m.uids)
	}
	asked := strings.Contains(m.sent, "FETCH")
	if c := modseqText.FindStringSubmatch(items); c != nil {
		if number(c[1]) < m.modseqs[uid] {
			m.fail("the mod-sequence of %d went back from %d", uid, m.modseqs[uid])
		}
		m.modseqs[uid] = number(c[1])
		m.highest = max(m.highest, number(c[1]))
	} else if m.way.condstore && !asked {
		m.fail("no MODSEQ")
	}
	if f := flagsText.FindStringSubmatch(items); f != nil {
		m.flags[uid] = inOrder(f[1])
	}
}

// uidOf finds out whose data FETCH gives.
func (m *mirror) uidOf(n int, items string) uint32 {
	m.t.Helper()
	c := uidItemText.FindStringSubmatch(items)
	if m.selecting {
		if c == nil {
			m.fail("no UID")
		}
		m.pairs = append(m.pairs, [2]int{n, int(number(c[1]))})
		return uint32(number(c[1]))
	}
	if n < 1 || n > len(m.uids) {
		m.fail("there are only %d messages", len(m.uids))
	}
	if c == nil {
		if m.way.qresync && !strings.Contains(m.sent, "FETCH") || m.uids[n-1] == 0 {
			m.fail("no UID")
		}
		return m.uids[n-1]
	}
	uid := uint32(number(c[1]))
	if m.uids[n-1] != 0 && m.uids[n-1] != uid {
		m.fail("number %d is UID %d", n, m.uids[n-1])
	}
	m.uids[n-1] = uid
	return uid
}

// inOrder sorts flags. \Recent is nothing that a copy could keep.
func inOrder(flags string) string {
	list := slices.DeleteFunc(strings.Fields(flags), func(f string) bool { return f == `\Recent` })
	slices.Sort(list)
	return strings.Join(list, " ")
}

// settle ends selecting: the numbers that came with it must be those that follow
// from the UIDs.
func (m *mirror) settle() {
	m.t.Helper()
	m.selecting = false
	m.uids = slices.Sorted(maps.Keys(m.flags))
	if len(m.uids) != m.exists {
		m.fail("%d EXISTS, but the copy has %v", m.exists, m.uids)
	}
	for _, p := range m.pairs {
		if p[0] > len(m.uids) || m.uids[p[0]-1] != uint32(p[1]) {
			m.fail("number %d is not UID %d in %v", p[0], p[1], m.uids)
		}
	}
	m.pairs, m.complete = nil, m.highest
	m.learned = slices.Max(append(m.uids, m.learned))
}

// learn fetches the messages that the client was only told the number of.
func (m *mirror) learn() {
	m.t.Helper()
	if !slices.Contains(m.uids, 0) {
		return
	}
	m.run("UID FETCH %d:* (FLAGS)", m.learned+1)
	if m.way.uidonly {
		m.uids = slices.Sorted(maps.Keys(m.flags))
	}
	if slices.Contains(m.uids, 0) || !slices.IsSorted(m.uids) || len(m.uids) != m.exists {
		m.fail("%d EXISTS, and these are known: %v", m.exists, m.uids)
	}
	m.learned = slices.Max(append(m.uids, m.learned))
}
