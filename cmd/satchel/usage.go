package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a command line that makes no sense.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// arity is how cobra counts arguments.
var arity = regexp.MustCompile(`^(?:accepts|requires)( at most| at least|) (\d+) arg\(s\), (?:only )?received (\d+)$`)

// inWords says for people what cobra says of the number of arguments.
func inWords(text string) string {
	m := arity.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	given, _ := strconv.Atoi(m[3])
	return fmt.Sprintf("%s given, where%s %s can be", counted(given, "argument"), m[1], m[2])
}

// isUsage tells a command line that makes no sense from trouble. Some of cobra's complaints have no type.
func isUsage(err error) bool {
	if err == nil {
		return false
	}
	var usage usageError
	return errors.As(err, &usage) || slices.ContainsFunc(cobraComplaints[:], func(begin string) bool { return strings.HasPrefix(err.Error(), begin) })
}

var cobraComplaints = [...]string{"unknown command", "accepts ", "requires ", "required flag", "invalid argument",
	"if any flags in the group", "at least one of the flags"}

// usageOf says how a command is used, or where that is said.
func usageOf(c *cobra.Command) string {
	if c.HasSubCommands() {
		return fmt.Sprintf("\"%s --help\" says more", c.CommandPath())
	}
	return "usage: " + c.UseLine()
}

// refuseNonsense has commands fail at words that they do not know. By itself cobra shows a help then, and all seems well
// to a script.
func refuseNonsense(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch {
		case c.Name() == "help":
			c.Args = commandsOnly
		case !c.Runnable():
			c.DisableFlagsInUseLine = true
			c.Args = subcommandsOnly
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
		refuseEmpty(c)
	}
}

// refuseEmpty has a command and those below it fail where a word or a flag's value is empty: a script whose variable
// has nothing in it does not mean all accounts, nor all folders.
func refuseEmpty(c *cobra.Command) {
	accepts := c.Args
	c.Args = func(c *cobra.Command, args []string) (err error) {
		c.Flags().Visit(func(f *pflag.Flag) {
			if f.Annotations[emptyMeans] == nil && hasEmpty(f.Value) {
				err = usageError{fmt.Errorf("--%s has an empty value", f.Name)}
			}
		})
		if err != nil || accepts == nil {
			return err
		}
		if err = accepts(c, args); err == nil && slices.Contains(args, "") {
			err = usageError{errors.New("one of the words is empty")}
		}
		return err
	}
	for _, sub := range c.Commands() {
		refuseEmpty(sub)
	}
}

func hasEmpty(v pflag.Value) bool {
	if list, ok := v.(pflag.SliceValue); ok {
		return slices.Contains(list.GetSlice(), "")
	}
	return v.Type() == "string" && v.String() == ""
}

// emptyMeans is what a flag is annotated with whose empty value means something.
const emptyMeans = "satchel_empty_means_something"

func mayBeEmpty(c *cobra.Command, flags ...string) {
	for _, name := range flags {
		c.Flags().SetAnnotation(name, emptyMeans, []string{})
	}
}

// subcommandsOnly refuses what is none of the subcommands of c, and names them.
func subcommandsOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("unknown command %q for %q", args[0], c.CommandPath())
	for i, sub := range c.Commands() {
		text += [...]string{": there are ", ", "}[min(i, 1)] + sub.Name()
	}
	return usageError{errors.New(text)}
}

// commandsOnly refuses what does not lead to a command.
func commandsOnly(c *cobra.Command, args []string) error {
	found, rest, err := c.Root().Find(args)
	if err == nil && len(rest) > 0 {
		err = subcommandsOnly(found, rest)
	}
	return err
}
