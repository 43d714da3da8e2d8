package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestNonsense: no command takes words that it does nothing with.
func TestNonsense(t *testing.T) {
	words := slices.Repeat([]string{"nonsense"}, 20)
	commands := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		if !c.HasParent() { // cobra finds no such command before it looks at words
			return
		}
		commands++
		if takesAny := strings.Contains(c.Use, "..."); takesAny == (c.ValidateArgs(words) != nil) {
			t.Errorf("%s: takes any number of words: %t; its usage says %q", c.CommandPath(), !takesAny, c.Use)
		}
	}
	walk(new(program).command())
	if commands < 40 {
		t.Errorf("only %d commands", commands)
	}
}
