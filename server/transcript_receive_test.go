package server

import (
	"os"
	"regexp"
	"slices"
	"strings"
)

// receiveLine receives one line, if it comes in this mode.
func (s *script) receiveLine(name, want string) {
	s.t.Helper()
	s.client(name)
	want, comes := s.dialect(name).wants(want)
	if !comes {
		return
	}
	got := s.receiveFor(name, want)
	if !s.matches(want, got) {
		s.fatalf("got  %s\nwant %s", got, s.expand(want))
	}
}

// receiveFor passes over a line about MAILBOXID unless that is wanted.
func (s *script) receiveFor(name string, want ...string) string {
	s.t.Helper()
	got := s.receive(name)
	if !strings.HasPrefix(got, mailboxID) || slices.ContainsFunc(want, func(w string) bool { return strings.HasPrefix(w, mailboxID) }) {
		return got
	}
	return s.receive(name)
}

func (s *script) receive(name string) string {
	s.t.Helper()
	return strings.TrimSuffix(s.receiveRaw(name), "\r\n")
}

// receiveTagged passes over untagged lines.
func (s *script) receiveTagged(name, want string) {
	s.t.Helper()
	got := s.receive(name)
	for strings.HasPrefix(got, "* ") {
		got = s.receive(name)
	}
	if !s.matches(want, got) {
		s.fatalf("got  %s\nwant %s", got, s.expand(want))
	}
}

func (s *script) receiveRaw(name string) string {
	s.t.Helper()
	c, d := s.client(name), s.dialect(name)
	for len(d.lines) == 0 {
		line, err := c.in.ReadString('\n')
		if err != nil {
			s.fatalf("%s received %q and then %v", name, line, err)
		}
		if d.lines = d.receive(line); d.wrong != "" {
			s.fatalf("%s", d.wrong)
		}
	}
	line := d.lines[0]
	d.lines = d.lines[1:]
	return line
}

func (s *script) receiveEnd(name string) {
	s.t.Helper()
	if line, err := s.client(name).in.ReadString('\n'); err == nil || line != "" || os.IsTimeout(err) {
		s.fatalf("%s received %q, %v; it should have been closed", name, line, err)
	}
}

// receiveAnyOrder plays a block: every line of it must come, whichever first.
func (s *script) receiveAnyOrder(name string) {
	s.t.Helper()
	s.client(name)
	var want []string
	for s.at++; s.lines[s.at] != name+"< ]"; s.at++ {
		if w, comes := s.dialect(name).wants(strings.TrimPrefix(s.lines[s.at], name+"< ")); comes {
			want = append(want, w)
		}
	}
	for len(want) > 0 {
		got, found := s.receiveFor(name, want...), false
		for i, w := range want {
			if s.matches(w, got) {
				want, found = append(want[:i:i], want[i+1:]...), true
				break
			}
		}
		if !found {
			s.fatalf("got %s\nwant one of\n%s", got, strings.Join(want, "\n"))
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z][a-zA-Z0-9]*\}`)

// expand puts in the words that were captured.
func (s *script) expand(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(p string) string {
		if w, ok := s.words[p]; ok {
			return w
		}
		return p
	})
}

// matches compares a line with what is wanted, and remembers new words.
func (s *script) matches(want, got string) bool {
	pattern := regexp.QuoteMeta(s.expand(want))
	pattern = strings.ReplaceAll(pattern, `\.\.\.`, `.*`)
	var names []string
	pattern = regexp.MustCompile(`\\\{[a-z][a-zA-Z0-9]*\\\}`).ReplaceAllStringFunc(pattern, func(p string) string {
		names = append(names, strings.ReplaceAll(p, `\`, ""))
		return `([^\s()\[\]]+)`
	})
	m := regexp.MustCompile(`^(?s:` + pattern + `)$`).FindStringSubmatch(got)
	for i := range m[min(1, len(m)):] {
		s.words[names[i]] = m[i+1]
	}
	return m != nil
}
