package web

import (
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"slices"
	"sync"
	"time"

	"satchel/backend"
	"satchel/server/presence"
)

// Bounds of logins by browsers.
const (
	sessionIdle   = 30 * time.Minute
	sessionLife   = 12 * time.Hour
	maxSessions   = 5000
	maxPerAccount = 20
	secretLife    = 10 * time.Minute // a new app password can be looked at for
)

// sessions are the logins by browsers. They live in memory: a restart ends them. Safe for concurrent use; mu is held for
// a look at the map.
type sessions struct {
	now func() time.Time

	mu    sync.Mutex
	byKey map[sessionKey]*session // guarded by mu
}

// sessionKey is a hash of the secret that the browser keeps.
type sessionKey [sha256.Size]byte

// session is one login. What changes in it is guarded by sessions.mu; others get copies.
type session struct {
	id      string // not secret
	account backend.AccountInfo
	front   Kind
	addr    netip.Addr // of the last request
	tls     string     // of the first
	client  string     // the browser's name
	began   time.Time
	used    time.Time
	notice  string // to be shown once
	fresh   fresh
}

// fresh is an app password that was made a moment ago.
type fresh struct {
	label, secret string
	owner         string // the name that others see on what is sent, or ""
	until         time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, byKey: map[sessionKey]*session{}}
}

// begin makes a session for who has logged in, and returns the secret for the browser and the session's id. Where there
// are too many, the one that was used longest ago makes way: of the account's, or else of all.
func (s *sessions) begin(account backend.AccountInfo, from visitor, client string) (secret, id string) {
	secret, id = rand.Text(), presence.NewID()
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	for s.count(account.ID) >= maxPerAccount {
		s.drop(account.ID)
	}
	if len(s.byKey) >= maxSessions {
		s.drop("")
	}
	s.byKey[sha256.Sum256([]byte(secret))] = &session{
		id: id, account: account, front: from.front, addr: from.addr, tls: from.tls, client: client, began: now, used: now,
	}
	return secret, id
}

// find is the session of a secret, nil for none, and notes its use.
func (s *sessions) find(secret string, from visitor) *session {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	found := s.byKey[sha256.Sum256([]byte(secret))]
	if found == nil {
		return nil
	}
	found.used, found.addr = now, from.addr
	copied := *found
	return &copied
}

// change has a session remember something, if it is still there.
func (s *sessions) change(id string, change func(*session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.byKey {
		if one.id == id {
			change(one)
		}
	}
}

// takeNotice returns what is to be shown to the session, once.
func (s *sessions) takeNotice(id string) (notice string) {
	s.change(id, func(one *session) { notice, one.notice = one.notice, "" })
	return notice
}

// list tells of the sessions that the filter means.
func (s *sessions) list(which presence.Filter) (list []presence.Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(s.now())
	for _, one := range s.byKey {
		if p := one.describe(); which.Matches(&p) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b presence.Session) int { return a.Since.Compare(b.Since) })
	return list
}

// end ends the sessions that the filter means.
func (s *sessions) end(which presence.Filter) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, one := range s.byKey {
		if p := one.describe(); which.Matches(&p) {
			delete(s.byKey, key)
			n++
		}
	}
	return n
}

func (one *session) describe() presence.Session {
	return presence.Session{
		ID: one.id, Front: string(one.front), Account: one.account.Name, AccountID: one.account.ID, Remote: one.addr, TLS: one.tls,
		Method: loginMethod, Credential: backend.MainPassword, Since: one.began, StateAge: one.used, Client: one.client,
	}
}

// sweep forgets what has expired. Callers hold mu.
func (s *sessions) sweep(now time.Time) {
	for key, one := range s.byKey {
		if now.Sub(one.used) >= sessionIdle || now.Sub(one.began) >= sessionLife {
			delete(s.byKey, key)
		} else if now.After(one.fresh.until) {
			one.fresh = fresh{}
		}
	}
}

// count is how many sessions an account has. Callers hold mu.
func (s *sessions) count(accountID string) (n int) {
	for _, one := range s.byKey {
		if one.account.ID == accountID {
			n++
		}
	}
	return n
}

// drop ends the session of an account, or of all, that was used longest ago. Callers hold mu.
func (s *sessions) drop(accountID string) {
	var oldest sessionKey
	var found *session
	for key, one := range s.byKey {
		if (accountID == "" || one.account.ID == accountID) && (found == nil || one.used.Before(found.used)) {
			oldest, found = key, one
		}
	}
	delete(s.byKey, oldest)
}
