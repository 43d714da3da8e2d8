// Package throttle slows down who guesses passwords, by remote address and by account, in a fixed amount of memory. It
// does not know what a password or an account is: callers name them by texts. Safe for concurrent use; no lock is held
// while anybody waits.
package throttle

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"
)

// ErrTooMany says that there have been too many attempts; later ones may succeed.
var ErrTooMany = errors.New("too many attempts")

// limit says how failures under one key slow down what follows.
type limit struct {
	free float64       // failures before anything is slowed
	most time.Duration // longest pause between two attempts
}

// The limits. Failures count half after halfLife; a first slowed attempt comes
// firstPause after the failure before it, each further one twice as long after.
const (
	halfLife   = 10 * time.Minute
	firstPause = time.Second
	maxCount   = 24               // failures kept in mind: calm again after 20 minutes
	maxWait    = 15 * time.Second // an attempt that would have to wait longer is refused
	knownFor   = 30 * 24 * time.Hour

	// unseenWeight is what a failure counts whose password the server does not see,
	// where the account's owner is known: most likely his phone with the old one, once
	// a minute, which must not slow down the household.
	unseenWeight = 0.25
)

var (
	addressLimit = limit{free: 5, most: 30 * time.Second}
	accountLimit = limit{free: 10, most: 10 * time.Second}
)

// Throttle slows failing logins down, by remote address and by account.
//
//   - Pauses are waited before a password is looked at, in a queue for each key,
//     so that many connections at once win nothing.
//   - The same wrong password again counts once: a phone that still has the old one
//     shuts nobody out.
//   - From where the account's owner has logged in before, guesses made elsewhere
//     at that account do not slow him down.
//   - A right password takes back what the same address has failed at the same
//     account, and nothing else: nobody buys guesses with an account of his own.
//   - Loopback is exempt: a webmail is many people behind one address.
//
// Memory is fixed, 1.3 MB: tables that forget the least failures first.
type Throttle struct {
	key       []byte
	now       func() time.Time
	addresses *failTable // IPv4 addresses, IPv6 /64 networks
	accounts  *failTable // accounts, and names that are none
	pairs     *failTable // both together
}

// New makes a throttle without any failures. now is the clock.
func New(now func() time.Time) *Throttle {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return &Throttle{key: key, now: now,
		addresses: newFailTable(8192), accounts: newFailTable(2048), pairs: newFailTable(8192)}
}

// hash keys the tables and stands for wrong passwords; nobody outside can find
// two inputs that collide.
func (t *Throttle) hash(parts ...string) uint64 {
	h := hmac.New(sha256.New, t.key)
	for _, p := range parts {
		io.WriteString(h, p)
	}
	return binary.LittleEndian.Uint64(h.Sum(nil))
}

// Attempt is one try to log in: Wait, then Failed or Succeeded. The zero value is exempt from waiting.
type Attempt struct {
	throttle               *Throttle // nil: exempt
	address, account, pair uint64
}

// Attempt prepares a try from remote at the account, which may be any text that
// is the same for every spelling of a name. An invalid or loopback remote is exempt.
func (t *Throttle) Attempt(remote netip.Addr, account string) Attempt {
	remote = remote.Unmap().WithZone("")
	if !remote.IsValid() || remote.IsLoopback() {
		return Attempt{}
	}
	network := remote.String()
	if remote.Is6() {
		// A customer of any provider has at least a /64 to choose addresses from.
		network = netip.PrefixFrom(remote, 64).Masked().String()
	}
	return Attempt{t, t.hash("address\x00", network), t.hash("account\x00", account), t.hash("pair\x00", network, "\x00", account)}
}

// delay reserves the attempt's turn and returns how long it is until then.
// ErrTooMany when the queue is too long.
func (a Attempt) delay() (time.Duration, error) {
	if a.throttle == nil {
		return 0, nil
	}
	t, now := a.throttle, a.throttle.now()
	wait, ok := t.addresses.reserve(a.address, addressLimit, now)
	if !ok {
		return 0, fmt.Errorf("log in: %w from this address", ErrTooMany)
	}
	if t.pairs.isKnown(a.pair, now) {
		return wait, nil
	}
	// The turn at the account comes after the one at the address.
	more, ok := t.accounts.reserve(a.account, accountLimit, now)
	if !ok {
		return 0, fmt.Errorf("log in: %w at this account", ErrTooMany)
	}
	return max(wait, more), nil
}

// Wait returns when the attempt may go on: mostly at once, after 15 seconds at most. Its errors are ErrTooMany, when it
// would have to wait longer, and ctx's.
func (a Attempt) Wait(ctx context.Context) error {
	pause, err := a.delay()
	if err != nil || pause <= 0 {
		return err
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Failed counts a wrong password. secret is "" where the server never sees it
// (SCRAM), so that repetitions cannot be told.
func (a Attempt) Failed(secret string) {
	if a.throttle == nil {
		return
	}
	t, now := a.throttle, a.throttle.now()
	var wrong uint64
	if secret != "" {
		wrong = t.hash("wrong\x00", string(binary.LittleEndian.AppendUint64(nil, a.account)), secret)
	}
	weight := 1.0
	if secret == "" && t.pairs.isKnown(a.pair, now) {
		weight = unseenWeight
	}
	// The pair remembers the passwords: what it has seen is old for the others too.
	if t.pairs.fail(a.pair, wrong, weight, limit{}, now) {
		t.addresses.fail(a.address, wrong, weight, addressLimit, now)
		t.accounts.fail(a.account, wrong, weight, accountLimit, now)
	}
}

// Succeeded makes the address known to the account and forgives its failures.
func (a Attempt) Succeeded() {
	if a.throttle == nil {
		return
	}
	t, now := a.throttle, a.throttle.now()
	forgiven := t.pairs.know(a.pair, now)
	t.addresses.forgive(a.address, forgiven, now)
	t.accounts.forgive(a.account, forgiven, now)
}
