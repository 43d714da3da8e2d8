package throttle

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

var (
	home   = netip.MustParseAddr("192.0.2.1")
	abroad = netip.MustParseAddr("198.51.100.7")
)

// testClock is a clock that only moves when told to.
type testClock struct{ now time.Time }

func newClock() *testClock { return &testClock{time.Unix(1_800_000_000, 0)} }

func (c *testClock) Now() time.Time { return c.now }

func (c *testClock) advance(d time.Duration) { c.now = c.now.Add(d) }

func testThrottle() (*Throttle, *testClock) {
	clock := newClock()
	return New(clock.Now), clock
}

// guess fails n different passwords from an address, as fast as the throttle
// lets it.
func guess(t *testing.T, th *Throttle, clock *testClock, remote netip.Addr, account string, n int) {
	t.Helper()
	for i := range n {
		try := th.Attempt(remote, account)
		wait, err := try.delay()
		for ; err != nil; wait, err = try.delay() {
			clock.advance(time.Second)
		}
		clock.advance(wait)
		try.Failed(fmt.Sprintf("guess %d from %s", i, remote))
	}
}

func delayOf(t *testing.T, th *Throttle, remote netip.Addr, account string) time.Duration {
	t.Helper()
	wait, err := th.Attempt(remote, account).delay()
	if err != nil && !errors.Is(err, ErrTooMany) {
		t.Fatal(err)
	}
	if err != nil {
		return maxWait + 1
	}
	return wait
}

func TestThrottleAddress(t *testing.T) {
	th, clock := testThrottle()
	guess(t, th, clock, home, "alice", 5)
	if d := delayOf(t, th, home, "bob"); d != firstPause {
		t.Errorf("after 5 failures: %v, want %v at any account", d, firstPause)
	}
	if d := delayOf(t, th, abroad, "bob"); d != 0 {
		t.Errorf("another address: %v, want 0", d)
	}
	start := clock.Now()
	guess(t, th, clock, home, "bob", 20)
	if took := clock.Now().Sub(start); took < 7*time.Minute {
		t.Errorf("20 more guesses took %v, want minutes", took)
	}
	clock.advance(30 * time.Minute)
	if d := delayOf(t, th, home, "bob"); d != 0 {
		t.Errorf("half an hour later: %v, want 0", d)
	}
}

func TestThrottleQueue(t *testing.T) {
	th, clock := testThrottle()
	guess(t, th, clock, home, "alice", 8)
	var admitted int
	for range 1000 { // connections at once
		if _, err := th.Attempt(home, "alice").delay(); err == nil {
			admitted++
		} else if !errors.Is(err, ErrTooMany) {
			t.Fatal(err)
		}
	}
	if admitted == 0 || admitted > 5 {
		t.Errorf("%d of 1000 admitted to the queue, want a few", admitted)
	}
}

func TestThrottleNetworks(t *testing.T) {
	th, clock := testThrottle()
	for i := range 8 {
		guess(t, th, clock, netip.MustParseAddr(fmt.Sprintf("2001:db8:1:2::%d", i)), fmt.Sprint("user", i), 1)
	}
	if d := delayOf(t, th, netip.MustParseAddr("2001:db8:1:2:ffff::1"), "x"); d == 0 {
		t.Error("another address of the same /64: no delay")
	}
	if d := delayOf(t, th, netip.MustParseAddr("2001:db8:1:3::1"), "x"); d != 0 {
		t.Errorf("another /64: %v, want 0", d)
	}
	guess(t, th, clock, home, "y", 8)
	if d := delayOf(t, th, netip.AddrFrom16(home.As16()), "y"); d == 0 {
		t.Error("IPv4 in IPv6: no delay")
	}
}

func TestThrottleAccount(t *testing.T) {
	th, clock := testThrottle()
	th.Attempt(home, "alice").Succeeded()
	for i := range 30 { // a botnet: one guess from each address
		guess(t, th, clock, netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}), "alice", 1)
	}
	if d := delayOf(t, th, abroad, "alice"); d < accountLimit.most/2 {
		t.Errorf("from an address unknown to the account: %v, want a long pause", d)
	}
	if d := delayOf(t, th, home, "alice"); d != 0 {
		t.Errorf("from where the owner has logged in: %v, want 0", d)
	}
	if d := delayOf(t, th, abroad, "bob"); d != 0 {
		t.Errorf("another account: %v, want 0", d)
	}
}

