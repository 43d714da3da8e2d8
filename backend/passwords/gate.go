package passwords

import (
	"context"
	"runtime"
)

// maxQueued is how many logins may wait for a derivation: 10 to 20 seconds' worth
// when all are of different people, which no restart of the server brings about.
const maxQueued = 1024

// gate bounds how many passwords are derived at once, and how many wait for it.
type gate struct {
	running chan struct{}
	present chan struct{} // running or waiting
}

func newGate() *gate {
	n := max(2, runtime.GOMAXPROCS(0))
	return &gate{running: make(chan struct{}, n), present: make(chan struct{}, n+maxQueued)}
}

// enter waits for a turn, ErrBusy when too many are waiting already. After
// nil the caller must leave.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.present <- struct{}{}:
	default:
		return ErrBusy
	}
	select {
	case g.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-g.present
		return ctx.Err()
	}
}

func (g *gate) leave() {
	<-g.running
	<-g.present
}
