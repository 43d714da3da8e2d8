package proof

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// ledger is what the server has acknowledged: Message-ID to UID, or to 0 when
// the answer did not tell the UID (LMTP).
type ledger struct {
	mu    sync.Mutex
	uid   map[string]int64
	shelf map[string]*shelved
	news  chan struct{} // has room for one
}

func newLedger() *ledger {
	return &ledger{uid: map[string]int64{}, shelf: map[string]*shelved{}, news: make(chan struct{}, 1)}
}

func (l *ledger) messages() int { return len(l.uid) + len(l.shelf) }

func (l *ledger) note(id string, uid int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.uid[id] = uid
	select {
	case l.news <- struct{}{}:
	default:
	}
}

func letter(id string) string {
	return "From: ben@example.org\r\nSubject: " + id + "\r\nMessage-ID: <" + id + ">\r\n\r\n" +
		strings.Repeat("Some text of a letter that is not very long.\r\n", 40) + "This is " + id + ".\r\n"
}

// roundsEach is how often one data folder goes through it: what crashes in one of them, and what that leaves, is looked
// at with all the mail that is there.
const roundsEach = 6

// TestCrash kills the server amid deliveries, APPENDs, and changes, SATCHEL_CRASHES times, and checks each time that
// what it acknowledged is there, under the UID it told, that UIDVALIDITY stays, that searches find it with what there is
// of the index, and that the files are sound.
func TestCrash(t *testing.T) {
	t.Parallel()
	rounds, total := crashes(t, 3, 1), 0
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	for done := 0; done < rounds; done += roundsEach {
		total += crash(t, rnd, min(roundsEach, rounds-done))
	}
	t.Logf("%d crashes, %d messages acknowledged, none lost", rounds, total)
	if total < rounds {
		t.Error("too few deliveries to mean anything")
	}
}

// crash kills servers of a new data folder, and returns how many messages they acknowledged.
func crash(t *testing.T, rnd *rand.Rand, rounds int) int {
	t.Helper()
	data, acked := newData(t), newLedger()
	var validity int64
	for round := range rounds {
		p := start(t, data)
		select {
		case <-acked.news: // of the round before
		default:
		}
		crowd := load(p, round, acked)
		<-acked.news // on a busy machine the first one takes its time
		<-time.After(time.Duration(30+rnd.IntN(300)) * time.Millisecond)
		p.kill()
		crowd.Wait()

		p = start(t, data)
		c := login(t, p, user)
		if v := c.status(t, "INBOX", "UIDVALIDITY"); round > 0 && v != validity {
			t.Fatalf("round %d: UIDVALIDITY was %d, is %d", round, validity, v)
		} else {
			validity = v
		}
		compare(t, c, acked)
		compareSearches(t, c)
		checkIndex(t, data)
		compareSearches(t, c)
		p.stop(t)
		satchel(t, "", "check", "--data", data)
	}
	return acked.messages()
}

// crashes is a share of SATCHEL_CRASHES, or few.
func crashes(t *testing.T, few, share int) int {
	t.Helper()
	s := os.Getenv("SATCHEL_CRASHES")
	if s == "" {
		return few
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return (n + share - 1) / share
}

// load delivers from four LMTP and four IMAP connections, and shelves from two, until they break.
func load(p *program, round int, acked *ledger) *sync.WaitGroup {
	var crowd sync.WaitGroup
	for i := range 4 {
		crowd.Go(func() { deliverAll(p, fmt.Sprintf("%d.%d.lmtp@example.org", round, i), acked) })
		crowd.Go(func() { appendAll(p, fmt.Sprintf("%d.%d.imap@example.org", round, i), acked) })
	}
	for i := range 2 {
		crowd.Go(func() { shelve(p, fmt.Sprintf("%d.%d.shelf@example.org", round, i), acked) })
	}
	return &crowd
}

func deliverAll(p *program, suffix string, acked *ledger) {
	c, err := lmtp(p.lmtp)
	if err != nil {
		return
	}
	defer c.Close()
	for n := 0; ; n++ {
		id := fmt.Sprintf("%d.%s", n, suffix)
		r, err := c.deliver(user, letter(id))
		if err != nil || !strings.HasPrefix(r, "250") {
			return
		}
		acked.note(id, 0)
	}
}

var appendUID = regexp.MustCompile(`^OK \[APPENDUID \d+ (\d+)\]`)

func appendAll(p *program, suffix string, acked *ledger) {
	c, err := enter(p)
	if err != nil {
		return
	}
	defer c.Close()
	for n := 0; ; n++ {
		id := fmt.Sprintf("%d.%s", n, suffix)
		status, err := c.append(letter(id))
		m := appendUID.FindStringSubmatch(status)
		if err != nil || m == nil {
			return
		}
		uid, _ := strconv.ParseInt(m[1], 10, 64)
		acked.note(id, uid)
	}
}

var (
	uidItem   = regexp.MustCompile(`UID (\d+)`)
	sizeItem  = regexp.MustCompile(`RFC822\.SIZE (\d+)`)
	messageID = regexp.MustCompile(`(?i)Message-ID: <([^>]*)>`)
)

// compare looks at every message of INBOX, and leaves it selected: each acknowledged one is there once, whole, and under
// the UID that was told. Those that were shelved are as they should be.
func compare(t *testing.T, c *client, acked *ledger) {
	t.Helper()
	compareShelf(t, c, acked)
	if c.exists(t, "INBOX") == 0 {
		if len(acked.uid) > 0 {
			t.Fatalf("INBOX is empty, %d were acknowledged", len(acked.uid))
		}
		return
	}
	seen := map[string]int64{}
	for _, r := range c.must(t, "UID FETCH 1:* (UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (Message-ID)])") {
		id, uid, size := messageID.FindStringSubmatch(r), uidItem.FindStringSubmatch(r), sizeItem.FindStringSubmatch(r)
		if id == nil || uid == nil || size == nil {
			continue
		}
		if seen[id[1]] != 0 {
			t.Errorf("%s is there twice", id[1])
		}
		seen[id[1]], _ = strconv.ParseInt(uid[1], 10, 64)
		if n, _ := strconv.Atoi(size[1]); strings.HasSuffix(id[1], "@example.org") && n < len(letter(id[1])) {
			t.Errorf("%s has %d bytes, was sent with %d", id[1], n, len(letter(id[1])))
		}
	}
	for id, uid := range acked.uid {
		if got := seen[id]; got == 0 || uid != 0 && got != uid {
			t.Errorf("%s: acknowledged as UID %d, found as %d", id, uid, got)
		}
	}
}
