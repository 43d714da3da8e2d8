package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

func (r *report) head(w io.Writer, minutes string) {
	fmt.Fprintf(w, "# Benchmarks\n\nWritten by `make bench`; edits are lost at the next run.\n\n")
	fmt.Fprintf(w, "Dovecot (mdbox, `mail_fsync = optimized`) and satchel (every commit on disk before the answer),\n")
	fmt.Fprintf(w, "one after the other in each round, on one machine together with the client that measures.\n\n")
	fmt.Fprintf(w, "- %s, %s minutes in all; rounds: %d\n", r.Started, strings.TrimSpace(minutes), r.rounds())
	fmt.Fprintf(w, "- %s, %s cores, %s memory, Linux %s, %s, load at the start %s\n", r.Machine["cpu"], r.Machine["cpus"],
		r.Machine["memory"], r.Machine["kernel"], r.Machine["go"], r.load())
	fmt.Fprintf(w, "- mail: %d messages, %.1f MB, half of them below %d bytes, made from a seed\n",
		r.Corpus["messages"], float64(r.Corpus["bytes"])/1e6, r.Corpus["p50"])
	fmt.Fprintf(w, "- all of the big mailbox is indexed before anything but disk is measured\n")
	for _, s := range r.Servers {
		fmt.Fprintf(w, "- %s: %s\n", s.Name, s.TLS)
	}
	fmt.Fprintln(w, "\n`ratio` is above 1 where the second server is better; `rounds` the lowest and highest of single rounds; `CPU` the")
	fmt.Fprintln(w, "same ratio in processor time of the server. `goal` is what satchel wants to keep, **missed** where it does not.")
	fmt.Fprintln(w)
}

// table has a line for each metric. A ratio whose rounds lie on both sides of
// 1 shows no difference.
func (r *report) table(w io.Writer, wishes []wish) {
	fmt.Fprintf(w, "| scenario | unit | %s | %s | ratio | rounds | CPU | goal |\n|---|---|--:|--:|--:|---|--:|---|\n", r.Servers[0].Name, r.Servers[1].Name)
	for _, row := range r.Rows {
		if row.A == nil || row.B == nil {
			continue
		}
		wanted := goal(wishes, row.name())
		ratio, told := number(row.Ratio), verdict(row.Ratio, wanted)
		if row.Ratio == 0 && row.B.Median == 0 { // too short to be measured
			ratio, told = "beyond", verdict(wanted, wanted)
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s to %s | %s | %s |\n", row.name(), row.Unit, number(row.A.Median),
			number(row.B.Median), ratio, number(row.Lo), number(row.Hi), number(row.CPURatio), told)
		if slices.Contains(firsts, row.name()) {
			name, ratio := row.name()+", the first time", row.A.First/row.B.First
			fmt.Fprintf(w, "| %s | %s | %s | %s | %s | | | %s |\n", name, row.Unit, number(row.A.First),
				number(row.B.First), number(ratio), verdict(ratio, goal(wishes, name)))
		}
	}
	fmt.Fprintln(w)
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
