package proof

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	user     = "ada@example.org"
	password = "correct horse 7"
)

// binary is the program under test: SATCHEL, or one built by TestMain.
var binary = os.Getenv("SATCHEL")

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if binary == "" {
			dir, err := os.MkdirTemp("", "satchel")
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				return 1
			}
			defer os.RemoveAll(dir)
			binary = filepath.Join(dir, "satchel")
			build := exec.Command("go", "build", "-tags", "sqlite_fts5", "-o", binary, "satchel/cmd/satchel")
			build.Stderr = os.Stderr
			if err := build.Run(); err != nil {
				return 1
			}
		}
		return m.Run()
	}())
}

// satchel runs a subcommand and returns its output; it must succeed.
func satchel(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	out, err := try(stdin, args...)
	if err != nil {
		t.Fatalf("satchel %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func try(stdin string, args ...string) (string, error) {
	c := exec.Command(binary, args...)
	c.Stdin = strings.NewReader(stdin)
	out, err := c.CombinedOutput()
	return string(out), err
}

// newData makes a data folder with the given accounts, or one called user.
func newData(t testing.TB, names ...string) string {
	t.Helper()
	data := t.TempDir()
	addAccounts(t, data, names...)
	return data
}

func addAccounts(t testing.TB, data string, names ...string) {
	t.Helper()
	if len(names) == 0 {
		names = []string{user}
	}
	for _, name := range names {
		satchel(t, password+"\n", "account", "add", name, "--data", data, "--password-stdin")
	}
}

// program is a running server.
type program struct {
	imap, imaps, lmtp string // addresses
	cmd               *exec.Cmd
	log               *bytes.Buffer // complete once the process has ended
	ended             chan error
	clients           []*client // of login
}

// start runs the server on a data folder and waits until it is ready. It is
// killed when the test ends, unless stop or kill came first.
func start(t testing.TB, data string, args ...string) *program {
	t.Helper()
	return run(t, exec.Command(binary, append([]string{"serve", "--data", data,
		"--imap", "127.0.0.1:0", "--imaps", "127.0.0.1:0", "--lmtp", "127.0.0.1:0"}, args...)...))
}

// run is start for a command.
func run(t testing.TB, cmd *exec.Cmd) *program {
	t.Helper()
	p := &program{cmd: cmd, log: new(bytes.Buffer), ended: make(chan error, 1)}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	ready := false
	for !ready && lines.Scan() {
		ready = p.ready(lines.Text())
	}
	go func() {
		for lines.Scan() {
		}
		p.ended <- p.cmd.Wait()
	}()
	t.Cleanup(p.kill)
	if !ready {
		t.Fatalf("the server is not ready: %v\n%s", p.wait(), p.log)
	}
	return p
}

// ready reads the line that a server prints when its sockets are open.
func (p *program) ready(line string) bool {
	fields := strings.Fields(line)
	if len(fields) == 0 || fields[0] != "ready" {
		return false
	}
	for _, f := range fields[1:] {
		switch name, addr, _ := strings.Cut(f, "="); name {
		case "imap":
			p.imap = addr
		case "imaps":
			p.imaps = addr
		case "lmtp":
			p.lmtp = addr
		}
	}
	return true
}

// wait returns how the process ended.
func (p *program) wait() error {
	err := <-p.ended
	p.ended <- err
	return err
}

// stop ends the server in order; it must exit with status 0. The clients of login leave first: a server lingers for those
// that do not take its farewell.
func (p *program) stop(t testing.TB) {
	t.Helper()
	for _, c := range p.clients {
		c.Close()
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		p.ended <- err
		if err != nil {
			t.Errorf("after SIGTERM: %v\n%s", err, p.log)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the server did not stop within 20 s of SIGTERM")
	}
}

// kill ends the server as a power switch would, and waits until it is gone.
func (p *program) kill() {
	p.cmd.Process.Kill()
	p.wait()
}

// alive tells whether the process still runs.
func (p *program) alive() bool {
	select {
	case err := <-p.ended:
		p.ended <- err
		return false
	default:
		return true
	}
}

// memory returns a field of the process's memory in KiB: "Pss" is its
// proportional share, "Anonymous" what it allocated.
func (p *program) memory(t testing.TB, field string) int64 {
	t.Helper()
	return p.inProc(t, "smaps_rollup", field)
}

// peak is the most memory that the process ever had, in MiB.
func (p *program) peak(t testing.TB) float64 {
	t.Helper()
	return float64(p.inProc(t, "status", "VmHWM")) / 1024
}

func (p *program) inProc(t testing.TB, file, field string) int64 {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("how much memory another process has is known on Linux only")
	}
	kib, err := inProc(p.cmd.Process.Pid, file, field)
	if err != nil {
		t.Fatal(err)
	}
	return kib
}

// inProc reads a number of KiB from a file that Linux has about a process.
func inProc(pid int, file, field string) (kib int64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if name, rest, _ := strings.Cut(line, ":"); name == field {
			return strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		}
	}
	return 0, fmt.Errorf("no %s in %s", field, file)
}

// anyCertificate accepts the server's self-signed certificate.
var anyCertificate = &tls.Config{InsecureSkipVerify: true}
