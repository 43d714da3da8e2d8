package proof

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/rand"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// measured skips a test that only measures and takes minutes. "make bench"
// asks for it and collects the lines that figure prints.
func measured(t *testing.T) {
	t.Helper()
	if os.Getenv("SATCHEL_MEASURE") == "" {
		t.Skip("measures only with SATCHEL_MEASURE=1")
	}
}

func figure(name string, value float64, unit string) {
	fmt.Printf("figure\t%s\t%.4g\t%s\n", name, value, unit)
}

// TestIdleMemory opens 2,000 TLS connections that wait in IDLE.
func TestIdleMemory(t *testing.T) {
	measured(t)
	const n, limit = 2000, 45.0
	p := start(t, newData(t))
	login(t, p, user).append(letter("idle@example.org"))
	idle(t, p).Close() // what the first connection brings is not the rest's
	before := p.memory(t, "Pss")
	var wg sync.WaitGroup
	gate := make(chan struct{}, 8)
	for range n {
		gate <- struct{}{}
		wg.Go(func() { idle(t, p); <-gate })
	}
	wg.Wait()
	<-time.After(2 * time.Second)
	each := float64(p.memory(t, "Pss")-before) / n
	figure("idle TLS connection, 2,000 of them", each, "KiB")
	if each > limit {
		t.Errorf("%.1f KiB a connection, at most %.0f", each, limit)
	}
}

// idle opens one connection and leaves it in IDLE on INBOX.
func idle(t *testing.T, p *program) *client {
	c, err := connect(p.imaps, true)
	if err != nil {
		t.Error(err)
		return nil
	}
	t.Cleanup(func() { c.Close() })
	c.do("LOGIN %s %q", user, password)
	c.do("SELECT INBOX")
	fmt.Fprintf(c, "i IDLE\r\n")
	if r, err := c.response(); err != nil || r[0] != '+' {
		t.Errorf("IDLE: %q %v", r, err)
	}
	return c
}

// TestCompressedMemory opens 2,000 connections that wait in IDLE, and on another
// server as many that compress and have sent and been sent more than any window
// holds.
func TestCompressedMemory(t *testing.T) {
	measured(t)
	const n, limit = 2000, 64.0
	sent := busy(t)
	cost := func(open func(*program)) float64 {
		p := start(t, newData(t))
		defer p.kill()
		login(t, p, user).append(letter("idle@example.org"))
		several := func(n int) {
			var wg sync.WaitGroup
			gate := make(chan struct{}, 8)
			for range n {
				gate <- struct{}{}
				wg.Go(func() { open(p); <-gate })
			}
			wg.Wait()
		}
		several(50) // what the first connections bring is not the rest's
		before := p.memory(t, "Pss")
		several(n)
		<-time.After(4 * time.Second)
		return float64(p.memory(t, "Pss")-before) / n
	}
	plain := cost(func(p *program) { idle(t, p) })
	more := cost(func(p *program) { compressedIdle(t, p, sent) }) - plain
	figure("COMPRESS, more for an idle TLS connection, 2,000 of them", more, "KiB")
	if more > limit {
		t.Errorf("%.1f KiB more than %.1f, at most %.0f", more, plain, limit)
	}
}

// busy is what a compressing client sends before it idles: more than 32 KiB that
// do not repeat.
func busy(t *testing.T) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	tag := make([]byte, 60)
	for range 300 {
		rand.Read(tag)
		fmt.Fprintf(w, "%x NOOP\r\n", tag)
	}
	fmt.Fprintf(w, "s SELECT INBOX\r\ni IDLE\r\n")
	w.Flush()
	return b.Bytes()
}

