package config

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"satchel/server/acme"
)

// CheckACME completes what [acme] says, finds keys that do not go together, and names the one to look at. given tells
// which keys the file has.
func (c *Config) CheckACME(given func(key string) bool) (key string, err error) {
	if c.ACME.Email == "" {
		if key = c.acmeKey(); key != "" {
			err = errors.New("acme.email is missing: the other keys of [acme] go with it")
		}
		return key, err
	}
	if a, err := mail.ParseAddress(c.ACME.Email); err != nil || a.Address != c.ACME.Email {
		return "acme.email", fmt.Errorf("acme.email: %q is not an address such as postmaster@example.org", c.ACME.Email)
	}
	if !strings.HasPrefix(c.ACME.Directory, "https://") {
		return "acme.directory", fmt.Errorf("acme.directory: %q is not a URL with https", c.ACME.Directory)
	}
	if (c.ACME.KeyID == "") != (c.MACKeyFile == "") {
		return "acme.eab_id", errors.New("acme.eab_id and acme.eab_key_file go together: one is missing")
	}
	if key, err = c.checkChallenge(given); err != nil {
		return key, err
	}
	return c.checkDomains()
}

// acmeKey is a key of [acme] that says something.
func (c *Config) acmeKey() string {
	usual := Default()
	for _, o := range options() {
		if strings.HasPrefix(o.key, "acme.") && tomlValue(o.field(c)) != tomlValue(o.field(usual)) {
			return o.key
		}
	}
	return ""
}

// checkChallenge finds out whether the challenge can be answered, and opens what is needed for that.
func (c *Config) checkChallenge(given func(key string) bool) (key string, err error) {
	isDNS := c.Challenge == string(acme.DNS)
	switch {
	case isDNS && strings.TrimSpace(c.Hook) == "":
		return "acme.challenge", errors.New(`acme.hook is missing: with the challenge "dns" it names the command that makes the record`)
	case !isDNS && c.Hook != "":
		return "acme.hook", errors.New(`acme.hook goes with acme.challenge = "dns"`)
	}
	front, addr, usual := "listen.http", &c.HTTP, ":80"
	if c.Challenge == string(acme.TLSALPN) {
		front, addr, usual = "listen.https", &c.HTTPS, ":443"
	}
	switch {
	case isDNS || *addr != "" || c.Challenge == string(acme.HTTP) && c.Web != "":
	case given(front):
		return front, fmt.Errorf("%s is \"\", and the authority asks there: acme.challenge %q needs it, mostly %q", front, c.Challenge, usual)
	default:
		*addr = usual
	}
	return "", nil
}

// checkDomains wants names that an authority can sign for.
func (c *Config) checkDomains() (key string, err error) {
	key = "acme.domains"
	if len(c.ACME.Names) == 0 {
		key = "acme.email"
		if len(c.NamedPairs()) > 0 {
			return key, errors.New("acme.domains is missing: it names what to get by ACME where other certificates are named too")
		}
		c.ACME.Names = []string{c.Hostname}
	}
	for i, name := range c.ACME.Names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		c.ACME.Names[i] = name
		host, star := strings.CutPrefix(name, "*.")
		switch {
		case !IsFullName(host):
			return key, fmt.Errorf("acme: %q is no name that an authority could sign for, such as mail.example.org (look at hostname and acme.domains)", name)
		case star && c.Challenge != string(acme.DNS):
			return key, fmt.Errorf(`acme: %q needs acme.challenge = "dns"`, name)
		case slices.Contains(c.ACME.Names[:i], name):
			return key, fmt.Errorf("acme: %q is there twice", name)
		}
	}
	return "", nil
}

func checkChallengeName(c *Config) error {
	if !slices.Contains([]acme.Challenge{acme.HTTP, acme.TLSALPN, acme.DNS}, acme.Challenge(c.Challenge)) {
		return fmt.Errorf("%q is none of http, tls-alpn, dns", c.Challenge)
	}
	return nil
}
