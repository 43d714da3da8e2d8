package proof

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// manager stands where systemd would: it opens sockets and is told how the
// service is doing.
type manager struct {
	conn    *net.UnixConn
	names   []string
	sockets []*os.File
}

func newManager(t *testing.T) *manager {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(t.TempDir(), "notify"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &manager{conn: conn}
}

// open opens a socket that the service will find under a name.
func (m *manager) open(t *testing.T, name, network, addr string) string {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	file, err := l.(interface{ File() (*os.File, error) }).File()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	m.names, m.sockets = append(m.names, name), append(m.sockets, file)
	return l.Addr().String()
}

// command makes the server's command, as systemd would run it.
func (m *manager) command(args ...string) *exec.Cmd {
	// The variable names the process that the sockets are for: only a shell on
	// the way to it can know.
	c := exec.Command("sh", append([]string{"-c", `LISTEN_PID=$$ exec "$0" "$@"`, binary, "serve"}, args...)...)
	c.Env = append(os.Environ(), "NOTIFY_SOCKET="+m.conn.LocalAddr().String(), "WATCHDOG_USEC=30000",
		"LISTEN_FDS="+string(rune('0'+len(m.sockets))), "LISTEN_FDNAMES="+strings.Join(m.names, ":"))
	c.ExtraFiles = m.sockets
	return c
}

// told waits until the service says a word.
func (m *manager) told(t *testing.T, word string) {
	t.Helper()
	m.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	b := make([]byte, 4096)
	for {
		n, err := m.conn.Read(b)
		if err != nil {
			t.Fatalf("waiting to be told %s: %v", word, err)
		}
		if string(b[:n]) == word {
			return
		}
	}
}

// TestSystemd: the service serves the sockets that systemd has opened, says when it
// is ready, that it lives, and that it stops, and reads its configuration again.
func TestSystemd(t *testing.T) {
	data, m := newData(t), newManager(t)
	imap := m.open(t, "imap", "tcp", "127.0.0.1:0")
	lmtp := m.open(t, "lmtp", "unix", filepath.Join(t.TempDir(), "lmtp"))
	config := filepath.Join(t.TempDir(), "satchel.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(config, []byte("listen.imap = \"127.0.0.1:1\"\nlisten.imaps = \"\"\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("")
	p := run(t, m.command("--data", data, "--config", config))
	if p.imap != imap || p.lmtp != "unix:"+lmtp || p.imaps != "" {
		t.Errorf("it serves %q, %q and %q", p.imap, p.lmtp, p.imaps)
	}
	m.told(t, "READY=1")
	m.told(t, "WATCHDOG=1")
	login(t, p, user)

	reload := func(text string) {
		t.Helper()
		write(text)
		p.cmd.Process.Signal(syscall.SIGHUP)
		m.told(t, "RELOADING=1")
		m.told(t, "READY=1")
	}
	offers := func(capability string) bool {
		t.Helper()
		return strings.Contains(strings.Join(login(t, p, user).must(t, "CAPABILITY"), " ")+" ", " "+capability+" ")
	}
	reload("[[hide]]\naccount = \"*\"\ncapabilities = [\"MOVE\"]\n[limits]\nrecipients = 5\n")
	if offers("MOVE") {
		t.Error("the rule that was added does not count")
	}
	reload("[[hide]]\naccount = \"*\"\ncapabilities = [\"IDLE\"]\n[limits]\nconnections = 0\nrecipients = \"x\"\n")
	if offers("MOVE") || !offers("IDLE") {
		t.Error("of a file with a mistake something counts")
	}
	reload("")
	if !offers("MOVE") {
		t.Error("the rule that was taken away still counts")
	}

	p.cmd.Process.Signal(syscall.SIGTERM)
	m.told(t, "STOPPING=1")
	p.stop(t)
	for _, want := range []string{
		`msg="configuration taken over" changed=[hide]`, `msg="these changes count after a restart" keys=[limits.recipients]`,
		`msg="configuration not taken over, the one before stays in use" error="` + config + `:`,
	} {
		if n := strings.Count(p.log.String(), want); n == 0 || strings.Contains(want, "not taken") && n != 1 {
			t.Errorf("%d times in the log: %s\n%s", n, want, p.log)
		}
	}
	if _, err := os.Stat(lmtp); err != nil {
		t.Errorf("the socket that systemd made is gone: %v", err)
	}
}

// TestSystemdReachable: who connects as the web server before us is believed, so other hosts must not be able to.
func TestSystemdReachable(t *testing.T) {
	m := newManager(t)
	m.open(t, "web", "tcp", "0.0.0.0:0")
	out, err := m.command("--data", t.TempDir(), "--imap", "127.0.0.1:0", "--imaps", "").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "web: whoever connects there is believed") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestSystemdStranger: a socket under an unknown name is refused, in words.
func TestSystemdStranger(t *testing.T) {
	m := newManager(t)
	m.open(t, "satchel.socket", "tcp", "127.0.0.1:0")
	out, err := m.command("--data", t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), `socket "satchel.socket" of systemd: FileDescriptorName= must be one of ["imap" "imaps" "lmtp" `) {
		t.Errorf("%v: %s", err, out)
	}
}
