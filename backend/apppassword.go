package backend

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of app passwords.
const (
	maxLabel        = 64  // bytes
	maxAppPasswords = 100 // in an account
)

// AppPassword is a password made for one device. Its secret is known only to
// who was told it.
type AppPassword struct {
	Label   string
	Created time.Time
	Used    time.Time // last login with it, exact to the hour; zero: never
}

// canonicalLabel trims and checks the name of a device.
func canonicalLabel(label string) (string, error) {
	label = strings.Join(strings.Fields(label), " ")
	switch {
	case label == "":
		return "", errors.New("the label is empty")
	case len(label) > maxLabel:
		return "", fmt.Errorf("the label is longer than %d bytes", maxLabel)
	case !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl):
		return "", errors.New("the label has a character that cannot be shown")
	}
	return label, nil
}

func (d *directory) addAppPassword(account, label string) (secret string, err error) {
	a, err := d.named(account)
	if err != nil {
		return "", err
	}
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("add app password %q to %q: %w", label, a.Name, err)
	}
	if label, err = canonicalLabel(label); err != nil {
		return fail(err)
	}
	have, err := d.appPasswords(account)
	if err != nil {
		return "", err
	}
	if len(have) >= maxAppPasswords {
		return fail(fmt.Errorf("%w: %d app passwords", ErrLimit, maxAppPasswords))
	}
	secret = newAppPassword()
	c, err := newCredential(label, secret, a.Salt, a.Iterations, d.now().Unix())
	if err == nil {
		err = d.store.AddCredential(a, c)
	}
	switch {
	case errors.Is(err, ErrExists):
		return fail(ErrExists)
	case err != nil:
		return fail(err)
	}
	return secret, nil
}

func (d *directory) appPasswords(account string) ([]AppPassword, error) {
	a, err := d.named(account)
	if err != nil {
		return nil, err
	}
	list, err := d.store.Credentials(a.ID)
	if err != nil {
		return nil, fmt.Errorf("app passwords of %q: %w", a.Name, err)
	}
	var apps []AppPassword
	for _, c := range list {
		if c.Label == "" {
			continue
		}
		app := AppPassword{Label: c.Label, Created: time.Unix(c.Created, 0)}
		if c.Used != 0 {
			app.Used = time.Unix(c.Used, 0)
		}
		apps = append(apps, app)
	}
	return apps, nil
}

func (d *directory) revokeAppPassword(account, label string) error {
	a, err := d.named(account)
	if err != nil {
		return err
	}
	if label, err = canonicalLabel(label); err == nil {
		err = d.store.RemoveCredential(a.ID, label)
	}
	if errors.Is(err, ErrNotFound) {
		err = ErrNotFound // the file's name says nothing here
	}
	if err != nil {
		return fmt.Errorf("revoke app password %q of %q: %w", label, a.Name, err)
	}
	return nil
}
