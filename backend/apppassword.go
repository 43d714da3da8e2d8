package backend

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"satchel/backend/passwords"
	"satchel/storage"
)

// Bounds of app passwords.
const (
	maxLabel        = 64  // bytes
	maxAppPasswords = 100 // in an account
)

// AppPassword is a password made for one device. Its secret is known only to
// who was told it.
type AppPassword struct {
	ID      int64 // as in Credential
	Label   string
	Created time.Time
	Used    time.Time  // last login with it, exact to UsedStep; zero: never
	From    netip.Addr // of the client then; the zero Addr when that is not known
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
	canonical, err := canonicalLabel(label)
	if err != nil {
		return fail(err)
	}
	have, err := d.appPasswords(account)
	if err != nil {
		return "", err
	}
	if len(have) >= maxAppPasswords {
		return fail(fmt.Errorf("%w: %d app passwords", ErrLimit, maxAppPasswords))
	}
	secret = passwords.NewApp()
	c, err := newCredential(canonical, secret, a.Salt, a.Iterations, d.now().Unix())
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
		apps = append(apps, appPasswordOf(c))
	}
	return apps, nil
}

func appPasswordOf(c storage.Credential) AppPassword {
	app := AppPassword{ID: c.ID, Label: c.Label, Created: time.Unix(c.Created, 0)}
	if c.Used != 0 {
		app.Used = time.Unix(c.Used, 0)
	}
	if from, err := netip.ParseAddr(c.UsedFrom); err == nil {
		app.From = from
	}
	return app
}

// revokeAppPassword notes that the app password is no good any more, as revoking does, and returns its ID.
func (d *directory) revokeAppPassword(account, label string) (id int64, err error) {
	a, err := d.named(account)
	if err != nil {
		return 0, err
	}
	fail := func(err error) (int64, error) {
		return id, fmt.Errorf("revoke app password %q of %q: %w", label, a.Name, err)
	}
	if label, err = canonicalLabel(label); err != nil {
		return fail(err)
	}
	apps, err := d.appPasswords(account)
	if err != nil {
		return 0, err
	}
	i := slices.IndexFunc(apps, func(app AppPassword) bool { return app.Label == label })
	if i < 0 {
		return fail(ErrNotFound)
	}
	id = apps[i].ID
	err = d.revoking(account, id, func() error { return d.store.RemoveCredential(a.ID, id) })
	switch {
	case errors.Is(err, ErrNotFound):
		return fail(ErrNotFound) // the file's name says nothing here
	case err != nil:
		return fail(err)
	}
	return id, nil
}
