// Command benchmarks turns the JSON reports of imapbench and the figures of
// cmd/satchel/proof into docs/BENCHMARKS.md, losses included.
//
//	benchmarks FIGURES REPORT ... > docs/BENCHMARKS.md
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

// report is the part of imapbench's report that the page needs.
type report struct {
	Started string
	Seconds float64
	Machine map[string]string
	Options map[string]string
	Corpus  map[string]int64
	Servers []struct {
		Name, Greeting, TLS string
	}
	Rows     []row
	Skipped  []string
	Errors   []string
	Warnings []string
}

// row compares both sides in one metric; Ratio is above 1 where satchel is
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

// goals are the ratios that satchel wants to keep.
var goals = []struct {
	prefix string
	ratio  float64
}{
	{"idle-latency/", 20},
	{"append-1/rate", 2}, {"append-8/rate", 2}, {"append-8-one/rate", 2}, {"lmtp-deliver/one", 2}, {"lmtp-deliver/x8", 2},
	{"resync/", 2}, {"sort/", 2}, {"thread/", 2},
	{"fetch-flags/", 2}, {"fetch-list/envelope", 2}, {"copy/", 2}, {"move/", 2}, {"login/", 2},
	{"select/", 1}, {"status-all/list-status", 1}, {"fetch-list/header-fields", 1}, {"fetch-structure/", 1},
	{"fetch-partial/", 1}, {"fetch-body/single", 1}, {"multiappend/", 1}, {"expunge/", 1}, {"store-flags/all", 1}, {"search-flags/", 1},
	{"fetch-body/bulk", 0.7}, {"store-flags/single", 0.7}, {"search-header/", 0.7}, {"search-body/", 0.7},
}

// firstEnvelope is the goal for the ENVELOPE of all messages when nobody has
// asked for it before: satchel computes it when the message arrives.
const firstEnvelope = 10

// goal returns the ratio wanted of a metric, 0 for none. The slowest answer
// of a sample (p99) has none of its own.
func goal(name string) float64 {
	if strings.HasSuffix(name, "-p99") && !strings.HasPrefix(name, "idle-latency/") {
		return 0
	}
	for _, g := range goals {
		if strings.HasPrefix(name, g.prefix) {
			return g.ratio
		}
	}
	return 0
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	if len(args) < 2 {
		return fmt.Errorf("want the figures and a report or more")
	}
	r, err := load(args[1:])
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	r.head(out)
	r.table(out)
	r.remarks(out)
	if err := figures(out, args[0]); err != nil {
		return err
	}
	return out.Flush()
}

// load reads the reports; the rows and remarks of later ones join the first.
func load(paths []string) (*report, error) {
	var all report
	for i, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var r report
		if err := json.Unmarshal(b, &r); err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		if i == 0 {
			all = r
			continue
		}
		all.Seconds += r.Seconds
		all.Rows = append(all.Rows, r.Rows...)
		all.Skipped = append(all.Skipped, r.Skipped...)
		all.Errors = append(all.Errors, r.Errors...)
		all.Warnings = append(all.Warnings, r.Warnings...)
	}
	return &all, nil
}

func (r *report) head(w io.Writer) {
	fmt.Fprintf(w, "# Benchmarks\n\nWritten by `make bench`; edits are lost at the next run.\n\n")
	fmt.Fprintf(w, "Dovecot (mdbox, `mail_fsync = optimized`) and satchel (every commit on disk before the answer),\n")
	fmt.Fprintf(w, "one after the other in each round, on one machine together with the client that measures.\n\n")
	fmt.Fprintf(w, "- %s, %.0f minutes; rounds: %d\n", r.Started, r.Seconds/60, r.rounds())
	fmt.Fprintf(w, "- %s, %s cores, %s memory, Linux %s, %s, load at the start %s\n", r.Machine["cpu"], r.Machine["cpus"],
		r.Machine["memory"], r.Machine["kernel"], r.Machine["go"], firstWord(r.Machine["load"]))
	fmt.Fprintf(w, "- mail: %d messages, %.1f MB, half of them below %d bytes, made from a seed\n",
		r.Corpus["messages"], float64(r.Corpus["bytes"])/1e6, r.Corpus["p50"])
	for _, s := range r.Servers {
		fmt.Fprintf(w, "- %s: %s\n", s.Name, s.TLS)
	}
	fmt.Fprintln(w)
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

func firstWord(s string) string {
	s, _, _ = strings.Cut(s, " ")
	return s
}

// table has a line for each metric. A ratio whose rounds lie on both sides of
// 1 shows no difference.
func (r *report) table(w io.Writer) {
	fmt.Fprintln(w, "`ratio` is above 1 where satchel is better; `rounds` the lowest and highest of single rounds; `CPU` the")
	fmt.Fprintln(w, "same ratio in processor time of the server. `goal` is what satchel wants to keep, **missed** where it does not.")
	fmt.Fprintln(w, "\n| scenario | unit | Dovecot | satchel | ratio | rounds | CPU | goal |\n|---|---|--:|--:|--:|---|--:|---|")
	for _, row := range r.Rows {
		if row.A == nil || row.B == nil {
			continue
		}
		ratio, wanted := number(row.Ratio), verdict(row.Ratio, goal(row.name()))
		if row.Ratio == 0 && row.B.Median == 0 { // too short to be measured
			ratio, wanted = "beyond", verdict(goal(row.name()), goal(row.name()))
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s to %s | %s | %s |\n", row.name(), row.Unit, number(row.A.Median),
			number(row.B.Median), ratio, number(row.Lo), number(row.Hi), number(row.CPURatio), wanted)
		if row.name() == "fetch-list/envelope" {
			first := row.A.First / row.B.First
			fmt.Fprintf(w, "| %s, the first time | %s | %s | %s | %s | | | %s |\n", row.name(), row.Unit, number(row.A.First),
				number(row.B.First), number(first), verdict(first, firstEnvelope))
		}
	}
	fmt.Fprintln(w)
}

// verdict is the goal as the table shows it.
func verdict(ratio, goal float64) string {
	switch {
	case goal == 0:
		return ""
	case ratio < goal:
		return number(goal) + " **missed**"
	}
	return number(goal)
}

func (r *report) remarks(w io.Writer) {
	for _, part := range []struct {
		title string
		lines []string
	}{{"Left out, because one side does not offer it", r.Skipped}, {"Failed", r.Errors}, {"Warnings", r.Warnings}} {
		if len(part.lines) == 0 {
			continue
		}
		fmt.Fprintf(w, "%s:\n\n", part.title)
		for _, line := range part.lines {
			fmt.Fprintf(w, "- %s\n", line)
		}
		fmt.Fprintln(w)
	}
}

// figures writes what the tests of cmd/satchel/proof measured of satchel alone:
// lines of "figure", name, value and unit, separated by tabs.
func figures(w io.Writer, path string) error {
	b, err := os.ReadFile(path)
	if err != nil || len(b) == 0 {
		return err
	}
	fmt.Fprint(w, "## Memory and big folders, satchel alone\n\n| what | value | unit |\n|---|--:|---|\n")
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) == 4 {
			fmt.Fprintf(w, "| %s | %s | %s |\n", f[1], f[2], f[3])
		}
	}
	return nil
}

// number prints three significant digits, and whole numbers from 100 on.
func number(v float64) string {
	switch {
	case v == 0:
		return "-"
	case v >= 100 || v <= -100:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}
