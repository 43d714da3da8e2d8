package accept

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// TestRefusals: of many refusals at once one is logged, and a clock that was ahead and is set back does not keep the next
// ones from the log.
func TestRefusals(t *testing.T) {
	var log bytes.Buffer
	r := Refusals{Front: "lmtp", Log: slog.New(slog.NewTextHandler(&log, nil))}
	r.logged.Store(time.Now().Add(365 * 24 * time.Hour).UnixNano())
	r.Warn("too many connections", "limit", 7)
	if got := log.String(); strings.Count(got, "front=lmtp limit=7") != 1 {
		t.Errorf("after a clock that was ahead: %q", got)
	}
	now := time.Now()
	r.logged.Store(now.UnixNano())
	log.Reset()
	r.Warn("too many connections")
	if log.Len() > 0 && time.Since(now) < logPause {
		t.Errorf("a moment later: %q", &log)
	}
}
