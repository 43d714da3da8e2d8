package trace

import (
	"fmt"
	"strings"
	"testing"

	"satchel/server/presence"
)

// testCommands are the commands that tests have.
var testCommands = []string{"NOOP", "LOGIN", "AUTHENTICATE", "APPEND", "SETMETADATA", "IDLE", "UID"}

func newTap(t testing.TB, literals bool) (*Tap, *Watcher) {
	t.Helper()
	h := New(testCommands, []string{"PLAIN"})
	w, err := h.Watch(presence.Filter{}, literals)
	if err != nil {
		t.Fatal(err)
	}
	return h.Tap(&presence.Session{ID: "s"}), w
}

// told is what a watcher is told, one "C: text" a line.
func told(w *Watcher) string {
	events, _ := w.Take()
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "%s: %s\n", e.From, e.Text)
	}
	return b.String()
}

// said is a piece of a session: "C" and "S" say lines, "L" a client's literal, "B" begins a command.
type said struct{ who, text string }

func play(t *Tap, pieces []said) {
	for _, p := range pieces {
		switch p.who {
		case "B":
			t.Begin()
		case "S":
			t.Server([]byte(p.text))
		default:
			t.Client([]byte(p.text), p.who == "L")
		}
	}
}

func TestTap(t *testing.T) {
	for _, tt := range []struct {
		name     string
		literals bool
		pieces   []said
		want     string
	}{
		{"a command", false, []said{{"B", ""}, {"C", "a NOOP\r\n"}, {"S", "* 3 EXISTS\r\na OK done\r\n"}}, "C: a NOOP\nS: * 3 EXISTS\nS: a OK done\n"},
		{"nothing of a command that has begun", false, []said{{"C", "cret\r\n"}, {"B", ""}, {"C", "b NOOP\r\n"}}, "C: ***\nC: b NOOP\n"},
		{"a password", true, []said{{"B", ""}, {"C", "a login alice \"pw\"\r\n"}, {"S", "a OK\r\n"}}, "C: a LOGIN ***\nS: a OK\n"},
		{"a password in literals", true, []said{{"B", ""}, {"C", "a LOGIN {5}\r\n"}, {"S", "+ OK\r\n"}, {"L", "alice"}, {"C", " {2+}\r\n"}, {"L", "pw"}, {"C", "\r\n"}},
			"C: a LOGIN ***\nS: + OK\nC: ***\nC: ***\n"},
		{"SASL with a first answer", true, []said{{"B", ""}, {"C", "a AUTHENTICATE PLAIN cHc=\r\n"}}, "C: a AUTHENTICATE PLAIN ***\n"},
		{"SASL with challenges", true, []said{{"B", ""}, {"C", "a AUTHENTICATE plain\r\n"}, {"S", "+ \r\n"}, {"C", "cHc=\r\n"}, {"S", "+ Y2hhbGxlbmdl\r\n"}, {"C", "cHc=\r\n"}},
			"C: a AUTHENTICATE PLAIN ***\nS: + \nC: ***\nS: + ***\nC: ***\n"},
		{"a mechanism that may be anything", true, []said{{"B", ""}, {"C", "a AUTHENTICATE pw\r\n"}}, "C: a AUTHENTICATE ***\n"},
		{"what is no command", true, []said{{"B", ""}, {"C", "cHc=\r\n"}, {"B", ""}, {"C", "a LOGINN alice pw\r\n"}, {"B", ""}, {"C", "a LOGIN\talice pw\r\n"}},
			"C: *** (no command)\nC: *** (no command)\nC: *** (no command)\n"},
		{"a login without a tag, of who is called like a command", true, []said{{"B", ""}, {"C", "login noop pw\r\n"}, {"B", ""}, {"C", "AUTHENTICATE idle pw\r\n"}, {"B", ""}, {"C", "a\tLOGIN noop pw\r\n"}},
			"C: *** (no command)\nC: *** (no command)\nC: *** (no command)\n"},
		{"a login under UID", true, []said{{"B", ""}, {"C", "a UID LOGIN alice {2+}\r\n"}, {"L", "pw"}, {"C", "\r\n"}, {"B", ""}, {"C", "b uid authenticate pw\r\n"}},
			"C: a UID ***\nC: ***\nC: b UID ***\n"},
		{"tags that may be anything", true, []said{{"B", ""}, {"C", "half a password\r\n"}, {"S", "half BAD no\r\n"}, {"B", ""}, {"C", "a NOOP\r\n"}, {"S", "a OK\r\na OK\r\n"}},
			"C: *** (no command)\nS: *** BAD no\nC: a NOOP\nS: a OK\nS: *** OK\n"},
		{"values of annotations", true, []said{{"B", ""}, {"C", "a SETMETADATA \"\" (/private/x {2}\r\n"}, {"L", "pw"}, {"C", ")\r\n"}, {"S", "* METADATA \"\" (/private/x {2}\r\npw /private/y \"pw\")\r\n* METADATA \"\" /private/x\r\n"}},
			"C: a SETMETADATA ***\nC: ***\nS: * METADATA \"\" (***)\nS: ***\nS: * METADATA \"\" /private/x\n"},
		{"literals are counted", false, []said{{"B", ""}, {"C", "a APPEND x {7+}\r\n"}, {"L", "ab\r\n"}, {"L", "cde"}, {"C", "\r\n"}, {"S", "* 1 FETCH (BODY[] {4}\r\na\r\nb FLAGS ())\r\n"}},
			"C: a APPEND x {7+}\nC: {7 bytes}\nS: * 1 FETCH (BODY[] {4}\nS: {4 bytes}\nS:  FLAGS ())\n"},
		{"literals are shown", true, []said{{"B", ""}, {"C", "a APPEND x {7+}\r\n"}, {"L", "ab\r\n"}, {"L", "cde"}, {"C", "\r\n"}, {"S", "* 1 FETCH (BODY[] {4}\r\na\r\nb)\r\n"}},
			"C: a APPEND x {7+}\nC: | ab\nC: | cde\nS: * 1 FETCH (BODY[] {4}\nS: | a\nS: | b\nS: )\n"},
		{"news", false, []said{{"B", ""}, {"C", "a IDLE\r\n"}, {"S", "+ idling\r\n* 4 EXISTS\r\n"}, {"C", "DONE\r\n"}}, "C: a IDLE\nS: + idling\nS: * 4 EXISTS\nC: DONE\n"},
		{"what commands a terminal", false, []said{{"B", ""}, {"C", "\x1b[2J NOOP\xff\u202e\r\n"}, {"B", ""}, {"C", "\x1b[2J UID \xff\u202eé\r\n"}}, "C: *** (no command)\nC: \\x1b[2J UID \\xff\\xe2\\x80\\xaeé\n"},
		{"a long line that ends in a literal", false, []said{{"S", "* 1 FETCH (" + strings.Repeat("x", maxLine) + " {2}\r\npw)\r\n"}},
			"S: * 1 FETCH (" + strings.Repeat("x", maxLine-11) + "... and 16 bytes\nS: {2 bytes}\nS: )\n"},
	} {
		tap, w := newTap(t, tt.literals)
		play(tap, tt.pieces)
		if got := told(w); got != tt.want {
			t.Errorf("%s: %.300q, want %.300q", tt.name, got, tt.want)
		}
		tap, w = newTap(t, tt.literals)
		play(tap, crumbs(tt.pieces))
		if got := told(w); got != tt.want {
			t.Errorf("%s, a byte at a time: %.300q, want %.300q", tt.name, got, tt.want)
		}
	}
}

