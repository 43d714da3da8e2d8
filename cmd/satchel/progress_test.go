package main

import (
	"bytes"
	"testing"
)

// TestProgressLines: without a terminal a long import says something now and then.
func TestProgressLines(t *testing.T) {
	var out bytes.Buffer
	g := (&program{errOut: &out}).progress("imported", 100)
	for range 2*linesEvery + 1 {
		g.Message(1)
	}
	g.end()
	if want := "imported 10000 messages so far\nimported 20000 messages so far\n"; out.String() != want {
		t.Errorf("got %q", out.String())
	}
}

// TestCountingLines: an operation that tells how far it is says so when it has come a good way further.
func TestCountingLines(t *testing.T) {
	var out bytes.Buffer
	g := (&program{errOut: &out}).counting("alice: indexed", 100)
	for _, n := range []int{100, 9999, 12345, 19999, 12, 40000, 40001} {
		g.reach(n)
	}
	g.end()
	if want := "alice: indexed 12345 messages so far\nalice: indexed 40000 messages so far\n"; out.String() != want {
		t.Errorf("got %q", out.String())
	}
}
