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
	}
	return nil
}

func checkMTASTSHosts(c *Config) error {
	for _, host := range c.mtaSTS.MX {
		if !server.IsHostName(strings.TrimPrefix(host, "*.")) {
			return fmt.Errorf("%q is not the name of a host such as mail.example.org, nor *.example.org", host)
		}
	}
	return nil
}

// SenderPolicy is what servers that send mail to our domains are told.
func (c *Config) SenderPolicy() web.MTASTS {
	p := c.mtaSTS
	if len(p.MX) == 0 {
		p.MX = []string{c.Hostname}
	}
	return p
}
