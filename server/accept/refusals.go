package accept

import (
	"log/slog"
	"sync/atomic"
	"time"
)

// logPause is the least time between two lines of log about refused connections.
const logPause = 10 * time.Second

// Refusals logs the connections that a front refuses now and then, so that who floods the socket does not flood the
// disk. It is safe for concurrent use, and must not be copied.
type Refusals struct {
	Front string
	Log   *slog.Logger

	logged atomic.Int64 // Unix nanoseconds
}

// Warn logs a refusal, unless another was logged a moment ago.
func (r *Refusals) Warn(msg string, args ...any) {
	now := time.Now().UnixNano() // may be before the last time, by as much as the clock was set back
	if last := r.logged.Load(); max(now-last, last-now) < int64(logPause) || !r.logged.CompareAndSwap(last, now) {
		return
	}
	r.Log.Warn(msg, append([]any{"front", r.Front}, args...)...)
}
