package lmtp

import (
	"net"
	"sync/atomic"
	"time"

	"satchel/server/accept"
	"satchel/server/presence"
)

// counted is a connection of which others may see how much went over it. Its deadlines and Close are the socket's.
type counted struct {
	net.Conn
	id      string
	since   time.Time
	in, out atomic.Uint64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.in.Add(uint64(n))
	return n, err
}

func (c *counted) Write(p []byte) (int, error) {
	c.out.Add(uint64(len(p)))
	return c.Conn.Write(p)
}

// presence is the connection as it is now.
func (c *counted) presence() presence.Session {
	return presence.Session{
		ID: c.id, Front: "lmtp", Remote: accept.Remote(c), Since: c.since, StateAge: c.since, In: c.in.Load(), Out: c.out.Load(),
	}
}

// Sessions are the connections that the filter means.
func (s *Server) Sessions(f presence.Filter) (list []presence.Session) {
	s.each(f, func(_ *frame, p *presence.Session) { list = append(list, *p) })
	return list
}

// EndSessions tells everyone that the filter means 421, as soon as no message is under way, and returns how many they are.
func (s *Server) EndSessions(f presence.Filter) (n int) {
	s.each(f, func(c *frame, _ *presence.Session) {
		c.interrupt()
		n++
	})
	return n
}

func (s *Server) each(f presence.Filter, do func(*frame, *presence.Session)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.frames {
		if p := c.presence(); f.Matches(&p) {
			do(c, &p)
		}
	}
}

// Stats are numbers of what the server has done since it was started, and does now.
type Stats struct {
	Connections       int // now
	Accepted, Refused uint64
	In, Out           uint64 // bytes
}

// Stats reads the numbers.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.done
	st.Connections = len(s.frames)
	for f := range s.frames {
		st.In, st.Out = st.In+f.counted.in.Load(), st.Out+f.counted.out.Load()
	}
	return st
}
