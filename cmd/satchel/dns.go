package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
	"satchel/cmd/satchel/dns"
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
			"a zone file. The keys of [clients] say which services there are, and mta_sts.mode whether a policy for\n" +
			"servers that send mail.\n\n" +
			"With --check it asks the DNS for each and says what is missing. The exit status is 1 when something is without\n" +
			"which mail does not work, or could not be looked up. What was changed a moment ago may not have arrived\n" +
			"everywhere: --server asks one server, such as the zone's own.",
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
			if !config.IsFullName(cfg.Hostname) {
				return configError{fmt.Errorf("hostname: %q is not a full name; one like mail.example.org is needed", cfg.Hostname)}
			}
			if len(args) == 0 {
				if args, err = p.ownDomains(cmd, cfg); err != nil {
					return err
				}
			}
			zones, err := inDNS(cfg).Zones(args)
			if err != nil {
				return usageError{err}
			}
			if check {
				return p.checkZones(cmd.Context(), zones, nameserver, asJSON)
			}
			return dns.Write(p.out, zones)
		},
	}
	c.Flags().BoolVar(&check, "check", false, "ask the DNS what it has")
	c.Flags().BoolVar(&asJSON, "json", false, "with --check: print it as JSON")
	c.Flags().StringVar(&nameserver, "server", "", "the name server to ask, HOST or HOST:PORT (default this system's)")
	return c
}

// ownDomains are those that somebody has an address at, and the one of names without a domain.
func (p *program) ownDomains(cmd *cobra.Command, cfg *config.Config) (domains []string, err error) {
	if cfg.Domain != "" {
		domains = append(domains, cfg.Domain)
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

// inDNS is what records lead to.
func inDNS(c *config.Config) dns.Host {
	h := dns.Host{Name: c.Hostname, MTASTS: c.SenderPolicy()}
	h.IMAP, h.SMTP = c.Services()
	if c.HTTPS != "" || c.Web != "" {
		h.HTTPS = cmp.Or(c.ClientHTTPS, 443)
	}
	return h
}

// checkZones compares the records with what the DNS has.
func (p *program) checkZones(ctx context.Context, zones []dns.Zone, nameserver string, asJSON bool) error {
	list, err := dns.Check(ctx, zones, nameserver)
	if err != nil {
		return fmt.Errorf("ask the DNS: %w", err)
	}
	inState := map[string]int{}
	for i := range list {
		inState[list[i].State]++
	}
	errs := []error{show(p.out, asJSON, list, "STATE\tNAME\tTYPE\tFOUND", dnsRow)}
	switch missing := inState[dns.Needed]; {
	case missing == 1:
		errs = append(errs, errors.New("1 record is missing or wrong that mail needs: \"satchel dns\" prints it"))
	case missing > 1:
		errs = append(errs, fmt.Errorf("%d records are missing or wrong that mail needs: \"satchel dns\" prints them", missing))
	}
	if unknown := inState[dns.Unknown]; unknown > 0 {
		errs = append(errs, fmt.Errorf("%s could not be looked up", counted(unknown, "record")))
	}
	return errors.Join(errs...)
}

// dnsRow has in capitals what somebody must look after.
func dnsRow(r *dns.Checked) string {
	state := r.State
	if state == dns.Needed || state == dns.Unknown {
		state = strings.ToUpper(state)
	}
	return fmt.Sprintf("%s\t%s\t%s\t%s", state, r.Name, r.Type, cmp.Or(r.Found, r.Trouble, "there is none"))
}
