package main

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"satchel/server"
	"satchel/server/acme"
)

// checkACME completes what [acme] says, finds keys that do not go together, and names the one to look at. given tells
// which keys the file has.
func (c *config) checkACME(given func(key string) bool) (key string, err error) {
	if c.acme.Email == "" {
		if key = c.acmeKey(); key != "" {
			err = errors.New("acme.email is missing: the other keys of [acme] go with it")
		}
		return key, err
	}
	if a, err := mail.ParseAddress(c.acme.Email); err != nil || a.Address != c.acme.Email {
		return "acme.email", fmt.Errorf("acme.email: %q is not an address such as postmaster@example.org", c.acme.Email)
	}
	if !strings.HasPrefix(c.acme.Directory, "https://") {
		return "acme.directory", fmt.Errorf("acme.directory: %q is not a URL with https", c.acme.Directory)
	}
	if (c.acme.KeyID == "") != (c.macKeyFile == "") {
		return "acme.eab_id", errors.New("acme.eab_id and acme.eab_key_file go together: one is missing")
	}
	if key, err = c.checkChallenge(given); err != nil {
		return key, err
	}
	return c.checkDomains()
}

// acmeKey is a key of [acme] that says something.
func (c *config) acmeKey() string {
	usual := defaultConfig()
	for _, o := range options() {
		if strings.HasPrefix(o.key, "acme.") && tomlValue(o.field(c)) != tomlValue(o.field(usual)) {
			return o.key
		}
	}
	return ""
}

// checkChallenge finds out whether the challenge can be answered, and opens what is needed for that.
func (c *config) checkChallenge(given func(key string) bool) (key string, err error) {
	isDNS := c.challenge == string(acme.DNS)
	switch {
	case isDNS && strings.TrimSpace(c.hook) == "":
		return "acme.challenge", errors.New(`acme.hook is missing: with the challenge "dns" it names the command that makes the record`)
	case !isDNS && c.hook != "":
		return "acme.hook", errors.New(`acme.hook goes with acme.challenge = "dns"`)
	}
	front, addr, usual := "listen.http", &c.http, ":80"
	if c.challenge == string(acme.TLSALPN) {
		front, addr, usual = "listen.https", &c.https, ":443"
	}
	switch {
	case isDNS || *addr != "" || c.challenge == string(acme.HTTP) && c.web != "":
	case given(front):
		return front, fmt.Errorf("%s is \"\", and the authority asks there: acme.challenge %q needs it, mostly %q", front, c.challenge, usual)
	default:
		*addr = usual
	}
	return "", nil
}

// checkDomains wants names that an authority can sign for.
func (c *config) checkDomains() (key string, err error) {
	key = "acme.domains"
	if len(c.acme.Names) == 0 {
		key = "acme.email"
		if len(c.named()) > 0 {
			return key, errors.New("acme.domains is missing: it names what to get by ACME where other certificates are named too")
		}
		c.acme.Names = []string{c.hostname}
	}
	for i, name := range c.acme.Names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		c.acme.Names[i] = name
		host, star := strings.CutPrefix(name, "*.")
		switch {
		case !server.IsHostName(host) || !strings.Contains(host, "."):
			return key, fmt.Errorf("acme: %q is no name that an authority could sign for, such as mail.example.org (look at hostname and acme.domains)", name)
		case star && c.challenge != string(acme.DNS):
			return key, fmt.Errorf(`acme: %q needs acme.challenge = "dns"`, name)
		case slices.Contains(c.acme.Names[:i], name):
			return key, fmt.Errorf("acme: %q is there twice", name)
		}
	}
	return "", nil
}

func checkChallengeName(c *config) error {
	if !slices.Contains([]acme.Challenge{acme.HTTP, acme.TLSALPN, acme.DNS}, acme.Challenge(c.challenge)) {
		return fmt.Errorf("%q is none of http, tls-alpn, dns", c.challenge)
	}
	return nil
}
