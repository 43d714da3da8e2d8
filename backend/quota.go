package backend

import "fmt"

// Quota is what an account has and how much it may have (RFC 9208): all of its
// mailboxes are one quota root.
type Quota struct {
	Usage  Usage
	Limits Limits // NoLimit or at least 0
}

// Percent is how much of a limit is used, rounded down; 0 without a limit.
func (q *Quota) Percent(r Resource) int64 {
	limit := q.Limits[r]
	switch {
	case limit == NoLimit || q.Usage[r] == 0:
		return 0
	case limit == 0:
		return 100
	}
	return int64(float64(q.Usage[r]) / float64(limit) * 100)
}

// fullest is the resource of whose limit most is used, and how much in percent.
func (q *Quota) fullest() (Resource, int64) {
	fullest := Resource(0)
	for r := range q.Limits {
		if q.Percent(Resource(r)) > q.Percent(fullest) {
			fullest = Resource(r)
		}
	}
	return fullest, q.Percent(fullest)
}

// near reports whether there is little left of a limit.
func (q *Quota) near() bool {
	_, percent := q.fullest()
	return percent >= nearQuota
}

// Quota is the account's, from memory: as of the last commit, and of the last
// change of a limit.
func (a *Account) Quota() Quota {
	configured := &a.backend.quotas.Load().limits
	a.mu.RLock()
	defer a.mu.RUnlock()
	return Quota{a.usage, inForce(a.own, configured)}
}

// Fits says whether so much more could be added now: ErrOverQuota if not. It is for
// saying so early, before a message is taken: the writer's lane has the last word.
func (a *Account) Fits(more Usage) error { return a.withinQuota(Usage{}, more, false) }

// withinQuota refuses what a change has added beyond a limit. before and after are
// what its transaction has added without it and with it; deliveries may use the
// grace. What adds nothing is never refused, so who has too much can still mark, move
// and remove. In the writer's lane nothing comes between asking and committing.
func (a *Account) withinQuota(before, after Usage, delivery bool) error {
	if after == before {
		return nil
	}
	q := a.Quota()
	for r, limit := range q.Limits {
		if delivery {
			limit = a.backend.quotas.Load().beyond(limit)
		}
		have := q.Usage[r] + after[r]
		if after[r] <= before[r] || limit == NoLimit || have <= limit {
			continue
		}
		a.backend.meters.overQuota.add(resourceNames[r])
		a.noteRefused(Resource(r), &q)
		return fmt.Errorf("%w: it would come to %d %s, of %d at most", ErrOverQuota, have, resourceUnits[r], limit)
	}
	return nil
}

var (
	resourceNames = []string{QuotaStorage: "storage", QuotaMessages: "messages", QuotaMailboxes: "mailboxes"}
	resourceUnits = []string{QuotaStorage: "bytes", QuotaMessages: "messages", QuotaMailboxes: "mailboxes"}
)

// quotaLevel is what the log has been told of an account's quota.
type quotaLevel uint8

const (
	quotaFine quotaLevel = iota
	quotaNear            // nearQuota percent of a limit are used
	quotaFull            // something was refused
)

const (
	nearQuota = 90 // percent of a limit
	farQuota  = 80 // below this, nearQuota is told of again
)

// tell reports whether the log is still to be told that a level is reached.
func (a *Account) tell(level quotaLevel) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.told >= level {
		return false
	}
	a.told = level
	return true
}

// noteQuota tells the log when an account nears a limit: once, not for every message.
func (a *Account) noteQuota() {
	q := a.Quota()
	r, percent := q.fullest()
	switch {
	case percent < farQuota:
		a.mu.Lock()
		a.told = quotaFine
		a.mu.Unlock()
	case percent >= nearQuota && a.tell(quotaNear):
		a.backend.cfg.Log.Warn("quota nearly used up", a.logged(r, &q)...)
	}
}

// noteRefused tells the log when an account begins to be full.
func (a *Account) noteRefused(r Resource, q *Quota) {
	if a.tell(quotaFull) {
		a.backend.cfg.Log.Warn("quota used up", a.logged(r, q)...)
	}
}

func (a *Account) logged(r Resource, q *Quota) []any {
	return []any{"account", a.name, "resource", resourceNames[r], "used", q.Usage[r], "limit", q.Limits[r]}
}
