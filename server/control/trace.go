package control

import (
	"context"
	"log/slog"

	"satchel/server/trace"
)

// Traced is what has been said in sessions since the one before.
type Traced struct {
	Events  []trace.Event
	Dropped int // how many more there were, which nobody took in time
}

type traceArgs struct {
	Which    Which
	Literals bool
}

// Trace implements Admin.
func (l *Local) Trace(ctx context.Context, which Which, literals bool, each func(Traced) error) error {
	f, err := l.filter(which)
	if err != nil {
		return err
	}
	w, err := l.fronts.Trace(f, literals)
	if err != nil {
		return err
	}
	defer w.Close()
	log := which.log(l.log)
	log.Info("trace started")
	lines, dropped := 0, 0
	defer func() { log.Info("trace ended", "lines", lines, "dropped", dropped) }()
	if err := each(Traced{}); err != nil { // it has begun
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-w.Ready():
		}
		var t Traced
		t.Events, t.Dropped = w.Take()
		lines, dropped = lines+len(t.Events), dropped+t.Dropped
		if err := each(t); err != nil {
			return err
		}
	}
}

// log adds whose sessions are meant.
func (w Which) log(log *slog.Logger) *slog.Logger {
	if w.Account != "" {
		log = log.With("account", w.Account)
	}
	if w.Session != "" {
		log = log.With("session", w.Session)
	}
	if w.Network.IsValid() {
		log = log.With("network", w.Network.String())
	}
	return log
}

// Trace implements Admin.
func (r *Remote) Trace(ctx context.Context, which Which, literals bool, each func(Traced) error) error {
	return askEach(ctx, r, opTrace, traceArgs{which, literals}, each)
}

func traceSessions(l *Local, s *stream, args traceArgs) error {
	return l.Trace(s.attended(), args.Which, args.Literals, func(t Traced) error { return s.sendItem(t) })
}
