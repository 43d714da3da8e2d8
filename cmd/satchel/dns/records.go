// Package dns owns which records the DNS needs for a mail server and the domains whose mail it has, their form in a zone
// file, and what the DNS has of them. It changes no zone.
package dns

import (
	"fmt"
	"net"
	"net/netip"

	"satchel/server/web"
)

// Host is the server that records lead to.
type Host struct {
	Name       string      // in full
	IMAP, SMTP web.Service // as clients reach them
	HTTPS      int         // the port at which browsers do; 0 where nothing is served over HTTPS
	MTASTS     web.MTASTS
}

// record is what a zone has under a name. The names in it have no dot at the end.
type record struct {
	name   string
	kind   string
	values []string
	needed bool   // without it mail does not work
	why    string // what it and those after it are for
}

// ownRecords are the addresses of this host, which only the owner of a router knows that hides them.
func (h Host) ownRecords() []record {
	v4, v6 := addresses()
	why := "This host. At the provider of its addresses their PTR records name it too."
	if len(v4)+len(v6) == 0 {
		why = "This host needs a record A with its address, and AAAA if it has one."
	}
	return []record{{h.Name, "A", v4, true, why}, {h.Name, "AAAA", v6, false, ""}}
}

// records are those of a domain whose mail this server has.
func (h Host) records(domain string) []record {
	list := []record{{domain, "MX", []string{"10 " + h.Name}, true, "Mail for the domain comes to this host."}}
	why := "Mail programs find IMAP, and the MTA that takes what they send."
	for _, s := range []struct {
		name string
		host string
		port int
		at   int // priority: the lower, the better
	}{
		{"_imaps", h.IMAP.Host, h.IMAP.TLS, 0}, {"_imap", h.IMAP.Host, h.IMAP.STARTTLS, 10},
		{"_submissions", h.SMTP.Host, h.SMTP.TLS, 0}, {"_submission", h.SMTP.Host, h.SMTP.STARTTLS, 10},
	} {
		if s.port > 0 { // RFC 6186, 3; RFC 8314, 3.3
			list = append(list, record{s.name + "._tcp." + domain, "SRV", []string{fmt.Sprintf("%d 1 %d %s", s.at, s.port, s.host)}, false, why})
			why = ""
		}
	}
	if h.HTTPS > 0 {
		list = append(list,
			record{"autoconfig." + domain, "CNAME", []string{h.Name}, false, "Mail programs ask for their settings; Outlook by the last two, of which the second needs a certificate for its name."},
			record{"_autodiscover._tcp." + domain, "SRV", []string{fmt.Sprintf("0 1 %d %s", h.HTTPS, h.Name)}, false, ""},
			record{"autodiscover." + domain, "CNAME", []string{h.Name}, false, ""})
	}
	list = append(list, h.policyRecords(domain)...)
	return append(list, h.senderRecords(domain)...)
}

// senderRecords tell receivers who may send in the domain's name. DKIM is not among them: its key is the MTA's.
func (h Host) senderRecords(domain string) []record {
	spf := "v=spf1 mx -all"
	if h.SMTP.Host != h.Name {
		spf = "v=spf1 mx a:" + h.SMTP.Host + " -all"
	}
	return []record{
		{domain, "TXT", []string{spf}, false, "Who may send in the domain's name, and that receivers report. The MTA tells its own key (DKIM)."},
		{"_dmarc." + domain, "TXT", []string{"v=DMARC1; p=none; rua=mailto:postmaster@" + domain}, false, ""},
	}
}

// policyRecords lead servers that send mail to the policy, and tell them where to report. The id has to be the one of the
// policy: where it stays as it was, they keep what they know.
func (h Host) policyRecords(domain string) []record {
	if h.MTASTS.Mode == "" {
		return nil
	}
	return []record{
		{"mta-sts." + domain, "CNAME", []string{h.Name}, false, "Servers that send mail ask for the policy of MTA-STS; the name needs a certificate."},
		{"_mta-sts." + domain, "TXT", []string{"v=STSv1; id=" + h.MTASTS.ID() + ";"}, false, ""},
		{"_smtp._tls." + domain, "TXT", []string{"v=TLSRPTv1; rua=mailto:postmaster@" + domain}, false, ""},
	}
}

// addresses are those of this machine that all the world can reach.
func addresses() (v4, v6 []string) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil, nil // a hint less
	}
	for _, a := range all {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		switch addr := prefix.Addr().Unmap(); {
		case !addr.IsGlobalUnicast() || addr.IsPrivate() || shared.Contains(addr):
		case addr.Is4():
			v4 = append(v4, addr.String())
		default:
			v6 = append(v6, addr.String())
		}
	}
	return v4, v6
}

// shared is what providers have between their routers and themselves (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")
