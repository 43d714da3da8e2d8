package server

import (
	"bytes"
	"time"

	"satchel/server/wire"
)

const (
	// heartbeat is how often an idling client hears that the server lives.
	// Outlook needs it, and NAT tables of cheap routers do.
	heartbeat = 2 * time.Minute
	// idleLine is how long the line may be that ends IDLE.
	idleLine = 1024
)

// idle: RFC 2177. The session waits in the frame, on no goroutine but its own,
// until a line comes, the mailbox changes or it is time for a heartbeat. There
// is no autologout while it waits: a dead peer fails the heartbeat.
func (s *session) idle() error {
	if err := s.wire.EOL(); err != nil {
		return err
	}
	s.end(append(s.begin(), "+ idling\r\n"...))
	s.idling.Store(true)
	defer s.idling.Store(false)
	beat := time.Now().Add(heartbeat)
	for {
		if err := s.idleSync(); err != nil || s.closing {
			return err
		}
		event, err := s.wire.Wait(beat)
		if err != nil {
			return err
		}
		switch event {
		case wire.Input:
			return s.idleEnd()
		case wire.Timeout:
			s.untagged("OK Still here")
			beat = time.Now().Add(heartbeat)
		}
	}
}

// idleSync tells what changed. It runs after idling is set, so that a change
// between the two interrupts the wait.
func (s *session) idleSync() error {
	if s.view == nil {
		return nil
	}
	return s.sync(true)
}

// idleEnd reads the line that ends IDLE. What follows it in the same packet
// stays in the frame and is the next command.
func (s *session) idleEnd() error {
	line, err := s.wire.Line(idleLine)
	if err != nil {
		return err
	}
	if !bytes.EqualFold(bytes.TrimSpace(line), []byte("DONE")) {
		return s.bad("IDLE ends with DONE")
	}
	return nil
}
