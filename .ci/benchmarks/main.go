// Command benchmarks turns what bench.sh has measured into docs/BENCHMARKS.md,
// losses included.
//
//	benchmarks FOLDER > docs/BENCHMARKS.md
//
// The folder holds the JSON reports of imapbench and, in "figures", what was
// measured of satchel alone. A file that is not there was not asked for.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	if len(args) != 1 {
		return errors.New("want the folder of the reports")
	}
	all, err := load(args[0], "disk.json", "speed.json", "memory.json")
	if err != nil {
		return err
	}
	minutes, err := os.ReadFile(filepath.Join(args[0], "minutes"))
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	all.head(out, string(minutes))
	all.table(out, goals)
	all.remarks(out)
	for _, part := range []struct{ file, title, text string }{
		{"unindexed.json", "Searching what is not indexed", "The same mail and servers, satchel with `search.index = false`: what a search costs before the index is made. A text that was searched for lately is answered from memory."},
		{"storing.json", "Storing with the index", "Two satchel servers, the one on the left with `search.index = false`: what indexing costs those who store mail."},
	} {
		r, err := load(args[0], part.file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "## %s\n\n%s Rounds: %d; load at the start %s.\n\n", part.title, part.text, r.rounds(), r.load())
		r.table(out, goalsOf[part.file])
		r.remarks(out)
	}
	if err := figures(out, filepath.Join(args[0], "figures")); err != nil {
		return err
	}
	return out.Flush()
}
