package passwords

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"
)

// Bounds of the memo. Its memory is at most about 1 MiB.
const (
	memoLife = time.Hour // then a password is derived again
	memoSize = 4096      // keys in each of two halves
)

// memo remembers what right passwords were derived to, so that a device that
// connects every minute costs a hash and not a derivation. It holds neither a
// password nor anything computed from one without a random key of this process.
//
// A remembered key is only a derivation saved: it counts for nothing unless the
// account has a credential with that StoredKey now. So there is nothing to
// invalidate when a password is changed or revoked.
type memo struct {
	key []byte
	now func() time.Time

	mu      sync.Mutex
	recent  map[memoKey]memoEntry // guarded by mu
	earlier map[memoKey]memoEntry // what recent was before it was full; guarded by mu
}

type memoKey [16]byte

type memoEntry struct {
	stored  [32]byte
	expires int64 // Unix nanoseconds
}

func newMemo(now func() time.Time) *memo {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return &memo{key: key, now: now, recent: map[memoKey]memoEntry{}}
}

func (m *memo) keyOf(password string, salt []byte, iterations int) memoKey {
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(iterations))
	return memoKey(mac(m.key, string(n[:]), string(salt), "\x00", password)[:len(memoKey{})])
}

// stored returns what the password is known to derive to, nil when it is not.
func (m *memo) stored(k memoKey) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.recent[k]
	if !ok {
		e, ok = m.earlier[k]
	}
	if !ok || m.now().UnixNano() >= e.expires {
		return nil
	}
	return e.stored[:]
}

// remember keeps what a right password was derived to.
func (m *memo) remember(k memoKey, stored []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.recent) >= memoSize {
		m.recent, m.earlier = map[memoKey]memoEntry{}, m.recent
	}
	e := memoEntry{expires: m.now().Add(memoLife).UnixNano()}
	copy(e.stored[:], stored)
	m.recent[k] = e
}
