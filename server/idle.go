package server

import (
	"bytes"
	"hash/fnv"
	"time"

	"satchel/server/wire"
)

// idleLine is how long the line may be that ends IDLE.
const idleLine = 1024

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
	beat := s.nextBeat(time.Now())
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
			beat = s.nextBeat(time.Now())
		}
	}
}

// nextBeat is when the client next hears that the server lives: Outlook needs to,
// and so do the tables of routers that translate addresses. All connections from
// one address are told at the same moment, so that a phone wakes up once for all.
func (s *session) nextBeat(now time.Time) time.Time {
	hash := fnv.New32a()
	addr := s.remote.As16()
	hash.Write(addr[:])
	every := s.srv.cfg.Heartbeat
	offset := time.Duration(hash.Sum32()) % every
	return now.Add(-offset).Truncate(every).Add(every + offset)
}

// idleSync tells what changed. It runs after idling is set, so that a change
// between the two interrupts the wait.
func (s *session) idleSync() error {
	if s.view != nil {
		if err := s.sync(true); err != nil || s.closing {
			return err
		}
	}
	return s.syncOthers() // RFC 5465, 4
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
