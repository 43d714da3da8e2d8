package backup

import (
	"slices"
	"testing"
	"time"
)

func TestKeep(t *testing.T) {
	begin := time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC) // a Thursday
	var runs []*Run
	for i := range 100 { // two a day
		runs = append(runs, &Run{Number: i + 1, Began: begin.Add(time.Duration(i) * 12 * time.Hour)})
	}
	for _, x := range []struct {
		keep Keep
		want []int
	}{
		{Keep{Last: 1}, []int{100}},
		{Keep{Last: 3}, []int{98, 99, 100}},
		{Keep{Within: 36 * time.Hour}, []int{98, 99, 100}},
		{Keep{Daily: 3}, []int{96, 98, 100}},
		{Keep{Weekly: 3}, []int{78, 92, 100}},
		{Keep{Monthly: 5}, []int{62, 100}},
		{Keep{Daily: 1, Monthly: 2}, []int{62, 100}},
	} {
		var got []int
		for _, run := range x.keep.kept(runs, time.UTC) {
			got = append(got, run.Number)
		}
		if !slices.Equal(got, x.want) {
			t.Errorf("%+v keeps %v, want %v", x.keep, got, x.want)
		}
	}
	if got := (Keep{Last: 1}).kept(nil, time.UTC); len(got) != 0 {
		t.Errorf("of no runs %v", got)
	}
}

// The only copy of an account that the last run could not read stays.
func TestKeepFailing(t *testing.T) {
	begin := time.Date(2026, 1, 1, 3, 0, 0, 0, time.UTC)
	var runs []*Run
	for i := range 10 {
		run := &Run{Number: i + 1, Began: begin.AddDate(0, 0, i), Accounts: []Account{{ID: "a"}, {ID: "b"}}}
		if i > 4 {
			run.Accounts[1].Failed = "damaged"
		}
		runs = append(runs, run)
	}
	kept := Keep{Last: 2}.kept(runs, time.UTC)
	if len(kept) != 3 || kept[0].Number != 5 {
		t.Errorf("kept %v", kept)
	}
}
