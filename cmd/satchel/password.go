package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"satchel/backend/passwords"
)

// passwordTries is how often a new password is asked for, when it was mistyped.
const passwordTries = 3

// password asks for a new password, and warns of a short one. The account's page refuses those; who has the command line is
// only told.
func (p *program) password(ctx context.Context, fromStdin bool) (secret string, err error) {
	if fromStdin {
		secret, err = p.readLine(ctx)
	} else {
		secret, err = p.askPassword(ctx)
	}
	if err == nil && passwords.IsShort(secret) {
		fmt.Fprintf(p.errOut, "satchel: a password of fewer than %d characters is soon guessed; \"satchel account passwd\" changes it\n", passwords.Advised)
	}
	return secret, err
}

// askPassword asks twice on the terminal, without showing it.
func (p *program) askPassword(ctx context.Context) (string, error) {
	tty, err := openTerminal(ctx)
	if err != nil {
		return "", usageError{errors.New("there is no terminal to ask for the password: use --password-stdin")}
	}
	defer tty.Close()
	for range passwordTries {
		if err != nil {
			fmt.Fprintln(tty, err)
		}
		var first, again string
		if first, err = tty.secret("Password: "); err != nil {
			return "", err
		}
		if again, err = tty.secret("Once more: "); err != nil {
			return "", err
		}
		switch {
		case first != again:
			err = errors.New("the two passwords differ")
		case first == "":
			err = errors.New("the password is empty")
		default:
			return first, nil
		}
	}
	return "", err
}

func (p *program) readLine(ctx context.Context) (secret string, err error) {
	var line string
	err = unlessStopped(ctx, func() (err error) {
		line, err = secretLine(p.in, "standard input")
		return err
	})
	if err != nil {
		return "", err
	}
	return line, nil
}

// secretIn reads a secret that is the first line of a file.
func secretIn(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	defer f.Close()
	return secretLine(f, path)
}

func secretLine(r io.Reader, from string) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, maxAnswer)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read password: %w", err)
	}
	line = strings.TrimPrefix(strings.TrimRight(line, "\r\n"), "\ufeff") // the mark that some editors put before UTF-8
	if line == "" {
		return "", fmt.Errorf("no password on %s", from)
	}
	return line, nil
}
