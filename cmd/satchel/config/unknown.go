package config

import (
	"fmt"
	"strings"
)

// unknownKey names the key that was probably meant.
func unknownKey(table []option, key string) error {
	best, near := "", len(key)/2+2
	for _, o := range table {
		if d := distance(key, o.key); d < near {
			best, near = o.key, d
		}
		// The right name in the wrong section is nearer than any misspelling.
		if lastPart(o.key) == lastPart(key) && near > 0 {
			best, near = o.key, 0
		}
	}
	if best == "" {
		return fmt.Errorf(`unknown key %q ("satchel config" shows all)`, key)
	}
	return fmt.Errorf("unknown key %q: did you mean %q?", key, best)
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// distance counts the letters to insert, delete or change between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
