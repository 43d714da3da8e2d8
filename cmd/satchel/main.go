// Command satchel is an IMAP server that keeps mail in SQLite files.
//
// This package owns the command line: flags, wiring, exit codes, progress on the terminal; one file for each subcommand.
// What a subcommand does to mail it asks of control.Admin, so that it works whether a server is running on the data folder
// or not. Of mail it knows only what an import is to bring over (import_*.go) and which messages a restore is to bring back
// (restore_*.go).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
)

// Exit codes of all subcommands but deliver, which has those of sysexits.h.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run is main with its exit code.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { signal.Reset(syscall.SIGINT) }) // what does not end at the first Ctrl-C does at the second
	p := &program{in: os.Stdin, out: os.Stdout, errOut: os.Stderr}
	root := p.command()
	root.SetArgs(args)
	c, err := root.ExecuteContextC(ctx)
	code := p.exitCode(err)
	if isUsage(err) {
		fmt.Fprintf(p.errOut, "satchel: %s\n", usageOf(c))
	}
	return code
}

// program is one run of the command line: where it reads and writes, and the flags that all subcommands have.
type program struct {
	in     *os.File
	out    io.Writer
	errOut io.Writer

	configPath string
	dataFlag   string
}

// command builds the tree of subcommands.
func (p *program) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "satchel",
		Short: "An IMAP server for people who host their own mail",
		Long: "Satchel keeps the mail of several people in SQLite files of one folder and serves it over IMAP;\n" +
			"the MTA hands new mail in over LMTP.\n\n" +
			"Exit status: 0 when all went well, 1 on trouble, 2 for a command line that makes no sense.",
		SilenceUsage: true, SilenceErrors: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.errOut)
	flags := root.PersistentFlags()
	flags.StringVar(&p.dataFlag, "data", "", "the data folder (default /var/lib/satchel, or what the configuration says)")
	flags.StringVar(&p.configPath, "config", "", "the configuration file (default "+standardConfig+", if there is one)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		p.setupCommand(), p.serveCommand(), p.demoCommand(),
		p.accountCommand(), p.addressCommand(), p.appPasswordCommand(), p.quotaCommand(),
		p.dnsCommand(),
		p.statusCommand(), p.whoCommand(), p.kickCommand(), p.traceCommand(),
		p.deliverCommand(), p.importCommand(), p.exportCommand(), p.undeleteCommand(), p.eraseCommand(),
		p.backupCommand(), p.restoreCommand(), p.indexCommand(), p.checkCommand(),
		p.configCommand(), p.postfixCommand(), p.versionCommand(), p.manCommand(),
	)
	refuseNonsense(root)
	return root
}

// standardConfig is read when no --config is given.
const standardConfig = "/etc/satchel/satchel.toml"

// configFile is the file to read, "" when there is none.
func (p *program) configFile() string {
	if p.configPath == "" {
		if _, err := os.Stat(standardConfig); err == nil {
			return standardConfig
		}
	}
	return p.configPath
}

// config is what the file and the flags say together.
func (p *program) config() (*config.Config, error) {
	c := config.Default()
	if path := p.configFile(); path != "" {
		if err := c.Load(path); err != nil {
			return nil, configError{err}
		}
	}
	if p.dataFlag != "" {
		c.Data = p.dataFlag
	}
	return c, nil
}

// configError is a configuration file that does not.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

// exitError is a failure with an exit code of its own. What is to be said has been said when err is nil.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

// exitCode prints an error and gives the code that stands for it.
func (p *program) exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	code := exitFailure
	var exit exitError
	switch {
	case errors.As(err, &exit):
		code = exit.code
		if exit.err == nil {
			return code
		}
	case isUsage(err):
		code = exitUsage
	}
	for line := range strings.Lines(inWords(err.Error())) {
		if line != "\n" {
			fmt.Fprintf(p.errOut, "satchel: %s\n", strings.TrimSuffix(line, "\n"))
		}
	}
	return code
}
