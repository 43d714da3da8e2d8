package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// report is the part of imapbench's report that the page needs.
type report struct {
	Started string
	Machine map[string]string
	Corpus  map[string]int64
	Servers []struct {
		Name, TLS string
	}
	Rows     []row
	Skipped  []string
	Errors   []string
	Warnings []string
}

// row compares both sides in one metric; Ratio is above 1 where the second is
// better, whatever the unit.
type row struct {
	Scenario, Metric, Unit string
	A, B                   *side
	Ratio                  float64
	Lo                     float64 `json:"ratio_lo"`
	Hi                     float64 `json:"ratio_hi"`
	CPURatio               float64 `json:"cpu_ratio"`
}

type side struct {
	N             int
	First, Median float64
}

func (r row) name() string { return r.Scenario + "/" + r.Metric }

// load reads reports of a folder; the rows and remarks of later ones join the
// first, which alone has to be there.
func load(folder string, names ...string) (*report, error) {
	var all report
	for i, name := range names {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if i > 0 && errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		var r report
		if err := json.Unmarshal(b, &r); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if i == 0 {
			all = r
			continue
		}
		all.Rows = append(all.Rows, r.Rows...)
		all.Skipped = append(all.Skipped, r.Skipped...)
		all.Errors = append(all.Errors, r.Errors...)
		all.Warnings = append(all.Warnings, r.Warnings...)
	}
	return &all, nil
}

func (r *report) rounds() int {
	n := 0
	for _, row := range r.Rows {
		if row.B != nil {
			n = max(n, row.B.N)
		}
	}
	return n
}

// load is that of the machine over the minute before.
func (r *report) load() string {
	s, _, _ := strings.Cut(r.Machine["load"], " ")
	return s
}