func TestThrottleSamePassword(t *testing.T) {
	th, clock := testThrottle()
	for i := range 100 { // two phones with two old passwords
		try := th.Attempt(home, "alice")
		if wait, err := try.delay(); wait != 0 || err != nil {
			t.Fatalf("repetition %d: %v, %v", i, wait, err)
		}
		try.Failed(fmt.Sprint("old", i%2))
		clock.advance(time.Second)
	}
	if d := delayOf(t, th, home, "alice"); d != 0 {
		t.Errorf("owner waits %v", d)
	}
	for i := range 8 { // one password tried at many accounts is not a repetition
		th.Attempt(abroad, fmt.Sprint("user", i)).Failed("123456")
	}
	if d := delayOf(t, th, abroad, "alice"); d == 0 {
		t.Error("one password at many accounts: no delay")
	}
}

func TestThrottleForgives(t *testing.T) {
	th, clock := testThrottle()
	guess(t, th, clock, home, "alice", 5)
	th.Attempt(home, "alice").Succeeded()
	if d := delayOf(t, th, home, "alice"); d != 0 {
		t.Errorf("the owner who found his password waits %v", d)
	}
	guess(t, th, clock, home, "bob", 6)
	th.Attempt(home, "alice").Succeeded()
	if d := delayOf(t, th, home, "bob"); d == 0 {
		t.Error("guesses at bob are forgiven for a login as alice")
	}
}

func TestThrottleUnseen(t *testing.T) {
	th, clock := testThrottle()
	th.Attempt(home, "alice").Succeeded()
	for range 60 { // a phone that speaks SCRAM, with the old password, once a minute
		th.Attempt(home, "alice").Failed("")
		clock.advance(time.Minute)
	}
	if d := delayOf(t, th, home, "bob"); d != 0 {
		t.Errorf("the household waits %v", d)
	}
	for range 8 {
		th.Attempt(abroad, "alice").Failed("")
	}
	if d := delayOf(t, th, abroad, "bob"); d == 0 {
		t.Error("SCRAM failures from elsewhere: no delay")
	}
}

func TestThrottleExempt(t *testing.T) {
	th, clock := testThrottle()
	for _, remote := range []netip.Addr{{}, netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback(), netip.MustParseAddr("::ffff:127.0.0.1")} {
		guess(t, th, clock, remote, "alice", 100)
		if d := delayOf(t, th, remote, "alice"); d != 0 {
			t.Errorf("%v waits %v", remote, d)
		}
	}
}

func TestThrottleWait(t *testing.T) {
	th, clock := testThrottle()
	ctx, cancel := context.WithCancel(context.Background())
	if err := th.Attempt(home, "alice").Wait(ctx); err != nil {
		t.Errorf("nothing to wait for: %v", err)
	}
	guess(t, th, clock, home, "alice", 8)
	cancel()
	if err := th.Attempt(home, "alice").Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A flood of addresses must not make the table forget who guesses most.
func TestFailTableEviction(t *testing.T) {
	clock := newClock()
	table := newFailTable(64)
	bad := uint64(7)<<32 | 7
	for i := range 10 {
		table.fail(bad, uint64(i+1), 1, addressLimit, clock.Now())
	}
	table.know(bad+1, clock.Now())
	for i := range uint64(10_000) {
		table.fail(i<<32|i|1<<20, 1, 1, addressLimit, clock.Now())
	}
	if wait, ok := table.reserve(bad, addressLimit, clock.Now()); ok && wait == 0 {
		t.Error("the worst address is forgotten")
	}
	if !table.isKnown(bad+1, clock.Now()) {
		t.Error("a known address is forgotten")
	}
	if len(table.slots) != 64 {
		t.Errorf("%d slots", len(table.slots))
	}
}

func BenchmarkThrottle(b *testing.B) {
	th, _ := testThrottle()
	for b.Loop() {
		try := th.Attempt(home, "alice")
		if _, err := try.delay(); err != nil {
			b.Fatal(err)
		}
		try.Succeeded()
	}
}
