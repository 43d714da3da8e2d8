package imapsync

import (
	"context"
	"errors"
	"time"

	"satchel/cmd/satchel/imapclient"
)

// Source is a server that mail comes from. It connects again when a connection is lost, and waits when the server has
// had enough. Its work ends with the context that it began with.
type Source struct {
	ctx    context.Context
	server Server
	report Report
	pause  func(ctx context.Context, d time.Duration)

	client *imapclient.Client // nil while there is no connection
	before bool               // there has been one
	failed int                // how often in a row, without anything gained in between
}

// lostPauses are the waits before connecting again, one failure after the other; throttledPauses those for a server that
// wants to be left alone; refusedPauses those for one that lets nobody in any more, which may lock out who asks often.
// maxPause bounds what a server may ask for.
var (
	lostPauses      = []time.Duration{time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}
	refusedPauses   = []time.Duration{time.Minute, 5 * time.Minute}
	throttledPauses = []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour}
)

const maxPause = 2 * time.Hour

func newSource(ctx context.Context, from Server, report Report) *Source {
	return &Source{ctx: ctx, server: from, report: report, pause: pause}
}

// pause waits, no longer than ctx.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// localError is one that connecting again does not help.
type localError struct{ error }

func (e localError) Unwrap() error { return e.error }

// try does f on a connection, and again on another when that is lost: f goes on from where it was. It gives up after as
// many failures in a row as there are pauses. A command that the server refuses, and a localError, are given back.
func (s *Source) try(f func(*imapclient.Client) error) error {
	for {
		err := s.connect()
		if err == nil {
			err = f(s.client)
		}
		if err == nil || s.refused(err) {
			s.failed = 0
			return err
		}
		s.drop()
		pauses, asked := s.pauses(err)
		switch {
		case s.ctx.Err() != nil:
			return s.ctx.Err()
		case s.failed >= len(pauses):
			s.failed = 0
			return err
		}
		wait := min(max(asked, pauses[s.failed]), maxPause)
		s.failed++
		s.report.Line("%v; going on in %v", err, wait.Round(time.Second))
		s.pause(s.ctx, wait)
	}
}

// busyError is of a folder that is in use or out of reach for now.
type busyError struct{ error }

func (e busyError) Unwrap() error { return e.error }

func isBusy(err error) bool { return errors.As(err, new(busyError)) }

// tryFolder is try for what is about one folder. A busyError is given back: others can come meanwhile.
func (s *Source) tryFolder(f func(*imapclient.Client) error) error {
	return s.try(func(c *imapclient.Client) error {
		err := f(c)
		var said *imapclient.StatusError
		if errors.As(err, &said) && said.Busy() {
			err = busyError{err}
		}
		return err
	})
}

// connect sees to it that there is a connection.
func (s *Source) connect() error {
	if s.client != nil {
		return nil
	}
	c, err := imapclient.Dial(s.ctx, s.server.Config)
	if err != nil {
		return err
	}
	if err := s.server.Login(c); err != nil {
		c.Close()
		return err
	}
	s.client, s.before = c, true
	return nil
}

// throttled reports that the server has had enough for now, and how long it wants to be left alone.
func throttled(err error) (asked time.Duration, yes bool) {
	var said *imapclient.StatusError
	if errors.As(err, &said) && !isBusy(err) {
		return said.Throttled()
	}
	return 0, false
}

// refused reports that the server said no to one command, or has an unfit folder, and is there for others.
func (s *Source) refused(err error) bool {
	var said *imapclient.StatusError
	_, busy := throttled(err)
	return s.client != nil && (errors.As(err, &said) && !said.Goodbye() && !busy || errors.Is(err, imapclient.ErrUnfit))
}

// fatal reports that what was tried in vain is not what is wrong. Where it is, such as a folder at which a server breaks
// down, it was refused, or the connection was lost again and again and one can be made all the same.
func (s *Source) fatal(err error) bool {
	_, busy := throttled(err)
	lost := s.client == nil && s.before && !busy && s.ctx.Err() == nil && !errors.As(err, new(localError))
	return !s.refused(err) && !(lost && s.connect() == nil)
}

// pauses gives the waits before it is worth trying again after an error, none when it is not, and how long the server
// wants to be left alone.
func (s *Source) pauses(err error) (pauses []time.Duration, asked time.Duration) {
	if errors.As(err, new(localError)) || errors.Is(err, imapclient.ErrNoLogin) {
		return nil, 0
	}
	if asked, busy := throttled(err); busy {
		return throttledPauses, asked
	}
	if !s.before {
		return nil, 0 // it has never been reached: the command may be wrong
	}
	var said *imapclient.StatusError
	if errors.Is(err, imapclient.ErrLogin) && errors.As(err, &said) && !said.Goodbye() {
		return refusedPauses, 0
	}
	return lostPauses, 0
}

// gained says that it goes on, so that the next failure is the first again.
func (s *Source) gained() { s.failed = 0 }

// drop gives a connection up.
func (s *Source) drop() {
	if s.client != nil {
		s.client.Close()
		s.client = nil
	}
}

// Close ends the connection in order.
func (s *Source) Close() {
	if s.client != nil {
		s.client.Logout()
		s.client = nil
	}
}
