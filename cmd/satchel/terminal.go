package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// maxAnswer bounds what is read for one answer, and of standard input or a file for a password or a token.
const maxAnswer = 16 << 10

// errStopped is Ctrl-C while something is waited for that nobody may ever send.
var errStopped = errors.New("interrupted")

// terminal is where the user sits, whatever standard input and output are, until ctx ends.
type terminal struct {
	*os.File
	ctx context.Context
}

func openTerminal(ctx context.Context) (*terminal, error) {
	f, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	return &terminal{f, ctx}, err
}

// line asks for a line.
func (t *terminal) line(prompt string) (string, error) {
	fmt.Fprint(t, prompt)
	text, err := t.read()
	if err != nil {
		fmt.Fprintln(t)
	}
	return strings.TrimSpace(text), err
}

// secret asks for a line that is not shown. It leaves the terminal as it was, however that ends.
func (t *terminal) secret(prompt string) (string, error) {
	fd := int(t.Fd())
	shown, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	hidden := *shown
	hidden.Lflag &^= unix.ECHO
	hidden.Lflag |= unix.ICANON | unix.ISIG
	hidden.Iflag |= unix.ICRNL
	if err := unix.IoctlSetTermios(fd, setTermios, &hidden); err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	fmt.Fprint(t, prompt)
	text, err := t.read()
	fmt.Fprintln(t)
	return strings.TrimRight(text, "\r\n"), errors.Join(err, unix.IoctlSetTermios(fd, setTermios, shown))
}

// read reads a line, and no further: another answer may come next.
func (t *terminal) read() (string, error) {
	var line string
	err := unlessStopped(t.ctx, func() (err error) {
		line, err = bufio.NewReader(io.LimitReader(t.File, maxAnswer)).ReadString('\n')
		return err
	})
	switch {
	case errors.Is(err, io.EOF): // Ctrl-D
		return "", errStopped
	case err != nil:
		return "", err
	}
	return line, nil
}

// unlessStopped waits for do, which does not look at ctx itself, but not longer than ctx. What is left behind then ends
// with the process, as by kill -9: it must be something that may end so.
func unlessStopped(ctx context.Context, do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errStopped
	}
}
