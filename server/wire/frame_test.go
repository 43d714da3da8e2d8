package wire

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// TestAnswers sends what clients and attackers send, and then a command that must be answered next: the connection is
// in step.
func TestAnswers(t *testing.T) {
	tests := []struct {
		name, send string
		want       []string
	}{
		{"plain", "a NOOP\r\n", []string{"a OK NOOP"}},
		{"lower case", "a noop\r\n", []string{"a OK NOOP"}},
		{"trailing spaces", "a NOOP  \r\n", []string{"a OK"}},
		{"bare LF", "a NOOP\nb NOOP\n", []string{"a OK", "b OK"}},
		{"empty lines", "\r\n\n\r\na NOOP\r\n", []string{"a OK"}},
		{"unknown", "a XYZZY 1 2 3\r\n", []string{"a BAD unknown"}},
		{"no command", "a\r\n", []string{"a BAD command is missing"}},
		{"space and no command", "a \r\n", []string{"a BAD invalid command"}},
		{"two spaces", "a  NOOP\r\n", []string{"a BAD invalid command"}},
		{"space first", " a NOOP\r\n", []string{"* BAD invalid tag"}},
		{"tag plus", "+ NOOP\r\n", []string{"* BAD invalid tag"}},
		{"tag with plus", "a+b NOOP\r\n", []string{"* BAD invalid tag"}},
		{"tag star", "* NOOP\r\n", []string{"* BAD invalid tag"}},
		{"tag with brackets", "a[1] NOOP\r\n", []string{"a[1] OK"}},
		{"tag NIL", "NIL NOOP\r\n", []string{"NIL OK"}},
		{"long tag", strings.Repeat("t", 129) + " NOOP\r\n", []string{"* BAD invalid tag"}},
		{"longest tag", strings.Repeat("t", 128) + " NOOP\r\n", []string{strings.Repeat("t", 128) + " OK"}},
		{"brace in tag", "x{zz} LOGOUT\r\n", []string{"* BAD invalid tag"}},
		{"quote in tag", "us\"er LOGOUT\r\n", []string{"* BAD invalid tag"}},
		{"parenthesis in tag", "(x LOGOUT\r\n", []string{"* BAD invalid tag"}},
		{"NUL in tag", "a\x00b NOOP\r\n", []string{"* BAD invalid tag"}},
		{"NUL in name", "a NO\x00OP\r\n", []string{"a BAD invalid command"}},
		{"name NIL", "a NIL\r\n", []string{"a BAD invalid command"}},
		{"name with brackets", "a NOOP[\r\n", []string{"a BAD invalid command"}},
		{"long name", "a " + strings.Repeat("N", 33) + "\r\n", []string{"a BAD invalid command"}},
		{"8-bit", "a N\xffOP\r\n", []string{"a BAD invalid command"}},
		{"CR in line", "a NOOP\rb\r\n", []string{"a BAD"}},
		{"trailing text", "a NOOP x LOGOUT\r\n", []string{"a BAD unexpected text"}},
		{"broken literal", "a LOGIN x{zz} LOGOUT\r\n", []string{"a BAD"}},
		{"broken literal alone", "a LOGIN {zz} LOGOUT\r\n", []string{"a BAD invalid literal"}},
		{"quote in atom", "a LOGIN us\"er LOGOUT\r\n", []string{"a BAD"}},
		{"open quote", "a LOGIN \"user x\r\n", []string{"a BAD invalid quoted"}},
		{"NUL in quotes", "a LOGIN \"us\x00er\" x\r\n", []string{"a BAD invalid quoted"}},
		{"bad escape", "a LOGIN \"us\\er\" x\r\n", []string{"a BAD invalid quoted"}},
		{"escapes", "a LOGIN \"a\\\"b\\\\\" c]\r\n", []string{"* \"a\\\"b\\\\\" \"c]\"", "a OK"}},
		{"8-bit in quotes", "a LOGIN \"\xff\xc3\xa4\" b\r\n", []string{"* \"\\xffä\" \"b\"", "a OK"}},
		{"8-bit in astring", "a LOGIN \xc3\xa4 b\r\n", []string{"* \"ä\" \"b\"", "a OK"}},
		{"tilde in astring", "a LOGIN ~ ~b\r\n", []string{"* \"~\" \"~b\"", "a OK"}},
		{"empty strings", "a LOGIN \"\" {0+}\r\n\r\n", []string{"* \"\" \"\"", "a OK"}},
		{"LITERAL+", "a LOGIN {2+}\r\nme {3+}\r\n\r\n\x00\r\n", []string{"* \"me\" \"\\r\\n\\x00\"", "a OK"}},
		{"literal8", "a LOGIN ~{2+}\r\nme ~{1+}\r\nx\r\n", []string{"* \"me\" \"x\"", "a OK"}},
		{"literal after an error", "a LOGIN ( {8+}\r\nx LOGOUT\r\n", []string{"a BAD"}},
		{"literals after an error", "a LOGIN ( {8+}\r\nx LOGOUT ~{3+}\r\nabc{0+}\r\n d\r\n", []string{"a BAD"}},
		{"literal with an error in the line", "a LOGIN {3+} x\r\n", []string{"a BAD invalid literal"}},
		{"literal of an unknown command", "a XYZZY {11+}\r\nb LOGOUT\r\n \r\n", []string{"a BAD unknown"}},
		{"literal with leading zeros", "a LOGIN {0000000000000000000000000000002+}\r\nme x\r\n", []string{"* \"me\" \"x\"", "a OK"}},
		{"LITERAL+ over the limit", "a LOGIN {9000+}\r\n" + strings.Repeat("x LOGOUT\r\n", 900) + " x\r\n", []string{"a BAD [TOOBIG]"}},
		{"huge literal", "a LOGIN {4294967295}\r\n", []string{"a BAD [TOOBIG]"}},
		{"huger literal", "a LOGIN {99999999999999999999999999}\r\n", []string{"a BAD [TOOBIG]"}},
		{"negative literal", "a LOGIN {-1}\r\n", []string{"a BAD invalid literal"}},
		{"literal refused by the handler", "a APPEND {13}\r\n", []string{"a BAD not that many"}},
		{"literal ignored by the handler", "a APPEND {13+}\r\n0123456789abc\r\n", []string{"a BAD not that many"}},
		{"literal asked for in an ignored line", "a IGNORE {13}\r\n", []string{"a OK"}},
		{"ignored arguments", "a IGNORE x (y \"z\r\n", []string{"a OK"}},
		{"many parentheses", "a TREE " + strings.Repeat("(", 1<<20) + "\r\n", []string{"a BAD parentheses"}},
		{"deepest", "a TREE " + strings.Repeat("(", 64) + strings.Repeat(")", 64) + "\r\n", []string{"a OK"}},
		{"too deep", "a TREE " + strings.Repeat("(", 65) + strings.Repeat(")", 65) + "\r\n", []string{"a BAD"}},
		{"giant atom", "a LOGIN " + strings.Repeat("x", 512<<10) + " y\r\n", []string{"a BAD command is too long"}},
		{"giant quoted", "a LOGIN \"" + strings.Repeat("x", 1<<20) + "\" y\r\n", []string{"a BAD command is too long"}},
		{"giant tag", strings.Repeat("x", 1<<20) + " NOOP\r\n", []string{"* BAD invalid tag"}},
		{"giant name", "a " + strings.Repeat("x", 1<<20) + "\r\n", []string{"a BAD"}},
		{"too many literals", "a TREE (" + strings.Repeat("{1+}\r\nx ", 9) + "x)\r\n", []string{"a BAD too many literals"}},
		{"too much in literals", "a TREE (" + strings.Repeat("{4000+}\r\n"+strings.Repeat("x", 4000)+" ", 3) + "x)\r\n", []string{"a BAD command is too long"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var r recorder
			p := serve(t, r.listen)
			p.send(test.send)
			p.expect(test.want...)
			p.lockstep()
			r.check(t, test.send+"step NOOP\r\n", "step OK NOOP completed\r\n")
		})
	}
}