// crumbs are the same pieces, a byte at a time.
func crumbs(pieces []said) (single []said) {
	for _, p := range pieces {
		if p.who == "B" {
			single = append(single, p)
		}
		for i := range len(p.text) {
			single = append(single, said{p.who, p.text[i : i+1]})
		}
	}
	return single
}

// FuzzSecrets: whatever comes before and after, the arguments of a login are not shown, nor what is no command.
func FuzzSecrets(f *testing.F) {
	f.Add("a", " \"alice\"", true, []byte("* 1 FETCH (BODY[] {3}\r\n"))
	f.Add("0", "{7}", true, []byte("{7}"))
	f.Add("tag{3}", " {7+}\r\n", false, []byte("+ x\r\n"))
	f.Fuzz(func(t *testing.T, tag, args string, login bool, server []byte) {
		const secret = "S3CRET7"
		if strings.Contains(tag+args+string(server), secret) || strings.ContainsAny(tag, " \n") {
			return
		}
		name := "LOGIN"
		if !login {
			name = "AUTHENTICATE"
		}
		tap, w := newTap(t, true)
		tap.Server(server)
		play(tap, []said{{"B", ""}, {"C", tag + " " + name + " " + args + secret + "\r\n" + secret + "\r\n"}, {"L", secret}, {"C", secret + "\r\n"}})
		play(tap, []said{{"B", ""}, {"C", secret + "\r\n"}, {"B", ""}, {"C", tag + " " + secret + " x\r\n"}})
		got := told(w)
		// What the server repeats comes after whole responses.
		tap, w = newTap(t, true)
		play(tap, []said{{"B", ""}, {"C", secret + " " + args + "\r\n"}, {"S", "a NO " + strings.ReplaceAll(args, "\n", "") + "\r\n"}, {"S", secret + " BAD\r\n"}})
		if got += told(w); strings.Contains(got, secret) {
			t.Errorf("%q %q: %s", tag, args, got)
		}
	})
}

// TestSlowWatcher: what nobody takes is bounded, dropped and counted; what comes after it is told again.
func TestSlowWatcher(t *testing.T) {
	tap, w := newTap(t, false)
	line := []byte("* " + strings.Repeat("x", 998) + "\r\n")
	const lines = 5000
	for range lines {
		tap.Server(line)
	}
	events, dropped := w.Take()
	if len(events)+dropped != lines || dropped == 0 || len(events)*1000 > maxWaiting {
		t.Errorf("%d events and %d dropped", len(events), dropped)
	}
	tap.Server(line)
	if events, dropped := w.Take(); len(events) != 1 || dropped != 0 {
		t.Errorf("later %d events and %d dropped", len(events), dropped)
	}
	w.Close()
	tap.Server(line)
	if events, _ := w.Take(); len(events) != 0 {
		t.Error("a watcher that has gone is told something")
	}
}

// TestHub: who watches is found by the filter, and there are only so many.
func TestHub(t *testing.T) {
	h := New(testCommands, nil)
	before := h.Changes().Load()
	w, err := h.Watch(presence.Filter{AccountID: "1"}, false)
	if err != nil || h.Changes().Load() == before {
		t.Fatalf("%v, %d changes", err, h.Changes().Load())
	}
	if h.Tap(&presence.Session{ID: "s"}) != nil {
		t.Error("a session of nobody's is watched")
	}
	if h.Tap(&presence.Session{ID: "s", AccountID: "1"}) == nil {
		t.Error("the session meant is not watched")
	}
	w.Close()
	if h.Tap(&presence.Session{ID: "s", AccountID: "1"}) != nil {
		t.Error("it is watched by one who has gone")
	}
	for range maxWatchers {
		if _, err := h.Watch(presence.Filter{}, false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Watch(presence.Filter{}, false); err != ErrCrowded {
		t.Errorf("one more: %v", err)
	}
}
