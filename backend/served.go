package backend

import (
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"
)

// servedEvery is how often it is noted how long the server has run: a crash has it
// count that much less, so that expunged mail is kept that much longer.
const servedEvery = 10 * time.Minute

// served is how long the server has run with a data folder, all its runs together. No
// clock that is set counts, only what has passed while it ran.
type served struct {
	path    string
	before  time.Duration // until this run
	started time.Time     // this run
	noted   time.Time     // on the disk; tidy's
}

// newServed goes on from what is noted in a file. Where that is lost it begins anew.
func newServed(path string, now time.Time) *served {
	b, _ := os.ReadFile(path)
	text, whole := strings.CutSuffix(string(b), "\n")
	seconds, err := strconv.ParseUint(text, 10, 32)
	if err != nil || !whole {
		seconds = 0
	}
	return &served{path: path, before: time.Duration(seconds) * time.Second, started: now, noted: now}
}

// at is for how many seconds the server had run, or will have, at a time.
func (s *served) at(now time.Time) int64 {
	return int64((s.before + now.Sub(s.started)) / time.Second)
}

// save notes it once in a while.
func (s *served) save(now time.Time, log *slog.Logger) {
	if !now.Before(s.noted.Add(servedEvery)) {
		s.noted = now
		s.note(now, log)
	}
}

func (s *served) note(now time.Time, log *slog.Logger) {
	err := os.WriteFile(s.path+".new", fmt.Appendln(nil, s.at(now)), 0o600)
	if err == nil {
		err = os.Rename(s.path+".new", s.path)
	}
	if err != nil {
		log.Warn("note how long the server has run", "error", err)
	}
}
