package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"satchel/server"
)

// askSetup asks on the terminal for what the flags have not told.
func (p *program) askSetup(s *setup, fromStdin, yes bool) error {
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
		if err := askNames(s, proposed, missing); err != nil {
			return err
		}
	}
	var err error
	if s.password, err = p.password(fromStdin); err != nil {
		return err
	}
	return s.check()
}

// askNames asks for the names that are missing, whose flags are for where nobody can be asked.
func askNames(s *setup, proposed string, missing []string) error {
	tty, err := terminal()
	if err != nil {
		return usageError{fmt.Errorf("there is no terminal to ask on: use %s", strings.Join(missing, " and "))}
	}
	defer tty.Close()
	if s.host == "" {
		prompt := "Name of this host, such as mail.example.org: "
		if proposed != "" {
			prompt = fmt.Sprintf("Name of this host [%s]: ", proposed)
		}
		if s.host, err = answer(tty, prompt); err != nil {
			return err
		}
		if s.host == "" {
			s.host = proposed
		}
	}
	if s.account == "" {
		if s.account, err = answer(tty, "Address of the first account, such as alice@example.org: "); err != nil {
			return err
		}
	}
	if s.acme == "" {
		fmt.Fprint(tty, "Let's Encrypt gives this host a certificate, if you agree to its terms (https://letsencrypt.org/repository).\n")
		s.acme, err = answer(tty, "Your address for that, nothing for a certificate that mail programs warn of: ")
	}
	return err
}

// answer asks for a line. It reads no further than that: a password may come next.
func answer(tty *os.File, prompt string) (string, error) {
	fmt.Fprint(tty, prompt)
	line, err := bufio.NewReader(io.LimitReader(tty, maxPasswordLine)).ReadString('\n')
	if err != nil {
		return "", errors.New("nothing was set up")
	}
	return strings.TrimSpace(line), nil
}
