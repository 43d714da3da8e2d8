package main

import (
	"context"
	"io"
	"log/slog"
	"sync"

	"satchel/cmd/satchel/config"
	"satchel/server/control"
	"satchel/server/printable"
)

// newLog makes the log, and what counts in it.
func newLog(cfg *config.Config, level slog.Leveler, w io.Writer) (*slog.Logger, *logged) {
	opts := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, opts)
	if cfg.LogFormat == "json" {
		h = slog.NewJSONHandler(w, opts)
	}
	count := new(logged)
	return slog.New(countingHandler{h, count}), count
}

// logged is what the log has had so far.
type logged struct {
	mu  sync.Mutex
	sum control.Logged // guarded by mu
}

func (l *logged) read() control.Logged {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sum
}

// maxLastError bounds what is kept of an error.
const maxLastError = 300

func (l *logged) add(r *slog.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Level < slog.LevelError {
		l.sum.Warnings++
		return
	}
	text := r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			text += ": " + a.Value.String()
		}
		return true
	})
	l.sum.Errors++
	l.sum.LastError, l.sum.LastAt = printable.Text(text, maxLastError), r.Time
}

// countingHandler counts warnings and errors on their way to the log.
type countingHandler struct {
	slog.Handler
	count *logged
}

func (h countingHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		h.count.add(&r)
	}
	return h.Handler.Handle(ctx, r)
}

func (h countingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return countingHandler{h.Handler.WithAttrs(attrs), h.count}
}

func (h countingHandler) WithGroup(name string) slog.Handler {
	return countingHandler{h.Handler.WithGroup(name), h.count}
}
