package main

import (
	"fmt"
	"strings"

	"satchel/cmd/satchel/imapsync"
)

// imapReport shows what import imap does: it is an imapsync.Report.
type imapReport struct {
	p       *program
	looking *stepping // nil before and after folders are looked into
	*progress
}

func (r *imapReport) Size(bytes int64) string { return bytesText(bytes) }

func (r *imapReport) Looked(done, all int) {
	if r.looking == nil {
		r.looking = r.p.stepping("looking into folders")
	}
	r.looking.step(done, all)
}

func (r *imapReport) endLooking() {
	if r.looking != nil {
		r.looking.end()
		r.looking = nil
	}
}

// showPlan tells what would be done.
func (p *program) showPlan(plan *imapsync.Plan, account string) error {
	plan.Each(func(names string, d imapsync.Difference) {
		fmt.Fprintf(p.out, "%s: %s\n", names, planText(d))
	})
	fmt.Fprintf(p.out, "%s: %s; nothing was changed\n", account, planText(plan.Total()))
	bad := plan.Outcome().Tally
	p.leftOut(bad)
	if n := len(bad.Bad) + bad.BadMore; n > 0 {
		return fmt.Errorf("%d folders cannot be opened", n)
	}
	return nil
}

func planText(d imapsync.Difference) string {
	parts := []string{fmt.Sprintf("%d new (%s), %d already there", d.New, bytesText(d.Bytes), d.Present)}
	if d.Flags > 0 {
		parts = append(parts, fmt.Sprintf("%d with other flags", d.Flags))
	}
	if d.Gone > 0 {
		parts = append(parts, fmt.Sprintf("%d to be removed", d.Gone))
	}
	return strings.Join(parts, ", ")
}
