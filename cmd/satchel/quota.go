package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/cmd/satchel/config"
	"satchel/server/control"
)

func (p *program) quotaCommand() *cobra.Command {
	var given [3]string // by backend.Resource
	var asJSON bool
	c := &cobra.Command{
		Use:   "quota [ACCOUNT ...]",
		Short: "Show what accounts have and may have, or set the limits of one",
		Long: "Without flags: one line for each account, or for each one named, with what it has of each limit. A limit that is\n" +
			"the account's own has a * behind it; others come from quota.storage, quota.messages and quota.mailboxes in the\n" +
			"configuration. A message counts once for each folder that it is in; what was expunged does not count.\n\n" +
			"With flags: sets limits of one account, in place of those of the configuration. They count at once. \"none\" is for\n" +
			"no limit, \"default\" for what the configuration says. What is there already stays, however much it is.",
		Example: "  satchel quota\n  satchel quota alice@example.org --storage 10GiB --messages none\n  satchel quota alice@example.org --storage default",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withAdmin(cmd.Context(), false, func(a control.Admin) error {
				if given != [3]string{} {
					if len(args) != 1 {
						return usageError{errors.New("limits are set for one account: name it")}
					}
					if err := setLimits(a, args[0], given); err != nil {
						return err
					}
				}
				return p.showQuotas(a, args, asJSON)
			})
		},
	}
	c.Flags().StringVar(&given[backend.QuotaStorage], "storage", "", `set how much mail the account may have, such as 10GiB, "none" or "default"`)
	c.Flags().StringVar(&given[backend.QuotaMessages], "messages", "", "set how many messages")
	c.Flags().StringVar(&given[backend.QuotaMailboxes], "mailboxes", "", "set how many folders")
	c.Flags().BoolVar(&asJSON, "json", false, "print it as JSON; a limit that is not there is null")
	return c
}

// setLimits changes those limits of an account that were given.
func setLimits(a control.Admin, account string, given [3]string) error {
	q, err := a.AccountQuota(account)
	if err != nil {
		return err
	}
	for r, text := range given {
		if text == "" {
			continue
		}
		if q.Own[r], err = parseLimit(backend.Resource(r), text); err != nil {
			return usageError{err}
		}
	}
	return a.SetQuota(account, q.Own)
}

func parseLimit(r backend.Resource, text string) (int64, error) {
	switch text {
	case "none":
		return backend.NoLimit, nil
	case "default":
		return backend.Configured, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if r == backend.QuotaStorage {
		var bytes config.Size
		bytes, err = config.ParseSize(text)
		n = int64(bytes)
	}
	switch {
	case err == nil && n == 0:
		return 0, errors.New(`0 would let nothing in: "none" is for no limit`)
	case err != nil || n < 0:
		return 0, fmt.Errorf(`%q is none of %s, "none", "default"`, text, [...]string{"a size such as 10GiB", "a number", "a number"}[r])
	}
	return n, nil
}

// showQuotas prints what accounts have. What is wrong with one of them does not keep it from the others.
func (p *program) showQuotas(a control.Admin, names []string, asJSON bool) error {
	accounts, err := wanted(a, names)
	if err != nil {
		return err
	}
	var list []backend.AccountQuota
	var errs []error
	for _, account := range accounts {
		q, err := a.AccountQuota(account)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, q)
	}
	if asJSON {
		err = printJSON(p.out, quotasJSON(list))
	} else {
		err = quotaTable(p.out, list)
	}
	return errors.Join(append(errs, err)...)
}

func quotaTable(out io.Writer, list []backend.AccountQuota) error {
	w := columns(out)
	fmt.Fprintln(w, "ACCOUNT\tSTORAGE\tMESSAGES\tMAILBOXES")
	for i := range list {
		q := &list[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", q.Account,
			quotaText(q, backend.QuotaStorage), quotaText(q, backend.QuotaMessages), quotaText(q, backend.QuotaMailboxes))
	}
	return w.Flush()
}

// quotaText writes how much there is of a resource, and of how much.
func quotaText(q *backend.AccountQuota, r backend.Resource) string {
	used, limit, own := fmt.Sprint(q.Usage[r]), fmt.Sprint(q.Limits[r]), ""
	if r == backend.QuotaStorage {
		used, limit = bytesText(q.Usage[r]), config.Size(q.Limits[r]).String()
	}
	if q.Own[r] != backend.Configured {
		own = "*"
	}
	if q.Limits[r] == backend.NoLimit {
		return used + own
	}
	return fmt.Sprintf("%s of %s%s (%d%%)", used, limit, own, q.Percent(r))
}

// resourceJSON is a resource as --json prints it.
type resourceJSON struct {
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit"`
	Own   bool   `json:"own"` // the limit is not that of the configuration
}

// accountQuotaJSON is what an account has, likewise.
type accountQuotaJSON struct {
	Account   string       `json:"account"`
	Storage   resourceJSON `json:"storage_bytes"`
	Messages  resourceJSON `json:"messages"`
	Mailboxes resourceJSON `json:"mailboxes"`
}

func quotasJSON(list []backend.AccountQuota) []accountQuotaJSON {
	out := make([]accountQuotaJSON, len(list))
	for i := range list {
		q := &list[i]
		resource := func(r backend.Resource) resourceJSON {
			j := resourceJSON{Used: q.Usage[r], Own: q.Own[r] != backend.Configured}
			if q.Limits[r] != backend.NoLimit {
				j.Limit = &q.Limits[r]
			}
			return j
		}
		out[i] = accountQuotaJSON{q.Account, resource(backend.QuotaStorage), resource(backend.QuotaMessages), resource(backend.QuotaMailboxes)}
	}
	return out
}
