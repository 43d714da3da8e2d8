package backup

import (
	"slices"
	"time"
)

// Keep says which runs stay when a repository is pruned: those that one of the rules keeps. The last run always stays, and
// of each account the last run that has it.
type Keep struct {
	Last    int           // the latest runs
	Within  time.Duration // all runs of so long before the latest
	Daily   int           // the last run of each of the latest days that have one
	Weekly  int           // likewise of weeks, which begin on Monday
	Monthly int           // likewise of months
}

// IsZero reports whether there is no rule.
func (k Keep) IsZero() bool { return k == Keep{} }

// kept returns those of the runs, given the oldest first, that stay. Days are those of the location.
func (k Keep) kept(runs []*Run, in *time.Location) (list []*Run) {
	if len(runs) == 0 {
		return nil
	}
	stay := map[*Run]bool{}
	latest := runs[len(runs)-1]
	for i, run := range runs {
		if i == len(runs)-1 || i >= len(runs)-k.Last || latest.Began.Sub(run.Began) < k.Within {
			stay[run] = true
		}
	}
	for _, rule := range []struct {
		n      int
		period func(time.Time) time.Time
	}{{k.Daily, day}, {k.Weekly, week}, {k.Monthly, month}} {
		n, last := rule.n, time.Time{}
		for _, run := range slices.Backward(runs) {
			p := rule.period(run.Began.In(in))
			if n == 0 {
				break
			}
			if !p.Equal(last) {
				stay[run], last, n = true, p, n-1
			}
		}
	}
	keepFailing(runs, stay)
	return slices.DeleteFunc(slices.Clone(runs), func(run *Run) bool { return !stay[run] })
}

// keepFailing keeps the last run that has an account, for those that the latest run has no copy of.
func keepFailing(runs []*Run, stay map[*Run]bool) {
	for i := range runs[len(runs)-1].Accounts {
		a := &runs[len(runs)-1].Accounts[i]
		if a.Failed == "" {
			continue
		}
		for _, run := range slices.Backward(runs) {
			if run.byID(a.ID) != nil {
				stay[run] = true
				break
			}
		}
	}
}

func day(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

func week(t time.Time) time.Time { return day(t).AddDate(0, 0, -int(t.Weekday()+6)%7) }

func month(t time.Time) time.Time { return day(t).AddDate(0, 0, 1-t.Day()) }