// TestEndings sends what ends the connection, which must be with a BYE that arrives.
func TestEndings(t *testing.T) {
	tests := []struct {
		name, send string
		want       []string
	}{
		{"logout", "a LOGOUT\r\nb NOOP\r\n", []string{"* BYE Logging out", "a OK"}},
		{"endless LITERAL+", "a LOGIN {4294967295+}\r\n", []string{"a BAD [TOOBIG]", "* BYE Too much data"}},
		{"impossible LITERAL+", "a LOGIN {99999999999999999999999999+}\r\nx LOGOUT\r\n", []string{"a BAD [TOOBIG]", "* BYE Too much data"}},
		{"endless LITERAL+ of an unknown command", "a XYZZY {4294967295+}\r\n", []string{"a BAD unknown", "* BYE Too much data"}},
		{"size longer than a line", "a LOGIN {" + strings.Repeat("9", 9000) + "+}\r\nx LOGOUT\r\n", []string{"a BAD", "* BYE Too much data"}},
		{"endless line", "a LOGIN \"" + strings.Repeat("x", 9<<20), []string{"a BAD command is too long", "* BYE Too much data"}},
		{"endless parentheses", "a TREE " + strings.Repeat("(", 9<<20), []string{"a BAD parentheses", "* BYE Too much data"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := serve(t, nil)
			p.send(test.send)
			p.expect(test.want...)
			p.expectEnd()
			<-p.done
			if err := p.frame.Err(); err != nil {
				t.Errorf("the end was not orderly: %v", err)
			}
		})
	}
}

