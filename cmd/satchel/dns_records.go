package main

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/netip"

	"satchel/server/web"
)

// record is what a zone has under a name. The names in it have no dot at the end.
type record struct {
	name   string
	kind   string
	values []string
	needed bool   // without it mail does not work
	why    string // what it and those after it are for
}

// hostRecords are the addresses of this host, which only the owner of a router knows that hides them.
func (c *config) hostRecords() []record {
	v4, v6 := addresses()
	why := "This host. At the provider of its addresses their PTR records name it too."
	if len(v4)+len(v6) == 0 {
		why = "This host needs a record A with its address, and AAAA if it has one."
	}
	return []record{{c.hostname, "A", v4, true, why}, {c.hostname, "AAAA", v6, false, ""}}
}

// records are those of a domain whose mail this server has.
func (c *config) records(domain string) []record {
	imap, smtp := c.services()
	list := []record{{domain, "MX", []string{"10 " + c.hostname}, true, "Mail for the domain comes to this host."}}
	why := "Mail programs find IMAP, and the MTA that takes what they send."
	for _, s := range []struct {
		name string
		host string
		port int
		at   int // priority: the lower, the better
	}{
		{"_imaps", imap.Host, imap.TLS, 0}, {"_imap", imap.Host, imap.STARTTLS, 10},
		{"_submissions", smtp.Host, smtp.TLS, 0}, {"_submission", smtp.Host, smtp.STARTTLS, 10},
	} {
		if s.port > 0 { // RFC 6186, 3; RFC 8314, 3.3
			list = append(list, record{s.name + "._tcp." + domain, "SRV", []string{fmt.Sprintf("%d 1 %d %s", s.at, s.port, s.host)}, false, why})
			why = ""
		}
	}
	if c.https != "" || c.web != "" {
		list = append(list,
			record{"autoconfig." + domain, "CNAME", []string{c.hostname}, false, "Mail programs ask for their settings; Outlook by the last two, of which the second needs a certificate for its name."},
			record{"_autodiscover._tcp." + domain, "SRV", []string{fmt.Sprintf("0 1 %d %s", cmp.Or(c.clientHTTPS, 443), c.hostname)}, false, ""},
			record{"autodiscover." + domain, "CNAME", []string{c.hostname}, false, ""})
	}
	list = append(list, c.policyRecords(domain)...)
	return append(list, senderRecords(domain, c.hostname, smtp)...)
}

// senderRecords tell receivers who may send in the domain's name. DKIM is not among them: its key is the MTA's.
func senderRecords(domain, host string, smtp web.Service) []record {
	spf := "v=spf1 mx -all"
	if smtp.Host != host {
		spf = "v=spf1 mx a:" + smtp.Host + " -all"
	}
	return []record{
		{domain, "TXT", []string{spf}, false, "Who may send in the domain's name, and that receivers report. The MTA tells its own key (DKIM)."},
		{"_dmarc." + domain, "TXT", []string{"v=DMARC1; p=none; rua=mailto:postmaster@" + domain}, false, ""},
	}
}

// print writes the lines of a zone file, names in a column so wide.
func (r record) print(w io.Writer, width int) {
	if r.why != "" {
		fmt.Fprintf(w, "; %s\n", r.why)
	}
	for _, value := range r.values {
		switch r.kind {
		case "A", "AAAA":
		case "TXT":
			value = `"` + value + `"`
		default:
			value += "."
		}
		fmt.Fprintf(w, "%-*s  %-5s  %s\n", width, r.name+".", r.kind, value)
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
