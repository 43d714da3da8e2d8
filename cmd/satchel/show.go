package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// columns writes a list for people: fields end with tabs, and are aligned by Flush.
func columns(out io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(out, 0, 8, 2, ' ', 0) }

// jsonFlag lets a command print what it lists for programs.
func jsonFlag(c *cobra.Command, asJSON *bool) {
	c.Flags().BoolVar(asJSON, "json", false, "print it as JSON")
}

// show writes a list as JSON, or as the table that has a row for each of it.
func show[T any](out io.Writer, asJSON bool, list []T, head string, row func(x *T) string) error {
	if asJSON {
		return printJSON(out, append([]T{}, list...)) // one of nothing is not null
	}
	w := columns(out)
	fmt.Fprintln(w, head)
	for i := range list {
		fmt.Fprintln(w, row(&list[i]))
	}
	return w.Flush()
}

// printJSON writes a list, or an object, for programs.
func printJSON(out io.Writer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// toTheMinute is how lists write a time, that of this machine's zone.
func toTheMinute(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }

// counted writes a number of things, which have a regular plural.
func counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// bytesText writes a number of bytes for people.
func bytesText(n int64) string {
	for i, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if b := int64(1) << (10 * (4 - i)); n >= b {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(b), unit)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// orDash keeps a column from being empty.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// shortened cuts a text to so many characters.
func shortened(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}
