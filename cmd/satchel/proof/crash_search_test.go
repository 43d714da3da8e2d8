package proof

import (
	"fmt"
	"strings"
	"testing"
)

// compareSearches searches INBOX, which is selected, for parts of the identifiers that
// letter wrote: what is found must be what a look at every message finds.
func compareSearches(t *testing.T, c *client) {
	t.Helper()
	ids := map[string]string{} // by UID
	for _, r := range c.must(t, "UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (Message-ID)])") {
		if id, uid := messageID.FindStringSubmatch(r), uidItem.FindStringSubmatch(r); id != nil && uid != nil {
			ids[uid[1]] = id[1]
		}
	}
	for _, needle := range []string{"1", "10", ".2.im", "1.0.", "lmtp@ex", "@example.o", "rg>nowhere"} {
		for _, key := range []string{"SUBJECT", "HEADER Message-ID", "BODY"} {
			found := map[string]bool{}
			for _, r := range c.must(t, "UID SEARCH %s %q", key, needle) {
				for _, uid := range strings.Fields(strings.TrimPrefix(r, "* SEARCH")) {
					found[uid] = true
				}
			}
			for uid, id := range ids {
				if found[uid] != strings.Contains(id, needle) {
					t.Errorf("%s %q: UID %s, which is %s, is found: %v", key, needle, uid, id, found[uid])
				}
			}
		}
	}
}

// checkIndex makes sure that all is indexed, once it has been made anew.
func checkIndex(t *testing.T, data string) {
	t.Helper()
	satchel(t, "", "index", "rebuild", user, "--data", data)
	line := satchel(t, "", "index", "status", user, "--data", data)
	if !strings.Contains(line, "100%") {
		t.Errorf("after a rebuild: %s", line)
	}
}

// TestCrashIndexing kills the server while it makes the search index, again and again,
// and searches each time: all that was stored is found, whatever there is of the index.
func TestCrashIndexing(t *testing.T) {
	t.Parallel()
	data := newData(t)
	p := start(t, data)
	c := login(t, p, user)
	for round := range 4 {
		for n := range 60 {
			id := fmt.Sprintf("%d.%d.index@example.org", n, round)
			if status, err := c.append(letter(id)); err != nil || !strings.HasPrefix(status, "OK") {
				t.Fatalf("APPEND: %s %v", status, err)
			}
		}
		rebuilding := make(chan error, 1)
		go func() {
			_, err := try("", "index", "rebuild", user, "--data", data)
			rebuilding <- err
		}()
		for range round { // let it come ever further
			c.must(t, "NOOP")
		}
		p.kill()
		<-rebuilding
		p = start(t, data)
		c = login(t, p, user)
		if n := c.exists(t, "INBOX"); n != 60*(round+1) {
			t.Errorf("%d messages after round %d", n, round)
		}
		compareSearches(t, c)
	}
	checkIndex(t, data)
	compareSearches(t, c)
	p.stop(t)
	satchel(t, "", "check", "--data", data)
	if strings.Contains(p.log.String(), "level=ERROR") {
		t.Errorf("errors after a crash:\n%s", p.log)
	}
}
