package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// linesEvery is how many messages pass between two lines of progress where there is no terminal.
const linesEvery = 10_000

// progress shows how far a long operation is: a bar with messages, bytes and the time left on a terminal, now and then
// a line elsewhere.
type progress struct {
	out      io.Writer // for lines
	bar      *progressbar.ProgressBar
	verb     string
	messages int
}

// progress begins to show an operation on about total bytes, which come one message after the other. verb is what
// happens to messages, such as "imported".
func (p *program) progress(verb string, total int64) *progress {
	return p.show(verb, total, progressbar.OptionShowBytes(true))
}

// counting begins to show an operation on total messages, which tells how far it is.
func (p *program) counting(verb string, total int64) *progress {
	return p.show(verb, total, progressbar.OptionShowCount(), progressbar.OptionSetDescription(verb))
}

func (p *program) show(verb string, total int64, options ...progressbar.Option) *progress {
	g := &progress{out: p.errOut, verb: verb}
	if !p.interactive() || total == 0 {
		return g
	}
	g.bar = progressbar.NewOptions64(total, append(options,
		progressbar.OptionSetWriter(p.errOut),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionFullWidth(),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)...)
	return g
}

// interactive reports whether somebody watches.
func (p *program) interactive() bool {
	f, ok := p.errOut.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Message counts one message of so many bytes.
func (g *progress) Message(bytes int64) {
	if g.bar != nil {
		g.bar.Describe(fmt.Sprintf("%d messages", g.messages+1))
		g.bar.Add64(bytes)
	}
	g.count(g.messages + 1)
}

// More says that so many more messages are done.
func (g *progress) More(messages int) { g.reach(g.messages + messages) }

// reach says that n messages are done.
func (g *progress) reach(n int) {
	if g.bar != nil {
		g.bar.Set(n)
	}
	g.count(n)
}

func (g *progress) count(n int) {
	if g.bar == nil && n/linesEvery > g.messages/linesEvery {
		fmt.Fprintf(g.out, "%s %d messages so far\n", g.verb, n)
	}
	g.messages = n
}

// Line prints a line of its own.
func (g *progress) Line(format string, args ...any) {
	if g.bar != nil {
		g.bar.Clear()
	}
	fmt.Fprintf(g.out, format+"\n", args...)
}

// end takes the bar away.
func (g *progress) end() {
	if g.bar != nil {
		g.bar.Finish()
	}
}

// stepping shows an operation that says itself how far it is, and of how many messages.
type stepping struct {
	p    *program
	verb string
	*progress
}

func (p *program) stepping(verb string) *stepping { return &stepping{p: p, verb: verb} }

// step says that so many messages are done.
func (s *stepping) step(done, total int) error {
	if s.progress == nil {
		s.progress = s.p.counting(s.verb, int64(total))
	}
	s.reach(done)
	return nil
}

// end takes the bar away, if there is one.
func (s *stepping) end() {
	if s.progress != nil {
		s.progress.end()
	}
}
