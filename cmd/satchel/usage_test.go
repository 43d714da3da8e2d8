package main

import (
	"errors"
	"fmt"
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

// TestExamples: what a help shows to type is of that command, and makes sense to it.
func TestExamples(t *testing.T) {
	examples := 0
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		for line := range strings.Lines(c.Example) {
			examples++
			command, _, _ := strings.Cut(line, "<") // a shell takes the rest
			if err := makesSense(c, strings.Fields(command)); err != nil {
				t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
			}
		}
	}
	walk(new(program).command())
	if examples < 30 {
		t.Errorf("only %d examples", examples)
	}
}

// makesSense reads a command line that is in a command's help as far as one can without running it.
func makesSense(of *cobra.Command, words []string) error {
	if len(words) == 0 || words[0] != "satchel" {
		return errors.New("it is not of satchel")
	}
	c, rest, err := new(program).command().Find(words[1:])
	if err != nil {
		return err
	}
	if !strings.HasPrefix(c.CommandPath()+" ", of.CommandPath()+" ") || !c.Runnable() {
		return fmt.Errorf("it is of %q", c.CommandPath())
	}
	if err := c.ParseFlags(rest); err != nil {
		return err
	}
	return errors.Join(c.ValidateArgs(c.Flags().Args()), c.ValidateRequiredFlags(), c.ValidateFlagGroups())
}
