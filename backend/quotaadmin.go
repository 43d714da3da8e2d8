package backend

import (
	"errors"
	"fmt"
	"slices"
)

// AccountQuota is an account's quota to who administers it.
type AccountQuota struct {
	Account string
	Quota
	Own Limits // set for this account, Configured where it has what all have
}

// AccountQuota finds the quota of the account of that name.
func (b *Backend) AccountQuota(name string) (AccountQuota, error) {
	record, err := b.dir.named(name)
	if err != nil {
		return AccountQuota{}, err
	}
	a, err := b.Account(record.Folder, record.Name)
	if err != nil {
		return AccountQuota{}, err
	}
	defer a.Release()
	a.mu.RLock()
	own := a.own
	a.mu.RUnlock()
	return AccountQuota{a.name, a.Quota(), own}, nil
}

// SetQuota replaces the limits of an account's own. They are on disk when it
// returns, and count from the account's next change. What is there already stays,
// however much it is.
func (b *Backend) SetQuota(name string, own Limits) error {
	record, err := b.dir.named(name)
	if err != nil {
		return err
	}
	b.limiting.Lock()
	defer b.limiting.Unlock()
	if err := b.dir.store.SetLimits(record.ID, own); err != nil {
		return fmt.Errorf("set quota of %q: %w", record.Name, err)
	}
	b.mu.Lock()
	a := b.accounts[record.Folder]
	b.mu.Unlock()
	if a != nil {
		a.limit(own)
	}
	return nil
}

// loadLimits reads the account's own limits, when it is opened.
func (a *Account) loadLimits() error {
	b := a.backend
	b.limiting.Lock()
	defer b.limiting.Unlock()
	own, err := b.dir.store.LimitsOf(a.id)
	a.limit(own)
	if q := a.Quota(); q.near() {
		a.told = quotaNear // when it came to that
	}
	return err
}

func (a *Account) limit(own Limits) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.own, a.told = own, quotaFine
}

// AdministersQuotas reports whether the account may see and set the quotas of all.
func (a *Account) AdministersQuotas() bool {
	return slices.Contains(a.backend.quotas.Load().admins, a.name)
}

// QuotaOf is the quota of the account of that name, as far as this one may know it:
// its own, or anybody's if it administers them. ErrNotPermitted otherwise, whether
// there is such an account or not.
func (a *Account) QuotaOf(name string) (Quota, error) {
	if name == a.name {
		return a.Quota(), nil
	}
	if !a.AdministersQuotas() {
		return Quota{}, ErrNotPermitted
	}
	q, err := a.backend.AccountQuota(name)
	return q.Quota, orNotFound(err)
}

// SetQuotaOf is SetQuota for who administers quotas: ErrNotPermitted for others.
func (a *Account) SetQuotaOf(name string, own Limits) error {
	if !a.AdministersQuotas() {
		return ErrNotPermitted
	}
	return orNotFound(a.backend.SetQuota(name, own))
}

// orNotFound says ErrNotFound also where the name cannot be an account's.
func orNotFound(err error) error {
	if errors.Is(err, errAddress) {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return err
}
