package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// figures writes what was measured of satchel alone: lines of fields separated by
// tabs. "section TITLE" begins a list of "figure NAME VALUE UNIT"; "scale TABLE
// ROW MESSAGES VALUE..." is a cell of a table by numbers of messages.
func figures(w io.Writer, path string) error {
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	var tables scales
	between := ""
	for line := range strings.Lines(string(b)) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		switch {
		case f[0] == "section" && len(f) == 2:
			fmt.Fprintf(w, "%s## %s, satchel alone\n\n| what | value | unit | goal |\n|---|--:|---|---|\n", between, f[1])
			between = "\n"
		case f[0] == "figure" && len(f) == 4:
			fmt.Fprintf(w, "| %s | %s | %s | %s |\n", f[1], f[2], f[3], atMost(f[1], f[2]))
		case f[0] == "scale" && len(f) > 4:
			tables.add(f[1:])
		}
	}
	fmt.Fprint(w, between)
	tables.write(w)
	return nil
}

// atMost is the goal of a figure that should be small.
func atMost(name, value string) string {
	goal, ok := most[name]
	if v, err := strconv.ParseFloat(value, 64); !ok || err != nil {
		return ""
	} else if v > goal {
		return fmt.Sprintf("at most %g **missed**", goal)
	}
	return fmt.Sprintf("at most %g", goal)
}

// scales are tables with a column for each number of messages.
type scales struct {
	sizes []string
	rows  []scaleRow
}

type scaleRow struct {
	table, name string
	cells       map[string][]string // by number of messages
}

// add takes a cell: table, row, messages, values.
func (s *scales) add(f []string) {
	if !slices.Contains(s.sizes, f[2]) {
		s.sizes = append(s.sizes, f[2])
	}
	i := slices.IndexFunc(s.rows, func(r scaleRow) bool { return r.table == f[0] && r.name == f[1] })
	if i < 0 {
		i = len(s.rows)
		s.rows = append(s.rows, scaleRow{f[0], f[1], map[string][]string{}})
	}
	s.rows[i].cells[f[2]] = f[3:]
}

func (s *scales) write(w io.Writer) {
	if len(s.rows) == 0 {
		return
	}
	fmt.Fprint(w, `## Search in mailboxes of three sizes, satchel alone

Letters of 1 to 2 KB, six of ten in a Latin alphabet, two in Cyrillic, one in Greek, one in Chinese; words as often as
in a language (Zipf) out of 200,000 in each alphabet, unique tokens in headers and links. All of them are indexed first.

`)
	s.table(w, "index", "")
	fmt.Fprint(w, `Each cell is the median and the 99th percentile in ms of searches that nobody has made before, over all of the mailbox,
answer included: up to 200 different texts, one connection, files in the system's cache. A number in brackets says of
how many texts where there are fewer or 20 seconds were over; of less than 100 the second value is the slowest.
`+"`growth`"+` is that of the median from the one to the other of the two largest mailboxes. A search passes over the different
words of each segment of the index, and then over the messages of those that contain the text: it costs as the number of
segments and of what is found grows. Messages are read only for several words side by side, and for three or more
characters of a script without blanks: as many as have all the pieces, so two frequent words are what costs most.

`)
	s.table(w, "search", " growth |")
}

// table writes the rows of one table, with a last column if it has a title.
func (s *scales) table(w io.Writer, name, last string) {
	fmt.Fprint(w, "| messages |")
	for _, size := range s.sizes {
		fmt.Fprintf(w, " %s |", thousands(size))
	}
	fmt.Fprintf(w, "%s\n|---|%s\n", last, strings.Repeat("--:|", len(s.sizes)+strings.Count(last, "|")))
	for _, row := range s.rows {
		if row.table != name {
			continue
		}
		fmt.Fprintf(w, "| %s |", row.name)
		for _, size := range s.sizes {
			fmt.Fprintf(w, " %s |", cell(row.cells[size]))
		}
		if last != "" {
			fmt.Fprintf(w, " %s |", growth(s.sizes, row.cells))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w)
}

// thousands puts commas into a number.
func thousands(digits string) string {
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// cell is a value, or a median, a percentile and of how many.
func cell(values []string) string {
	switch {
	case len(values) == 0:
		return ""
	case len(values) < 3:
		return values[0]
	case values[2] == "200":
		return values[0] + " / " + values[1]
	}
	return fmt.Sprintf("%s / %s (%s)", values[0], values[1], values[2])
}

// growth is how many times the last column's first value is that of the column before.
func growth(sizes []string, cells map[string][]string) string {
	if len(sizes) < 2 {
		return ""
	}
	var v [2]float64
	for i := range v {
		if c := cells[sizes[len(sizes)-2+i]]; len(c) > 0 {
			v[i], _ = strconv.ParseFloat(c[0], 64)
		}
	}
	if v[0] == 0 || v[1] == 0 {
		return ""
	}
	return number(v[1]/v[0]) + " times"
}
