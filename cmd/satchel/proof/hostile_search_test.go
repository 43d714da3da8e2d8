package proof

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

// hugeText is about size bytes: words that hardly repeat, of random length up to longest.
func hugeText(size, longest int) string {
	rnd := rand.New(rand.NewPCG(1, uint64(longest)))
	b := []byte("Subject: huge\r\n\r\n")
	for len(b) < size {
		for range 1 + rnd.IntN(longest) {
			b = append(b, byte('a'+rnd.IntN(26)))
		}
		if b = append(b, ' '); longest < 100 && rnd.IntN(8) == 0 {
			b = append(b, "\r\n"...)
		}
	}
	return string(b[:size])
}

// TestHostileSearch stores the worst that can be stored, and has several clients search
// it at once for the longest that can be asked. Neither that nor indexing it takes more
// memory than a few times the largest message.
func TestHostileSearch(t *testing.T) {
	const size, most = 48, 480 // MiB
	data := newData(t)
	p := start(t, data)
	c := login(t, p, user)
	parts := "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\npart\r\n", 10_000) + "--b--\r\n"
	for _, message := range []string{hugeText(size<<20, 10), hugeText(size<<20, 200), hugeText(size<<20, size<<20), parts} {
		if status, err := c.append(message); err != nil || !strings.HasPrefix(status, "OK") {
			t.Fatalf("APPEND: %s %v", status, err)
		}
	}
	for i := range 20 {
		c.append(letter(fmt.Sprint(i)))
	}
	searchTogether(t, p)
	checkIndex(t, data)
	searchTogether(t, p)
	if peak := p.peak(t); peak > most {
		t.Errorf("%.0f MiB, at most %d are allowed", peak, most)
	} else {
		t.Logf("%.0f MiB", peak)
	}
	p.stop(t)
}

// searchTogether has eight clients search for what is nowhere.
func searchTogether(t *testing.T, p *program) {
	t.Helper()
	var all sync.WaitGroup
	for i := range 8 {
		c := login(t, p, user)
		c.must(t, "SELECT INBOX")
		all.Go(func() {
			needle := strings.Repeat(fmt.Sprintf("no%d, ", i), 9_000)
			untagged, status, err := c.do("SEARCH OR BODY {%d+}\r\n%s TEXT \"nowhere %d\"", len(needle), needle, i)
			if err != nil || !strings.HasPrefix(status, "OK") || untagged[len(untagged)-1] != "* SEARCH" { // others tell of progress
				t.Errorf("SEARCH: %.200s %s %v", untagged, status, err)
			}
		})
	}
	all.Wait()
}
