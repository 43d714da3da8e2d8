package acme

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/mholt/acmez/v3/acme"

	"satchel/server/printable"
)

// How long a hook may take, and how much of what it says counts.
const (
	presentTime = 5 * time.Minute
	cleanUpTime = time.Minute
	stopTime    = 3 * time.Second // when the server is stopping
	hookLinger  = time.Second     // for what it leaves behind and that holds its output
	hookOutput  = 500             // bytes, the last ones
)

// hook has DNS-01 answered by a command, which gets three arguments: "present" or "cleanup", the name of the record with
// a dot at its end, and its text. It makes or removes a TXT record and ends with 0. These are the arguments that the
// "exec" provider of lego gives, so that its scripts can be used.
type hook struct {
	command []string
	settle  time.Duration // that name servers may need afterwards
}

func (h *hook) Present(ctx context.Context, c acme.Challenge) error {
	return h.run(ctx, presentTime, "present", c)
}

// Wait lets the record spread to all name servers: the authority asks several.
func (h *hook) Wait(ctx context.Context, _ acme.Challenge) error {
	timer := time.NewTimer(h.settle)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// CleanUp removes the record also when the server is stopping, if that is quick.
func (h *hook) CleanUp(ctx context.Context, c acme.Challenge) error {
	limit := cleanUpTime
	if ctx.Err() != nil {
		limit = stopTime
	}
	return h.run(context.WithoutCancel(ctx), limit, "cleanup", c)
}

// run runs the command in a process group of its own, of which nothing is left afterwards. It has the environment of the
// server, where a unit can put what it needs, and is shown nothing on its standard input.
func (h *hook) run(ctx context.Context, limit time.Duration, action string, c acme.Challenge) error {
	record := c.DNS01TXTRecordName() + "."
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	args := append(h.command[1:len(h.command):len(h.command)], action, record, c.DNS01KeyAuthorization())
	cmd := exec.CommandContext(ctx, h.command[0], args...)
	var said lastBytes
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = hookLinger
	err := cmd.Start()
	if err == nil {
		err = cmd.Wait()
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay):
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		err = fmt.Errorf("it took longer than %v", limit)
	}
	return &hookError{h.command[0], action, record, err, said.text()}
}

// hookError is a command that failed.
type hookError struct {
	program, action, record string
	err                     error
	said                    string // its last words
}

func (e *hookError) Error() string {
	text := fmt.Sprintf("%s %s %s: %v", e.program, e.action, e.record, e.err)
	if e.said != "" {
		text += ": " + e.said
	}
	return text
}

func (e *hookError) Unwrap() error { return e.err }

// lastBytes keeps the end of what is written.
type lastBytes []byte

func (b *lastBytes) Write(p []byte) (int, error) {
	*b = append(*b, p[max(0, len(p)-hookOutput):]...)
	*b = (*b)[max(0, len(*b)-hookOutput):]
	return len(p), nil
}

func (b lastBytes) text() string { return strings.TrimSpace(printable.Text(string(b), longestText)) }
