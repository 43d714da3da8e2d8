package main

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

func checkMTASTSMode(c *config) error {
	switch mode := c.mtaSTS.Mode; {
	case !slices.Contains(mtaSTSModes, mode):
		return fmt.Errorf("%q is none of testing, enforce, none", mode)
	case mode != "" && c.https == "" && c.web == "":
		return errors.New("the policy is asked for over HTTPS: listen.https or listen.web is needed")
	}
	return nil
}

func checkMTASTSHosts(c *config) error {
	for _, host := range c.mtaSTS.MX {
		if !server.IsHostName(strings.TrimPrefix(host, "*.")) {
			return fmt.Errorf("%q is not the name of a host such as mail.example.org, nor *.example.org", host)
		}
	}
	return nil
}

// senderPolicy is what servers that send mail to our domains are told.
func (c *config) senderPolicy() web.MTASTS {
	p := c.mtaSTS
	if len(p.MX) == 0 {
		p.MX = []string{c.hostname}
	}
	return p
}

// policyRecords lead servers that send mail to the policy, and tell them where to report. The id has to be the one of the
// policy: where it stays as it was, they keep what they know.
func (c *config) policyRecords(domain string) []record {
	if c.mtaSTS.Mode == "" {
		return nil
	}
	return []record{
		{"mta-sts." + domain, "CNAME", []string{c.hostname}, false, "Servers that send mail ask for the policy of MTA-STS; the name needs a certificate."},
		{"_mta-sts." + domain, "TXT", []string{"v=STSv1; id=" + c.senderPolicy().ID() + ";"}, false, ""},
		{"_smtp._tls." + domain, "TXT", []string{"v=TLSRPTv1; rua=mailto:postmaster@" + domain}, false, ""},
	}
}
