package wire

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// FuzzCommand feeds what a client might send. Whatever it is, the frame finds the same commands in it that a plain
// reading of RFC 3501 and RFC 7888 finds, and no token of a handler is beyond its limits.
func FuzzCommand(f *testing.F) {
	for _, s := range []string{
		"a NOOP\r\nb LOGIN x y\r\nc LOGOUT\r\n",
		"a LOGIN {3+}\r\nabc {2}\r\nde\r\nb NOOP\r\n",
		"a LOGIN ~{3+}\r\n\x00\r\n \"\\\"\\\\\"\r\n",
		"a TREE ((a b) (c (\"d\")) ())\r\n",
		"a APPEND {5+}\r\nhello\r\nb APPEND {13+}\r\n0123456789abc\r\nc NOOP\r\n",
		"a IDLE\r\nDONE\r\nb NOOP\r\n",
		"a TOKENS 1:5,7:* (\\Seen x) 1-Feb-1994 \" 1-Feb-1994 00:00:00 +0000\" &AOk- % NIL 12 99\r\n",
		"\r\n\n* X\r\n+ Y\r\na\r\na \r\n (\r\n\r\r\n",
		"a NOOP {3+} x\r\nb NOOP {3+}\r\r\nc NOOP {99999999999999999999+}\r\n",
		"a X{0000000000000000000000000003+}\r\nabc{0+}\r\n{1+}\r\n\r\r\nb Y\r\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, input []byte, loggedIn bool) {
		limits := PreAuth()
		if loggedIn {
			limits = PostAuth(1 << 20)
		}
		whole := parse(t, bytes.NewReader(input), limits)
		// It does not matter how the network cuts the input.
		if bytewise := parse(t, iotest.OneByteReader(bytes.NewReader(input)), limits); bytewise != whole {
			t.Errorf("input %q: answers %q, and when it comes byte by byte %q", input, whole, bytewise)
		}
		limits.Faults, limits.Commands = 0, 0
		inStep(t, input, limits)
	})
}

// parse lets handlers read the input, and returns the answers.
func parse(t *testing.T, input io.Reader, limits Limits) string {
	s := &script{Reader: input}
	c := NewConn(s)
	c.SetLimits(limits)
	commands := map[string]func(*Conn) error{"TOKENS": func(c *Conn) error { return tokens(t, c) }}
	for name, handle := range sampleCommands {
		if name != "STARTTLS" && name != "BIG" {
			commands[name] = handle
		}
	}
	run(c, commands)
	// The buffer may have been another connection's, so it can be as large as one that is kept.
	if n := cap(c.Out()); n > outKeep {
		t.Errorf("output buffer of %d bytes", n)
	}
	if s := string(s.sent); s != "" && !strings.HasSuffix(s, "\n") {
		t.Errorf("output ends within a line: %q", s)
	}
	return string(s.sent)
}

// tokens reads one token of each kind, whether or not the one before could be read.
func tokens(t *testing.T, c *Conn) error {
	small := func(s string, err error) error {
		if len(s) > c.limits.Line {
			t.Errorf("token of %d bytes", len(s))
		}
		return err
	}
	reads := []func() error{
		func() error { _, err := c.Set(); return err },
		func() error { _, err := c.FlagList(); return err },
		func() error { _, err := c.Date(); return err },
		func() error { _, err := c.DateTime(); return err },
		func() error { return small(c.Mailbox()) },
		func() error { return small(c.ListMailbox()) },
		func() error { s, _, err := c.NString(); return small(s, err) },
		func() error { _, err := c.Number(); return err },
		func() error { _, err := c.Number64(); return err },
		func() error { return small(c.Atom()) },
		func() error { return small(c.Word()) },
	}
	var first error
	for _, read := range reads {
		err := c.SP()
		if err == nil {
			err = read()
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// inStep compares the commands that the frame finds with those of expected, when handlers read nothing.
func inStep(t *testing.T, input []byte, limits Limits) {
	s := &script{Reader: bytes.NewReader(input)}
	c := NewConn(s)
	c.SetLimits(limits)
	face := c.Face()
	for p := make([]byte, 64); ; {
		if _, err := face.Read(p); err != nil {
			break
		}
		c.Print(c.Tag(), " OK\r\n")
	}
	c.Flush()
	var got []string
	for line := range strings.Lines(string(s.sent)) {
		tag, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		status, _, _ := strings.Cut(rest, " ")
		if status != "BYE" {
			got = append(got, tag+" "+status)
		}
	}
	want := expected(input, limits.Skip)
	// The last command may be answered before its end is there, or not be.
	if len(got) > len(want)+1 || len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
		t.Errorf("input %q: got %q, want %q", input, got, want)
	}
}

var (
	emptyLine = regexp.MustCompile(`^\r?\n`)
	goodHead  = regexp.MustCompile(`^([!#$&',\-./0-9:;<=>?@A-Z[\]^_\x60a-z|}~]{1,128}) ([A-Za-z0-9._-]{1,32})[ \r\n]`)
	goodTag   = regexp.MustCompile(`^([!#$&',\-./0-9:;<=>?@A-Z[\]^_\x60a-z|}~]{1,128})[ \r\n]`)
	literal   = regexp.MustCompile(`\{([0-9]+)\+\}\r?\n$`)
)

// expected returns the answers to the whole commands in the input.
func expected(input []byte, most int64) []string {
	var answers []string
	for {
		rest, whole := afterCommand(input, most)
		if !whole {
			return answers
		}
		switch head := goodHead.FindSubmatch(input); {
		case emptyLine.Match(input):
		case head != nil && !strings.EqualFold(string(head[2]), "NIL"):
			answers = append(answers, string(head[1])+" OK")
		case goodTag.Match(input):
			answers = append(answers, string(goodTag.FindSubmatch(input)[1])+" BAD")
		default:
			answers = append(answers, "* BAD")
		}
		input = rest
	}
}

// afterCommand returns what follows the first command, if that is whole.
func afterCommand(input []byte, most int64) ([]byte, bool) {
	for {
		end := bytes.IndexByte(input, '\n')
		if end < 0 {
			return nil, false
		}
		line := input[:end+1]
		input = input[end+1:]
		announced := literal.FindSubmatch(line)
		if announced == nil {
			return input, true
		}
		size, err := strconv.ParseInt(string(announced[1]), 10, 64)
		if err != nil || size > most || size > int64(len(input)) {
			return nil, false
		}
		input = input[size:]
	}
}
