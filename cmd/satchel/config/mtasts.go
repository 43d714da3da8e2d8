package config

import (
	"fmt"
	"slices"
	"strings"

	"satchel/server"
	"satchel/server/web"
)

// mtaSTSModes are the words of mta_sts.mode (RFC 8461, 3.2).
var mtaSTSModes = []string{"", "testing", "enforce", "none"}

func checkMTASTSMode(c *Config) error {
	if mode := c.mtaSTS.Mode; !slices.Contains(mtaSTSModes, mode) {
		return fmt.Errorf("%q is none of testing, enforce, none", mode)
	}
	return nil
}

// checkMTASTS finds what the policy needs of other keys, and names the one to look at.
func (c *Config) checkMTASTS() (key string, err error) {
	key = "mta_sts.mode"
	switch {
	case c.mtaSTS.Mode == "":
	case c.HTTPS == "" && c.Web == "":
		return key, fmt.Errorf("%s: the policy is asked for over HTTPS: listen.https or listen.web is needed", key)
	case len(c.mtaSTS.MX) == 0 && !IsFullName(c.Hostname):
		return key, fmt.Errorf("%s: hostname is %q, and a full name such as mail.example.org is needed, or mta_sts.mx", key, c.Hostname)
	}
	return "", nil
}

func checkMTASTSHosts(c *Config) error {
	for _, host := range c.mtaSTS.MX {
		if !IsFullName(strings.TrimPrefix(host, "*.")) {
			return fmt.Errorf("%q is not the full name of a host such as mail.example.org, nor *.example.org", host)
		}
	}
	return nil
}

// IsFullName reports whether a name is one of a host, with its domain. Others know no host by a shorter one: who obeys a
// policy with one would keep the mail.
func IsFullName(name string) bool {
	labels := strings.Split(name, ".")
	return len(labels) > 1 && !slices.Contains(labels, "") && server.IsHostName(name)
}

// SenderPolicy is what servers that send mail to our domains are told.
func (c *Config) SenderPolicy() web.MTASTS {
	p := c.mtaSTS
	if len(p.MX) == 0 {
		p.MX = []string{c.Hostname}
	}
	return p
}
