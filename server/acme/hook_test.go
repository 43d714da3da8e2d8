package acme

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// script is a hook that is a shell script; what it prints to $OUT is in the file.
func script(t *testing.T, text string) (h *hook, out string) {
	t.Helper()
	dir := t.TempDir()
	path, out := filepath.Join(dir, "hook"), filepath.Join(dir, "out")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("OUT", out)
	return &hook{command: []string{"sh", path, "own argument"}}, out
}

func TestHook(t *testing.T) {
	h, out := script(t, `printf '%s|' "$@" >>$OUT; echo >>$OUT`)
	c, ctx := challenge("example.org"), context.Background()
	for _, do := range []func(context.Context) error{
		func(ctx context.Context) error { return h.Present(ctx, c) },
		func(ctx context.Context) error { return h.Wait(ctx, c) },
		func(ctx context.Context) error { return h.CleanUp(ctx, c) },
	} {
		if err := do(ctx); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(out)
	record := "|_acme-challenge.example.org.|" + c.DNS01KeyAuthorization() + "|\n"
	if want := "own argument|present" + record + "own argument|cleanup" + record; err != nil || string(text) != want {
		t.Errorf("%v, run with\n%swant\n%s", err, text, want)
	}
}

func TestHookFails(t *testing.T) {
	h, _ := script(t, `yes line | head -n 1000; printf 'no such\001 zone\n' >&2; exit 3`)
	err := h.Present(context.Background(), challenge("example.org"))
	var of *hookError
	if !errors.As(err, &of) || of.said != "" && len(of.said) > hookOutput {
		t.Fatalf("%v", err)
	}
	for _, part := range []string{"sh present _acme-challenge.example.org.: exit status 3: ", "line", "no such? zone"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q lacks %q", err, part)
		}
	}
	m := &Manager{cfg: Config{Challenge: DNS}}
	if text := m.explain("example.org", err).Error(); !strings.HasSuffix(text, "must make the record, and end with 0 then") {
		t.Errorf("explained: %q", text)
	}
	h = &hook{command: []string{filepath.Join(t.TempDir(), "none")}}
	if err := h.Present(context.Background(), challenge("example.org")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a command that is not there: %v", err)
	}
}

// TestHookTakesTooLong: it ends with all that it has started, and says so.
func TestHookTakesTooLong(t *testing.T) {
	h, out := script(t, `trap '' TERM; (sleep 600) & echo $! >$OUT; sleep 600`)
	begin := time.Now()
	err := h.run(context.Background(), 200*time.Millisecond, "present", challenge("example.org"))
	if err == nil || !strings.Contains(err.Error(), "it took longer than 200ms") {
		t.Errorf("%v", err)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	gone := func() bool {
		state, err := os.ReadFile("/proc/" + strings.TrimSpace(string(text)) + "/stat")
		return err != nil || strings.Contains(string(state), ") Z ")
	}
	for deadline := time.Now().Add(20 * time.Second); !gone(); {
		if time.Now().After(deadline) {
			t.Fatal("what it has started still runs")
		}
	}
}

// TestHookLeavesSomethingRunning: a hook that has ended well is not waited for any longer.
func TestHookLeavesSomethingRunning(t *testing.T) {
	h, _ := script(t, `sleep 600 & exit 0`)
	begin := time.Now()
	if err := h.Present(context.Background(), challenge("example.org")); err != nil {
		t.Error(err)
	}
	if took := time.Since(begin); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

// TestHookStops: a server that stops ends a hook under way, and has the record removed all the same.
func TestHookStops(t *testing.T) {
	h, out := script(t, `echo "$2" >>$OUT; [ "$2" = cleanup ] || sleep 600`)
	h.settle = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- h.Present(ctx, challenge("example.org")) }()
	for {
		if text, _ := os.ReadFile(out); len(text) > 0 {
			break
		}
	}
	cancel()
	if err := <-ended; err == nil {
		t.Error("no error")
	}
	if err := h.Wait(ctx, challenge("example.org")); !errors.Is(err, context.Canceled) {
		t.Errorf("wait: %v", err)
	}
	if err := h.CleanUp(ctx, challenge("example.org")); err != nil {
		t.Errorf("clean-up: %v", err)
	}
	if text, _ := os.ReadFile(out); string(text) != "present\ncleanup\n" {
		t.Errorf("run for %q", text)
	}
}
