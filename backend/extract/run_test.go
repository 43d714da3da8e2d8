package extract

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// running makes ready to run one program, a shell script, which has a fifo as its argument.
func running(t *testing.T, script string) (x *Programs, fifo string, log *bytes.Buffer) {
	t.Helper()
	fifo = filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	log = new(bytes.Buffer)
	list := []Program{{"application/x-test", []string{"sh", "-c", script, "script", fifo}}}
	x, err := New(list, t.TempDir(), slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(x.Close)
	return x, fifo, log
}

func (x *Programs) textOf(ctx context.Context, attachment string) (string, error) {
	text, err := x.Run(ctx, ToSearch, "application/x-test", bytes.NewBufferString(attachment), []byte("before "))
	return strings.TrimPrefix(string(text), "before "), err
}

// TestLimits: what a program takes is bounded, and it finds no text then.
func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		script, want, log string
	}{
		"sound":        {`cat`, " a b", ""},
		"random order": {`tail -c 3 /dev/stdin; cat /dev/stdin`, " b a b", ""},
		"flood":        {`yes`, strings.Repeat("y ", 500), ""},
		"deaf flood":   {`trap "" TERM PIPE; while :; do echo y; done`, strings.Repeat("y ", 500), ""},
		"no end":       {`while :; do :; done`, "", "it took longer than"},
		"no end, mute": {`exec >&-; while :; do :; done`, "", "it took longer than"},
		"memory":       {`dd if=/dev/zero of=/dev/null bs=600M count=1 && echo much`, "", "exit status 1"},
		"file":         {`head -c 2000000 /dev/zero >file && echo big; exit 0`, "", ""},
		"fails":        {`cat; exit 1`, "", "exit status 1"},
		"killed":       {`cat; kill -9 $$`, "", "signal: killed"},
		"missing":      {`exec no-such-program`, "", "exit status 127"},
	} {
		t.Run(name, func(t *testing.T) {
			x, _, log := running(t, c.script)
			x.limits.text, x.limits.files = 1000, 1<<20
			if c.log == "it took longer than" {
				x.limits.time = 20 * time.Millisecond
			}
			for range 2 {
				if got, err := x.textOf(t.Context(), "\r\n a\t\n\f b"); got != c.want || err != nil {
					t.Errorf("got %.50q, %v", got, err)
				}
			}
			if lines := strings.Count(log.String(), "\n"); !strings.Contains(log.String(), c.log) || lines != min(len(c.log), 1) {
				t.Errorf("the log says %s", log)
			}
			if list, err := os.ReadDir(x.folder); err != nil || len(list) > 0 {
				t.Errorf("%v is left, %v", list, err)
			}
		})
	}
}

// TestEnvironment: a program sees an empty folder and nothing of the environment.
func TestEnvironment(t *testing.T) {
	t.Setenv("SECRET", "of satchel")
	x, _, _ := running(t, `test -z "$(ls -A)" && test "$TMPDIR" = "$(pwd)" && env | grep -v -e PWD= -e _= -e TMPDIR=`)
	want := "PATH=" + searchPath + " LANG=C.UTF-8 "
	if got, err := x.textOf(t.Context(), ""); got != want || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestLeftBehind: what a program leaves running ends with it.
func TestLeftBehind(t *testing.T) {
	x, fifo, _ := running(t, `exec 3>"$1"; sleep 1000 >/dev/null & exec 3>&-; cat`)
	ended := make(chan error)
	go func() {
		f, err := os.Open(fifo)
		if err == nil {
			_, err = io.Copy(io.Discard, f) // to the end: nobody has it open any more
		}
		ended <- err
	}()
	if got, err := x.textOf(t.Context(), "text"); got != "text" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// TestStopped: a program ends with the search that needs it, and with the server.
func TestStopped(t *testing.T) {
	for name, want := range map[string]error{"search": context.Canceled, "server": ErrClosed} {
		t.Run(name, func(t *testing.T) {
			x, fifo, log := running(t, `echo begun >"$1"; while :; do :; done`)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() {
				_, err := x.textOf(ctx, "")
				ended <- err
			}()
			if _, err := os.ReadFile(fifo); err != nil {
				t.Fatal(err)
			}
			waits, leave := context.WithCancel(t.Context())
			leave()
			if _, err := x.textOf(waits, ""); !errors.Is(err, context.Canceled) {
				t.Errorf("who waits for a turn and leaves: %v", err)
			}
			if want == ErrClosed {
				x.Close()
			} else {
				cancel()
			}
			if err := <-ended; !errors.Is(err, want) || log.Len() > 0 {
				t.Errorf("%v; the log says %s", err, log)
			}
			cancel()
		})
	}
}

// TestFolders: what a killed process has left is removed, nothing else.
func TestFolders(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"extract-1/x", "other"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	x, err := New(nil, dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	x.Close()
	list, err := os.ReadDir(dir)
	if err != nil || len(list) != 1 || list[0].Name() != "other" {
		t.Errorf("%v, %v", list, err)
	}
}
