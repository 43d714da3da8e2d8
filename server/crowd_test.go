package server

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"satchel/backend"
)

// TestCrowd lets devices of different kinds work on the same mailboxes at the same
// time, each over a socket of its own, with commands pipelined and connections dropped
// in the middle, beside deliveries, imports, undeletes, quotas that shrink and restarts.
// Each device believes what it is told and nothing else, and no line may break a rule.
// Whenever all are at rest, what they believe must be what a fresh look says.
//
// SATCHEL_CROWD is for how long (2s), after one fixed seed; SATCHEL_SEED begins with a
// certain seed instead. A seed fixes what the devices do, not when.
func TestCrowd(t *testing.T) {
	seed, _ := strconv.ParseUint(os.Getenv("SATCHEL_SEED"), 10, 64)
	long, err := time.ParseDuration(os.Getenv("SATCHEL_CROWD"))
	if err != nil {
		long = 2 * time.Second
	}
	if seed == 0 {
		t.Run("1", func(t *testing.T) { runCrowd(t, 1) })
		seed = rand.Uint64() >> 32
	}
	for end := time.Now().Add(long); !t.Failed() && time.Now().Before(end); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { runCrowd(t, seed) })
	}
}

// crowd is the devices and their server.
type crowd struct {
	t       *testing.T
	rng     *rand.Rand // of the test's goroutine
	srv     *testServer
	account *backend.Account
	devices []*device

	mu     sync.Mutex
	log    []string        // what all said lately, in order
	recent map[recency]int // which selection has a message as \Recent; guarded by mu
	picks  int             // selections so far; guarded by mu
}

// recency is a message that can be \Recent once.
type recency struct {
	validity uint64
	uid      uint32
}

func runCrowd(t *testing.T, seed uint64) {
	w := &crowd{t: t, rng: rand.New(rand.NewPCG(seed, 2)), srv: startServer(t),
		recent: map[recency]int{}}
	w.account = w.srv.account(t, testUser)
	kinds := slices.Clone(kinds)
	w.rng.Shuffle(len(kinds), func(i, k int) { kinds[i], kinds[k] = kinds[k], kinds[i] })
	for _, kind := range kinds[:3+w.rng.IntN(3)] {
		w.devices = append(w.devices, &device{crowd: w, kind: kind, shelves: map[string]*shelf{},
			rng: rand.New(rand.NewPCG(seed, w.rng.Uint64()))})
	}
	for range 5 {
		w.all((*device).work)
		w.settleDown()
		w.all((*device).rest)
		w.compare()
		if w.rng.IntN(4) == 0 {
			w.restart()
		}
	}
}

// all has every device do something, at the same time.
func (w *crowd) all(do func(*device)) {
	w.t.Helper()
	var done sync.WaitGroup
	for _, d := range w.devices {
		done.Go(func() { do(d) })
	}
	done.Wait()
	w.check()
}

// check ends the test if a device has found something.
func (w *crowd) check() {
	w.t.Helper()
	if w.t.Failed() {
		w.t.Fatal(strings.Join(w.log, "\n"))
	}
}

func (w *crowd) note(who, line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, who+strings.TrimSuffix(line, "\r\n"))
	w.log = w.log[max(0, len(w.log)-3000):]
}

// restart stops the server and starts it again. What nobody has claimed is \Recent once
// more.
func (w *crowd) restart() {
	w.note("-- ", "restart")
	w.account.Release()
	w.srv.finish(w.t)
	for _, d := range w.devices {
		d.drop()
	}
	w.srv.start(w.t)
	w.account = w.srv.account(w.t, testUser)
	clear(w.recent)
}

// outside is something that happens besides what the devices do. Mailboxes may not be
// there, and the account be full.
func (w *crowd) outside(rng *rand.Rand) error {
	err := w.happens(folders[rng.IntN(len(folders))], rng)
	if errors.Is(err, backend.ErrOverQuota) || errors.Is(err, backend.ErrNotFound) {
		return nil
	}
	return err
}

func (w *crowd) happens(name string, rng *rand.Rand) error {
	switch rng.IntN(8) {
	case 0:
		w.note("-- ", "undelete")
		_, err := w.account.Undelete(context.Background(), backend.ExpungedFilter{}, []string{"", "INBOX"}[rng.IntN(2)],
			func(int, int) error { return nil })
		return err
	case 1:
		w.note("-- ", "a small quota")
		defer w.srv.be.SetQuotas(backend.QuotaConfig{})
		if err := w.srv.be.SetQuotas(backend.QuotaConfig{Limits: backend.Usage{backend.QuotaMessages: 1}}); err != nil {
			return err
		}
		return w.deliver(name)
	case 2:
		w.note("-- ", "import into "+name)
		return w.importInto(name, rng)
	}
	w.note("-- ", "deliver to "+name)
	return w.deliver(name)
}

func (w *crowd) deliver(name string) error {
	spool := w.srv.be.NewSpool()
	defer spool.Close()
	spool.Write([]byte("Subject: hello\r\n\r\ntext\r\n"))
	_, _, err := w.account.Append(name, &backend.Incoming{Body: spool})
	return err
}

// importInto stores messages with flags and keywords, and UIDs that leave gaps.
func (w *crowd) importInto(name string, rng *rand.Rand) error {
	status, err := w.account.Status(name)
	next := status.UIDNext + backend.UID(rng.IntN(5))
	var batch backend.Batch
	defer batch.Close()
	for range 1 + rng.IntN(3) {
		spool := w.srv.be.NewSpool()
		spool.Write([]byte("Subject: imported\r\n\r\ntext\r\n"))
		batch.Add(&backend.Incoming{Body: spool, UID: next, Flags: backend.FlagSeen, Keywords: []string{fmt.Sprint("import", rng.IntN(5))}})
		next += 1 + backend.UID(rng.IntN(2))
	}
	if err == nil {
		_, err = w.account.AppendBatch(name, &batch)
	}
	return err
}
