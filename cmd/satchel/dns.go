package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/net/idna"

	"satchel/server"
	"satchel/server/control"
)

func (p *program) dnsCommand() *cobra.Command {
	var check, asJSON bool
	var nameserver string
	c := &cobra.Command{
		Use:   "dns [DOMAIN ...]",
		Short: "Print the records that the DNS needs, or check those it has",
		Long: "Prints the records for the zones of the domains, or of all domains that somebody has an address at: where mail for\n" +
			"them goes, where mail programs find this server, and what receivers of their mail want to see. It is in the form of\n" +
			"a zone file. The keys of [clients] say which services there are.\n\n" +
			"With --check it asks the DNS for each and says what is missing. The exit status is 1 when something is without\n" +
			"which mail does not work. What was changed a moment ago may not have arrived everywhere: --server asks one server,\n" +
			"such as the zone's own.",
		Example: "  satchel dns\n" +
			"  satchel dns example.org --check\n" +
			"  satchel dns example.org --check --server ns1.example.org",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case nameserver != "" && !check:
				return usageError{errors.New("--server is asked by --check")}
			case asJSON && !check:
				return usageError{errors.New("--json is for --check: without it a zone file is printed")}
			}
			cfg, err := p.config()
			if err != nil {
				return err
			}
			if !strings.Contains(cfg.hostname, ".") || !server.IsHostName(cfg.hostname) {
				return configError{fmt.Errorf("hostname: %q is not a full name; one like mail.example.org is needed", cfg.hostname)}
			}
			if len(args) == 0 {
				if args, err = p.ownDomains(cmd, cfg); err != nil {
					return err
				}
			}
			zones, err := cfg.zones(args)
			if err != nil {
				return err
			}
			if check {
				return p.checkZones(cmd.Context(), zones, nameserver, asJSON)
			}
			return printZones(p.out, zones)
		},
	}
	c.Flags().BoolVar(&check, "check", false, "ask the DNS what it has")
	c.Flags().BoolVar(&asJSON, "json", false, "with --check: print it as JSON")
	c.Flags().StringVar(&nameserver, "server", "", "the name server to ask, HOST or HOST:PORT (default this system's)")
	return c
}

// ownDomains are those that somebody has an address at, and the one of names without a domain.
func (p *program) ownDomains(cmd *cobra.Command, cfg *config) (domains []string, err error) {
	if cfg.domain != "" {
		domains = append(domains, cfg.domain)
	}
	err = p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
		accounts, err := a.Accounts()
		for _, account := range accounts {
			for _, address := range account.Addresses {
				if _, domain, ok := strings.Cut(address, "@"); ok {
					domains = append(domains, domain)
				}
			}
		}
		return err
	})
	slices.Sort(domains)
	if domains = slices.Compact(domains); len(domains) == 0 && err == nil {
		err = fmt.Errorf("no account has an address with a domain: name one, such as \"satchel dns example.org\"")
	}
	return domains, err
}

// zone is what a domain's zone needs.
type zone struct {
	domain  string
	records []record
}

// zones are those of the domains. The host's own records are in the first that has its name, or else before all.
func (c *config) zones(domains []string) (zones []zone, err error) {
	host := c.hostRecords()
	for _, domain := range domains {
		ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
		if err != nil || !server.IsHostName(ascii) {
			return nil, usageError{fmt.Errorf("%q is not a domain", domain)}
		}
		z := zone{domain: ascii}
		if strings.HasSuffix("."+c.hostname, "."+ascii) {
			z.records, host = host, nil
		}
		z.records = append(z.records, c.records(ascii)...)
		zones = append(zones, z)
	}
	if len(host) > 0 {
		_, above, _ := strings.Cut(c.hostname, ".")
		zones = append([]zone{{above, host}}, zones...)
	}
	return zones, nil
}

// printZones writes zone files.
func printZones(out io.Writer, zones []zone) error {
	var b strings.Builder
	for i, z := range zones {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "; In the zone of %s\n", z.domain)
		widest := 0
		for _, r := range z.records {
			widest = max(widest, len(r.name)+1)
		}
		for _, r := range z.records {
			r.print(&b, widest)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
