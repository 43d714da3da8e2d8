package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"satchel/server"
	"satchel/server/web"
)

// mtaSTSModes are the words of mta_sts.mode (RFC 8461, 3.2).
var mtaSTSModes = []string{"", "testing", "enforce", "none"}

func checkMTASTSMode(c *Config) error {
	switch mode := c.mtaSTS.Mode; {
	case !slices.Contains(mtaSTSModes, mode):
		return fmt.Errorf("%q is none of testing, enforce, none", mode)
	case mode != "" && c.HTTPS == "" && c.Web == "":
		return errors.New("the policy is asked for over HTTPS: listen.https or listen.web is needed")
	case mode != "" && len(c.mtaSTS.MX) == 0 && !IsFullName(c.Hostname):
		return fmt.Errorf("hostname is %q, and a full name such as mail.example.org is needed, or mta_sts.mx", c.Hostname)
	}
	return nil
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
