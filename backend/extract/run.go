package extract

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

const (
	linger = time.Second // for what a program leaves behind and that holds its output
	quiet  = time.Hour   // between two lines of the log about a media type
)

// Run appends the text that the program for a media type finds: at most 4 MiB, with one
// blank for each run of white space. A program that fails, or takes longer than 30
// seconds, finds none. An error says that it could not be run, or was not left to end,
// so that it is not known what text there is: ctx's, ErrClosed, or trouble with the disk.
func (x *Programs) Run(ctx context.Context, use Use, media string, attachment io.WriterTo, dst []byte) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(x.ctx, cancel)()
	select {
	case x.turns[use] <- struct{}{}:
		defer func() { <-x.turns[use] }()
	case <-ctx.Done():
		return dst, x.stopped(ctx)
	}
	out := &firstBytes{text: dst, left: x.limits.text}
	failed, err := x.extract(ctx, x.commands[media], attachment, out)
	if stopped := x.stopped(ctx); stopped != nil {
		return dst, stopped
	}
	if err != nil {
		x.complain(media, err)
		return dst, fmt.Errorf("find the text of an attachment: %w", err)
	}
	if failed != nil {
		x.complain(media, failed)
		return dst, nil
	}
	return squeezed(out.text, len(dst)), nil
}

// stopped says why a run has to end, nil if it has not.
func (x *Programs) stopped(ctx context.Context) error {
	if x.ctx.Err() != nil {
		return ErrClosed
	}
	return ctx.Err()
}

// extract runs a program in a folder that is its own. failed is what went wrong with
// the attachment, err what went wrong before.
func (x *Programs) extract(ctx context.Context, command []string, attachment io.WriterTo, out *firstBytes) (failed, err error) {
	dir, err := os.MkdirTemp(x.folder, tempFolders)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	in, err := unnamed(dir, attachment)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	ctx, cancel := context.WithTimeout(ctx, x.limits.time)
	defer cancel()
	out.full = cancel
	cmd := x.command(ctx, command, dir)
	cmd.Stdin, cmd.Stdout = in, out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	failed = cmd.Wait()
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it has left behind; usually nothing is there
	switch {
	case out.cut:
		return nil, nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("it took longer than %v", x.limits.time), nil
	}
	return failed, nil
}

// command prepares a program within the limits, in a process group of its own.
func (x *Programs) command(ctx context.Context, command []string, dir string) *exec.Cmd {
	l := &x.limits
	limited := fmt.Sprintf(`ulimit -c 0; ulimit -t %d; ulimit -v %d; ulimit -f %d; exec "$@"`,
		1+l.time/time.Second, l.memory>>10, l.files>>9)
	cmd := exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", limited, "sh"}, command...)...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + searchPath, "LANG=C.UTF-8", "TMPDIR=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = linger
	return cmd
}

// unnamed puts an attachment into a file without a name, at its start. Programs that
// do not read in order can do it as /dev/stdin.
func unnamed(dir string, attachment io.WriterTo) (*os.File, error) {
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return nil, err
	}
	err = os.Remove(f.Name())
	if err == nil {
		_, err = attachment.WriteTo(f)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// firstBytes takes the first bytes of what is written.
type firstBytes struct {
	text []byte
	left int
	cut  bool   // there was more
	full func() // called then
}

func (b *firstBytes) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.text = append(b.text, p[:n]...)
	if b.left -= n; n < len(p) {
		b.cut = true
		b.full()
	}
	return len(p), nil
}

// squeezed makes one blank of each run of white space from a place on: lines and pages
// end where the layout wants it, not the text.
func squeezed(text []byte, from int) []byte {
	n := from
	for _, c := range text[from:] {
		if c == ' ' || '\t' <= c && c <= '\r' {
			if c = ' '; n > from && text[n-1] == ' ' {
				continue
			}
		}
		text[n] = c
		n++
	}
	return text[:n]
}

// complain logs that a program failed, now and then. Nothing of the message is in err.
func (x *Programs) complain(media string, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if last, ok := x.told[media]; ok && time.Since(last) < quiet {
		return
	}
	x.told[media] = time.Now()
	x.log.Warn("no text was found in an attachment", "type", media, "error", err)
}
