package proof

import (
	"fmt"
	"strings"
	"testing"
)

// TestEraseWhatWasAskedFor has mail expunged while "satchel erase --all" waits for an answer: that is kept. So is all
// when the answer is no.
func TestEraseWhatWasAskedFor(t *testing.T) {
	data := newData(t)
	p := start(t, data)
	c := login(t, p, user)
	for n := range 3 {
		if status, err := c.append(letter(fmt.Sprint(n, "@example.org"))); err != nil || !strings.HasPrefix(status, "OK") {
			t.Fatalf("APPEND: %s %v", status, err)
		}
	}
	expunge := func(n int) {
		c.must(t, "SELECT INBOX")
		c.must(t, `STORE 1:%d +FLAGS.SILENT \Deleted`, n)
		c.must(t, "EXPUNGE")
	}
	expunge(1)
	tty := onTerminal(t, "erase", user, "--all", "--data", data)
	tty.see("This erases 1 message of " + user)
	expunge(2)
	tty.press(user + "\n")
	tty.see("erased 1 message for good")
	tty.endsWith(0)
	tty = onTerminal(t, "erase", user, "--all", "--data", data)
	tty.see("This erases 2 messages of " + user)
	tty.press("no\n")
	tty.see("satchel: nothing was erased")
	tty.endsWith(1)
	if n := lostOnes(t, data); n != 2 {
		t.Errorf("%d messages can be brought back, want 2", n)
	}
	p.stop(t)
}
