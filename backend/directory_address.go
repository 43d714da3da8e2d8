package backend

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"satchel/storage"
)

// free says whose an address is already, nil when it is nobody's.
func (d *directory) free(address string) error {
	owner, err := d.store.Owner(address)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	case owner.Name == address:
		return fmt.Errorf("the account %w", ErrExists)
	}
	return fmt.Errorf("the address %q of account %q %w", address, owner.Name, ErrExists)
}

func (d *directory) addAddress(account, address string) error {
	a, err := d.named(account)
	if err != nil {
		return err
	}
	canonical, err := canonicalAddress(address)
	if domain, ok := strings.CutPrefix(canonical, "*@"); ok {
		err = fmt.Errorf("%w: %q is the one for whatever else the domain receives", errAddress, catchAll+domain)
	}
	if err == nil {
		err = d.free(canonical)
	}
	if err == nil {
		err = d.store.AddAddress(a.ID, canonical, d.now().Unix())
	}
	if err != nil {
		return fmt.Errorf("add address %q to %q: %w", address, a.Name, err)
	}
	return nil
}

func (d *directory) removeAddress(account, address string) error {
	a, err := d.named(account)
	if err != nil {
		return err
	}
	canonical, err := canonicalAddress(address)
	switch {
	case err != nil:
	case canonical == a.Name:
		err = fmt.Errorf("%w: it is the account's name", ErrCannot)
	default:
		err = d.store.RemoveAddress(a.ID, canonical)
		if errors.Is(err, ErrNotFound) {
			err = ErrNotFound // the file's name says nothing here
		}
	}
	if err != nil {
		return fmt.Errorf("remove address %q from %q: %w", address, a.Name, err)
	}
	return nil
}

// hasDomain: see Backend.HasDomain.
func (d *directory) hasDomain(domain string) (bool, error) {
	canonical, err := canonicalDomain(domain)
	if err != nil {
		return false, nil
	}
	if canonical == d.domain {
		return true, nil
	}
	ours, err := d.store.HasDomain(canonical)
	if err == nil && !ours {
		err = d.known()
	}
	if err != nil {
		return false, fmt.Errorf("domain %q: %w", domain, err)
	}
	return ours, nil
}

// resolve: see Backend.Resolve.
func (d *directory) resolve(address string) (storage.DirectoryAccount, string, error) {
	return d.owner(address, func(string) bool { return true })
}

// resolveSender: see Backend.ResolveSender.
func (d *directory) resolveSender(address string) (storage.DirectoryAccount, error) {
	a, _, err := d.owner(address, func(domain string) bool { return domain == "" || domain == d.domain })
	return a, err
}

// owner finds whose an address is. An address without a domain stands for one in
// the domains that anywhere accepts.
func (d *directory) owner(address string, anywhere func(domain string) bool) (storage.DirectoryAccount, string, error) {
	canonical, err := canonicalAddress(address)
	local, domain, _ := splitAddress(canonical)
	if err != nil || local == "" {
		return storage.DirectoryAccount{}, "", fmt.Errorf("address %q: %w", address, ErrNotFound)
	}
	for _, try := range deliveryAddresses(canonical, d.domain) {
		if !strings.Contains(try.address, "@") && !anywhere(domain) {
			continue
		}
		a, err := d.store.Owner(try.address)
		if err == nil {
			return a, try.detail, nil
		}
		if !errors.Is(err, ErrNotFound) {
			return a, "", fmt.Errorf("address %q: %w", address, err)
		}
	}
	return storage.DirectoryAccount{}, "", fmt.Errorf("address %q: %w", address, cmp.Or(d.known(), ErrNotFound))
}

// known is ErrNoAccounts where nobody's address is anybody's.
func (d *directory) known() error {
	empty, err := d.store.IsEmpty()
	if err == nil && empty {
		err = ErrNoAccounts
	}
	return err
}
