package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxPasswordLine bounds what is read of standard input or a file for a password or a token.
const maxPasswordLine = 16 << 10

// passwordTries is how often a new password is asked for, when it was mistyped.
const passwordTries = 3

// terminal is where the user sits, whatever standard input and output are.
func terminal() (*os.File, error) { return os.OpenFile("/dev/tty", os.O_RDWR, 0) }

// password asks for a new password: one line of standard input, or twice on the terminal without showing it.
func (p *program) password(fromStdin bool) (string, error) {
	if fromStdin {
		return p.readLine()
	}
	tty, err := terminal()
	if err != nil {
		return "", usageError{errors.New("there is no terminal to ask for the password: use --password-stdin")}
	}
	defer tty.Close()
	for range passwordTries {
		if err != nil {
			fmt.Fprintln(tty, err)
		}
		var first, again string
		if first, err = ask(tty, "Password: "); err != nil {
			return "", err
		}
		if again, err = ask(tty, "Once more: "); err != nil {
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

func ask(tty *os.File, prompt string) (string, error) {
	fmt.Fprint(tty, prompt)
	b, err := term.ReadPassword(int(tty.Fd()))
	fmt.Fprintln(tty)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	return string(b), nil
}

func (p *program) readLine() (string, error) { return secretLine(p.in, "standard input") }

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
	line, err := bufio.NewReader(io.LimitReader(r, maxPasswordLine)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("read password: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", fmt.Errorf("no password on %s", from)
	}
	return line, nil
}
