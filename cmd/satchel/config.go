package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
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
				err = c.CheckFronts()
			}
			if err != nil {
				return err
			}
			return c.Write(p.out)
		},
	}
	c.AddCommand(p.configCheck())
	return c
}

func (p *program) configCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the configuration file and the files that it names, and print nothing else",
		Long: "Finds out whether a server would take the configuration, as the owner of the data folder where root asks: the keys,\n" +
			"the certificate with its key, and what else is read at the start. Exit status 0 says so; otherwise the mistakes\n" +
			"are printed, each with its line, and the exit status is 1.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := p.config()
			if err != nil {
				return err
			}
			if err := becomeOwner(c.Data); err != nil {
				return err
			}
			if c, err = p.config(); err == nil { // may the owner read it too?
				err = p.checkFiles(c)
			}
			if err != nil {
				return err
			}
			if file := p.configFile(); file != "" {
				fmt.Fprintf(p.out, "%s: no mistakes\n", file)
			} else {
				fmt.Fprintf(p.out, "there is no %s: every key has its default\n", standardConfig)
			}
			return nil
		},
	}
}

// checkFiles reads what a server reads at its start.
func (p *program) checkFiles(c *config.Config) error {
	if err := c.CheckFronts(); err != nil {
		return err
	}
	if _, err := c.Issuer(); err != nil {
		return err
	}
	if _, err := newACME(c, nil, nil); err != nil {
		return err
	}
	return p.checkCertificates(c)
}
