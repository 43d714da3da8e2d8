package main

import (
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"satchel/backend/extract"
	"satchel/server"
)

func (p *program) configCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Check the configuration file and print what holds",
		Long: "Prints every key with its value in force, as a file that could be used. All mistakes in the file are printed at\n" +
			"once, each with its line; the exit status is then 1.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := p.config()
			if err == nil {
				err = c.checkFronts()
			}
			if err != nil {
				return err
			}
			p.showConfig(c)
			return nil
		},
	}
	c.AddCommand(p.configCheck())
	return c
}

func (p *program) showConfig(c *config) {
	section := ""
	for _, o := range options() {
		name := o.key
		if s, key, ok := strings.Cut(o.key, "."); ok {
			name = key
			if s != section {
				section = s
				fmt.Fprintf(p.out, "\n[%s]\n", s)
			}
		}
		fmt.Fprintf(p.out, "# %s\n%s = %s\n", o.help, name, tomlValue(o.field(c)))
	}
}

func tomlValue(field any) string {
	switch f := field.(type) {
	case *string:
		return quoteTOML(*f)
	case *[]string:
		return listTOML(*f)
	case *int:
		return fmt.Sprint(*f)
	case *bool:
		return fmt.Sprint(*f)
	case *size:
		return quoteTOML(f.String())
	case *share:
		return quoteTOML(f.String())
	case *time.Duration:
		return quoteTOML(shortDuration(*f))
	case *[]server.HideRule:
		return hideTOML(*f)
	case *[]server.KeyPair:
		return keyPairsTOML(*f)
	case *[]extract.Program:
		return listTOML(extractorLines(*f))
	case *slog.Level:
		return quoteTOML(strings.ToLower(f.String()))
	}
	return `""`
}

func listTOML(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quoteTOML(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// quoteTOML writes a basic string; Go's quoting is TOML's for all that a configuration has.
func quoteTOML(s string) string { return fmt.Sprintf("%q", s) }