// compressedIdle is idle with COMPRESS.
func compressedIdle(t *testing.T, p *program, sent []byte) {
	c, err := connect(p.imaps, true)
	if err != nil {
		t.Error(err)
		return
	}
	t.Cleanup(func() { c.Close() })
	c.do("LOGIN %s %q", user, password)
	if _, status, err := c.do("COMPRESS DEFLATE"); err != nil || !strings.HasPrefix(status, "OK") {
		t.Errorf("COMPRESS: %s %v", status, err)
		return
	}
	c.Write(sent)
	in := bufio.NewReader(flate.NewReader(c.r))
	for line := ""; !strings.HasPrefix(line, "+ "); {
		if line, err = in.ReadString('\n'); err != nil {
			t.Errorf("IDLE: %v", err)
			return
		}
	}
}

// TestMillion imports a million tiny messages and selects them.
func TestMillion(t *testing.T) {
	measured(t)
	const n = 1_000_000
	data := newData(t)
	path := filepath.Join(t.TempDir(), "million.mbox")
	writeMbox(t, path, n, 1)
	begin := time.Now()
	satchel(t, "", "import", "mbox", path, "--account", user, "--data", data)
	figure("import of 1,000,000 tiny messages", time.Since(begin).Seconds(), "s")
	satchel(t, "", "index", "rebuild", "--data", data) // so that it is not made while memory is measured

	p := start(t, data)
	c := login(t, p, user)
	c.limit = 5 * time.Minute
	c.must(t, "STATUS Sent (MESSAGES)")
	before := p.memory(t, "Pss")
	begin = time.Now()
	if got := c.exists(t, "INBOX"); got != n {
		t.Errorf("%d messages, want %d", got, n)
	}
	figure("SELECT of 1,000,000 messages, first", float64(time.Since(begin).Milliseconds()), "ms")
	each := float64(p.memory(t, "Pss")-before) * 1024 / n
	figure("memory of a selected folder of 1,000,000, a message", each, "bytes")
	if each > 64 {
		t.Errorf("%.1f bytes a message, at most 64", each)
	}
	begin = time.Now()
	c.must(t, "UID FETCH 1:* (FLAGS)")
	figure("FETCH FLAGS of 1,000,000 messages", float64(time.Since(begin).Milliseconds()), "ms")
	p.stop(t)
}

// TestImportMemory imports 200,000 messages and looks at the peak.
func TestImportMemory(t *testing.T) {
	measured(t)
	const n, limit = 200_000, 300.0
	data := newData(t)
	path := filepath.Join(t.TempDir(), "big.mbox")
	writeMbox(t, path, n, 40)
	_, took, peak := watched(t, "import", "mbox", path, "--account", user, "--data", data)
	figure("import of 200,000 messages of 2 KB", took.Seconds(), "s")
	figure("peak memory of that import", peak, "MiB")
	if peak > limit {
		t.Errorf("peak of %.0f MiB, at most %.0f", peak, limit)
	}
}

// watched runs the program to its end, and gives how long that took and its peak of memory in MiB.
func watched(t *testing.T, args ...string) (end *os.ProcessState, took time.Duration, peak float64) {
	t.Helper()
	c := exec.Command(binary, args...)
	begin := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	peak, err := highWater(c.Process.Pid, ended)
	if err != nil {
		t.Fatal(err)
	}
	return c.ProcessState, time.Since(begin), peak
}

// highWater watches the peak of a process's memory in MiB until it has ended.
// Its resource usage would not do: that begins with what the test itself held.
func highWater(pid int, ended <-chan error) (peak float64, err error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return peak, err
		case <-tick.C:
		}
		if kib, err := inProc(pid, "status", "VmHWM"); err == nil { // it has not ended just now
			peak = max(peak, float64(kib)/1024)
		}
	}
}

// writeMbox writes n messages with the given number of body lines.
func writeMbox(t *testing.T, path string, n, lines int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	for i := range n {
		fmt.Fprintf(w, "From MAILER-DAEMON Thu Jan  1 00:00:00 2026\nFrom: u%d@example.org\nSubject: number %d\nMessage-ID: <%d@example.org>\n\n", i%997, i, i)
		for k := range lines {
			fmt.Fprintf(w, "line %d of message %d, word%d\n", k, i, (i*31+k*7)%10007)
		}
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
