package main

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"satchel/backend"
	"satchel/server"
)

// warnOfPolicy logs at which names the policy of MTA-STS is promised, but cannot be fetched.
func (f *fronts) warnOfPolicy() {
	accounts, err := f.be.Accounts()
	if err != nil {
		f.log.Error("cannot list the domains", "error", err)
	}
	if names := f.withoutPolicy(accounts); len(names) > 0 {
		f.log.Warn("no certificate is for these names: servers that send mail cannot fetch the policy of MTA-STS there", "names", names)
	}
}

// withoutPolicy lists the names where senders to the accounts' domains ask for the policy in vain, because no certificate
// that they may trust is for them, nor is to come. A web server before this one has certificates of its own.
func (f *fronts) withoutPolicy(accounts []backend.AccountInfo) []string {
	if f.cfg.SenderPolicy().Mode == "" || f.addr("https") == "" || f.addr("web") != "" {
		return nil
	}
	return uncertified(policyHosts(accounts), f.certificates.Status())
}

// policyHosts are the names where the policy is asked for, sorted.
func policyHosts(accounts []backend.AccountInfo) (hosts []string) {
	seen := map[string]bool{}
	for _, a := range accounts {
		for _, address := range a.Addresses {
			_, domain, ok := strings.Cut(address, "@")
			if !ok || seen[domain] {
				continue
			}
			seen[domain] = true
			if ascii, err := idna.Lookup.ToASCII(domain); err == nil && strings.Contains(ascii, ".") {
				hosts = append(hosts, "mta-sts."+ascii)
			}
		}
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// uncertified are the hosts that no certificate is for but self-signed ones.
func uncertified(hosts []string, certificates []server.CertificateStatus) []string {
	return slices.DeleteFunc(hosts, func(host string) bool {
		return slices.ContainsFunc(certificates, func(c server.CertificateStatus) bool {
			return c.Source != "self-signed" && slices.ContainsFunc(c.Names, func(name string) bool { return covers(name, host) })
		})
	})
}

// someOf names the first few of a list.
func someOf(list []string) string {
	const few = 3
	if len(list) > few {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:few], ", "), len(list)-few)
	}
	return strings.Join(list, ", ")
}