func TestTooManyFaults(t *testing.T) {
	p := serve(t, nil)
	p.send(strings.Repeat("a XYZZY\r\n", 20) + "b NOOP\r\n" + strings.Repeat("c XYZZY\r\n* X\r\n\r\n", 30))
	for range 20 {
		p.expect("a BAD")
	}
	p.expect("b OK")
	for range 10 {
		p.expect("c BAD", "* BAD")
	}
	p.expect("c BAD", "* BYE Too many invalid commands")
	p.expectEnd()
}

func TestTooManyCommands(t *testing.T) {
	p := serve(t, nil)
	go io.WriteString(p, strings.Repeat("a NOOP\r\n", 1001))
	for range 1000 {
		p.expect("a OK")
	}
	p.expect("* BYE Too many commands")
	p.expectEnd()
}

func TestEmptyLinesAreNotFree(t *testing.T) {
	p := serve(t, nil)
	p.send(strings.Repeat("\r\n", 2000))
	p.expect("* BYE")
	p.expectEnd()
}

func TestPipelining(t *testing.T) {
	p := serve(t, postAuth)
	var all strings.Builder
	for i := range 200 {
		fmt.Fprintf(&all, "t%d NOOP\r\n", i)
	}
	p.send(all.String())
	for i := range 200 {
		p.expect(fmt.Sprintf("t%d OK", i))
	}
}

// TestAnswersLeaveTogether counts the writes that 200 commands in one packet cost.
func TestAnswersLeaveTogether(t *testing.T) {
	s := &script{Reader: strings.NewReader(strings.Repeat("a NOOP\r\n", 200))}
	run(NewConn(s), sampleCommands)
	if s.writes != 1 || strings.Count(string(s.sent), "a OK") != 200 {
		t.Errorf("%d writes: %q", s.writes, s.sent)
	}
}

// TestLargeOutput is written as it grows, and not held.
func TestLargeOutput(t *testing.T) {
	s := &script{Reader: strings.NewReader("a BIG 100\r\n")}
	c := NewConn(s)
	run(c, sampleCommands)
	if len(s.sent) < 100<<10 || s.writes < 10 || cap(c.Out()) > 32<<10 {
		t.Errorf("%d bytes in %d writes, %d held", len(s.sent), s.writes, cap(c.Out()))
	}
	if n, err := c.Write(make([]byte, 1<<20)); n != 1<<20 || err != nil || cap(c.Out()) > 32<<10 {
		t.Errorf("write: %d, %v, %d held", n, err, cap(c.Out()))
	}
}

// TestBytewise sends one byte a packet, as far as the kernel lets us.
func TestBytewise(t *testing.T) {
	p := serve(t, nil)
	for _, b := range []byte("a LOGIN ~{3+}\r\n{}\n \"\\\"\\\\\"\r\nb LOGIN ~ ~\r\n") {
		p.send(string(b))
	}
	p.expect("* \"{}\\n\" \"\\\"\\\\\"", "a OK", "* \"~\" \"~\"", "b OK")
}

func TestGreetingAndTags(t *testing.T) {
	p := serve(t, func(c *Conn) {
		c.SetGreeting(func() []byte { return []byte("* OK satchel\r\n") })
		face := c.Face()
		fmt.Fprintf(face, "* OK [CAPABILITY X] from elsewhere\r\n")
		c.tag = "real"
		fmt.Fprintf(face, "T BAD elsewhere\r\n")
		fmt.Fprintf(face, "* TOO\r\n")
	})
	p.expect("* OK satchel\r\n", "real BAD elsewhere\r\n", "* TOO\r\n")
}

func TestAutologout(t *testing.T) {
	for _, half := range []string{"", "a NO", "a LOGIN {5+}\r\nab"} {
		p := serve(t, func(c *Conn) { c.SetTimeouts(10*time.Millisecond, patience) })
		p.send(half)
		p.expect("* BYE Connection was idle")
		p.expectEnd()
		<-p.done
		if p.frame.Err() != errIdle {
			t.Errorf("cause is %v", p.frame.Err())
		}
	}
}

// TestExpiry keeps a connection busy until it must log in.
func TestExpiry(t *testing.T) {
	p := serve(t, func(c *Conn) { c.SetExpiry(time.Now().Add(50 * time.Millisecond)) })
	go func() {
		for range 1000 {
			if _, err := p.Write([]byte("a IGNORE x")); err != nil {
				return
			}
		}
	}()
	p.expect("a OK", "* BYE Connection was idle")
}
