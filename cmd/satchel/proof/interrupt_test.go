package proof

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestInterruptedQuestions presses Ctrl-C at each question: the program ends at once, the terminal shows again what is
// typed, and nothing has been made.
func TestInterruptedQuestions(t *testing.T) {
	dir := t.TempDir()
	config, data := filepath.Join(dir, "satchel.toml"), filepath.Join(dir, "data")
	questions := []struct{ question, answer string }{
		{"Name of this host", "mail.example.org"},
		{"Address of the first account", user},
		{"Your address for that", ""},
		{"Password: ", password},
		{"Once more: ", password},
	}
	for n, last := range questions {
		t.Run(last.question, func(t *testing.T) {
			tty := onTerminal(t, "setup", "--config", config, "--data", data, "--web", "off")
			for _, q := range questions[:n] {
				tty.see(q.question)
				tty.press(q.answer + "\n")
			}
			tty.see(last.question)
			tty.press("\x03")
			tty.see("satchel: nothing was set up")
			tty.endsWith(1)
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
				t.Errorf("%v was left behind (%v)", left, err)
			}
		})
	}
}

// TestInterruptedInput interrupts commands that have read something of standard input and wait for more.
func TestInterruptedInput(t *testing.T) {
	data := newData(t)
	for _, c := range []struct {
		code int
		args []string
	}{
		{1, []string{"account", "passwd", user, "--password-stdin"}},
		{75, []string{"deliver", user}},
	} {
		in, pipe, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		defer pipe.Close()
		cmd := exec.Command(binary, append(c.args, "--data", data)...)
		cmd.Stdin = in
		if _, err := pipe.WriteString("Subject: "); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Process.Kill()
		for unread := 1; unread > 0; runtime.Gosched() {
			if unread, err = unix.IoctlGetInt(int(in.Fd()), unix.TIOCINQ); err != nil {
				t.Fatal(err)
			}
		}
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != c.code {
			t.Errorf("%s: exit status %d, not %d", c.args[0], code, c.code)
		}
	}
}

// ptyProgram is the program on a terminal of its own.
type ptyProgram struct {
	t      *testing.T
	cmd    *exec.Cmd
	master *os.File
	slave  *os.File
	shown  bytes.Buffer
}

// onTerminal starts the program on a terminal, which is all that it has.
func onTerminal(t *testing.T, args ...string) *ptyProgram {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("this system has no terminals to give: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	fd := int(master.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { slave.Close() })
	cmd := exec.Command(binary, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	return &ptyProgram{t: t, cmd: cmd, master: master, slave: slave}
}

// see reads until the terminal shows a text.
func (p *ptyProgram) see(text string) {
	p.t.Helper()
	for b := make([]byte, 1); !strings.Contains(p.shown.String(), text); {
		if _, err := io.ReadFull(p.master, b); err != nil {
			p.t.Fatalf("%v, and no %q in:\n%s", err, text, p.shown.Bytes())
		}
		p.shown.Write(b)
	}
}

func (p *ptyProgram) press(keys string) {
	p.t.Helper()
	if _, err := p.master.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// endsWith wants an exit status, and a terminal that shows what is typed.
func (p *ptyProgram) endsWith(code int) {
	p.t.Helper()
	p.cmd.Wait()
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit status %d, not %d:\n%s", got, code, p.shown.Bytes())
	}
	state, err := unix.IoctlGetTermios(int(p.slave.Fd()), unix.TCGETS)
	if err != nil {
		p.t.Fatal(err)
	}
	if state.Lflag&unix.ECHO == 0 {
		p.t.Error("the terminal does not show any more what is typed")
	}
}
