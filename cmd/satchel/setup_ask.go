package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"satchel/server"
)

// errNotSetUp is a setup that was interrupted at a question.
var errNotSetUp = errors.New("nothing was set up")

// askSetup asks on the terminal for what the flags have not told.
func (p *program) askSetup(ctx context.Context, s *setup, fromStdin, yes bool) error {
	proposed := ""
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") && server.IsHostName(name) {
		proposed = name
	}
	if s.host == "" && yes {
		s.host = proposed
	}
	var missing []string
	for _, q := range []struct{ flag, value string }{{"--host", s.host}, {"--account", s.account}} {
		if q.value == "" {
			missing = append(missing, q.flag)
		}
	}
	if len(missing) > 0 {
		if yes {
			return usageError{fmt.Errorf("%s must be given", strings.Join(missing, " and "))}
		}
		if err := p.refuseAgain(); err != nil {
			return err
		}
		if err := askNames(ctx, s, proposed, missing); err != nil {
			return err
		}
	}
	var err error
	if s.password, err = p.password(ctx, fromStdin); errors.Is(err, errStopped) {
		return errNotSetUp
	} else if err != nil {
		return err
	}
	return s.check()
}

// refuseAgain spares somebody whose host is set up already the questions. A setup that was interrupted before there
// was an account may be run again.
func (p *program) refuseAgain() error {
	path := p.setupFile()
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	c, err := p.config()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(c.Data, "directory.db")); err != nil {
		return nil
	}
	return alreadySetUp(path)
}

// askNames asks for the names that are missing, whose flags are for where nobody can be asked.
func askNames(ctx context.Context, s *setup, proposed string, missing []string) error {
	tty, err := openTerminal(ctx)
	if err != nil {
		return usageError{fmt.Errorf("there is no terminal to ask on: use %s", strings.Join(missing, " and "))}
	}
	defer tty.Close()
	if s.host == "" {
		prompt := "Name of this host, such as mail.example.org: "
		if proposed != "" {
			prompt = fmt.Sprintf("Name of this host [%s]: ", proposed)
		}
		err = askUntil(tty, prompt, func(text string) error {
			s.host = cmp.Or(text, proposed)
			return s.checkHost()
		})
		if err != nil {
			return err
		}
	}
	if s.account == "" {
		err = askUntil(tty, "Address of the first account, such as alice@example.org: ", func(text string) error {
			s.account = text
			return s.checkAccount("asked for later")
		})
		if err != nil {
			return err
		}
	}
	if s.acme != "" {
		return nil
	}
	fmt.Fprint(tty, "Let's Encrypt gives this host a certificate, if you agree to its terms (https://letsencrypt.org/repository).\n")
	return askUntil(tty, "Your address for that, nothing for a certificate that mail programs warn of: ", func(text string) error {
		s.acme = text
		return s.checkACME()
	})
}

// askUntil asks for a line until one is taken.
func askUntil(tty *terminal, prompt string, take func(text string) error) error {
	for {
		text, err := tty.line(prompt)
		if err != nil {
			return errNotSetUp
		}
		err = take(text)
		if err == nil {
			return nil
		}
		fmt.Fprintln(tty, err)
	}
}
