package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"satchel/cmd/satchel/config"
)

func (p *program) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "man [DIR]",
		Short: "Write the manual pages, one for each subcommand into DIR, or all of them as one page to standard output",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			root.DisableAutoGenTag = true
			if len(args) == 0 {
				return p.manPage(root)
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			return doc.GenManTree(root, manHeader(), args[0])
		},
	}
}

// manHeader has a fixed date, so that the pages change only when what they say does.
func manHeader() *doc.GenManHeader {
	date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &doc.GenManHeader{Title: "SATCHEL", Section: "1", Source: "satchel", Manual: "satchel", Date: &date}
}

// manPage writes one page with a section for each subcommand.
func (p *program) manPage(root *cobra.Command) error {
	var page bytes.Buffer
	if err := doc.GenMan(root, manHeader(), &page); err != nil {
		return err
	}
	head, _, _ := strings.Cut(page.String(), ".SH SEE ALSO")
	fmt.Fprint(p.out, head, ".SH COMMANDS\n")
	p.manSections(root)
	p.manConfig()
	return nil
}

// manConfig lists the keys of the configuration file.
func (p *program) manConfig() {
	fmt.Fprint(p.out, ".SH CONFIGURATION\nA TOML file. Every key is optional; flags come after it. What holds without it:\n.PP\n.nf\n")
	c := config.Default()
	c.Hostname = "the name of this host"
	for _, k := range c.Keys() {
		fmt.Fprintf(p.out, "%s = %s\n    %s\n", roff(k.Name), roff(k.Value), roff(k.Help))
	}
	fmt.Fprint(p.out, ".fi\n")
}

func (p *program) manSections(c *cobra.Command) {
	for _, sub := range c.Commands() {
		if !sub.IsAvailableCommand() || sub.Name() == "help" || sub.Name() == "completion" {
			continue
		}
		if sub.Runnable() || sub.Long != "" {
			fmt.Fprintf(p.out, ".SS %s\n%s\n", roff(strings.TrimSuffix(sub.UseLine(), " [flags]")), roff(longText(sub)))
			if usage := sub.LocalFlags().FlagUsages(); usage != "" {
				p.manVerbatim(usage)
			}
			if sub.Example != "" {
				p.manVerbatim("Examples:\n" + sub.Example + "\n")
			}
		}
		p.manSections(sub)
	}
}

// manVerbatim writes lines as they are.
func (p *program) manVerbatim(lines string) { fmt.Fprintf(p.out, ".PP\n.nf\n%s.fi\n", roff(lines)) }

func longText(c *cobra.Command) string {
	if c.Long != "" {
		return strings.ReplaceAll(c.Long, "\n\n", "\n.PP\n")
	}
	return c.Short + "."
}

// roff keeps text from being taken for requests.
func roff(s string) string {
	s = strings.ReplaceAll(s, `\`, `\e`)
	s = strings.ReplaceAll(s, "-", `\-`)
	return strings.ReplaceAll(s, "\n'", "\n\\&'")
}
