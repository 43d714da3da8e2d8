package backend

import (
	"errors"
	"fmt"
	"math"
)

// QuotaConfig is what holds for the quotas of all accounts.
type QuotaConfig struct {
	Limits Usage    // of accounts that have none of their own; 0: no limit
	Grace  int      // percent of a limit by which deliveries may go beyond it
	Defer  bool     // a delivery that does not fit is to be tried again later: ErrDeferred
	Admins []string // accounts that may see and set the quotas of all
}

// quotas is a QuotaConfig ready for use.
type quotas struct {
	limits Limits
	grace  int64
	later  bool
	admins []string
}

// SetQuotas replaces what holds for all accounts; it counts from the next change of
// each. An error says which administrator's name cannot be one.
func (b *Backend) SetQuotas(cfg QuotaConfig) error {
	q, err := cfg.prepare()
	if err == nil {
		b.quotas.Store(q)
	}
	return err
}

// Check says what SetQuotas and Open would not take.
func (cfg QuotaConfig) Check() error {
	_, err := cfg.prepare()
	return err
}

func (cfg *QuotaConfig) prepare() (*quotas, error) {
	q := &quotas{grace: int64(cfg.Grace), later: cfg.Defer}
	for r, limit := range cfg.Limits {
		if q.limits[r] = limit; limit == 0 {
			q.limits[r] = NoLimit
		}
	}
	for _, name := range cfg.Admins {
		canonical, err := canonicalAccountName(name)
		if err != nil {
			return nil, fmt.Errorf("administrator of quotas: %w", err)
		}
		q.admins = append(q.admins, canonical)
	}
	return q, nil
}

// inForce fills in what an account has no limits of its own for.
func inForce(own Limits, configured *Limits) Limits {
	for r, limit := range own {
		if limit == Configured {
			own[r] = configured[r]
		}
	}
	return own
}

// beyond is the limit that holds for deliveries.
func (q *quotas) beyond(limit int64) int64 {
	if limit == NoLimit || limit > math.MaxInt64/2 {
		return limit
	}
	return limit + limit/100*q.grace + limit%100*q.grace/100
}

// Admit says whether a message of size bytes would be delivered to an account now:
// ErrOverQuota if not, with ErrDeferred where it is to be tried again later. An
// account without limits is not opened for it.
func (b *Backend) Admit(info AccountInfo, size int64) error {
	own, err := b.dir.store.LimitsOf(info.ID)
	if err != nil {
		return fmt.Errorf("limits of %q: %w", info.Name, err)
	}
	limits := inForce(own, &b.quotas.Load().limits)
	if limits[QuotaStorage] == NoLimit && limits[QuotaMessages] == NoLimit {
		return nil
	}
	a, err := b.Account(info.ID, info.Name)
	if err != nil {
		return err
	}
	defer a.Release()
	return a.admit(size)
}

// admit is Admit for an account that is open.
func (a *Account) admit(size int64) error {
	return a.refusal(a.withinQuota(Usage{}, Usage{QuotaStorage: size, QuotaMessages: 1}, true))
}

// refusal is what a delivery ends with that has ended with err.
func (a *Account) refusal(err error) error {
	if errors.Is(err, ErrOverQuota) && a.backend.quotas.Load().later {
		return fmt.Errorf("%w: %w", ErrDeferred, err)
	}
	return err
}
