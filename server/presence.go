package server

import (
	"cmp"
	"crypto/tls"
	"slices"
	"time"

	"satchel/server/presence"
)

// show changes what others are shown of the session. It belongs to the connection's
// goroutine, like all that it tells of.
func (s *session) show(change func(*presence.Session)) {
	next := *s.shown.Load()
	change(&next)
	s.shown.Store(&next)
}

// begins notes that a command is under way.
func (s *session) begins(row *command, now time.Time) {
	s.commands.Add(1)
	s.stateAge.Store(now.UnixNano())
	s.running.Store(row)
}

// ends notes that none is, and counts the one that was; row is nil for what is no
// command.
func (s *session) ends(row *command, end *response, began time.Time) {
	now := time.Now()
	s.stateAge.Store(now.UnixNano())
	s.running.Store(nil)
	if row != nil {
		row.count(end, now.Sub(began))
	} else {
		s.srv.unknown.Add(1)
	}
}

// presence is the session as it is now. Any goroutine may call it.
func (s *session) presence() presence.Session {
	p := *s.shown.Load()
	if row := s.running.Load(); row != nil {
		p.Command = row.name
	}
	p.StateAge = time.Unix(0, s.stateAge.Load())
	p.Commands = s.commands.Load()
	p.In, p.Out = s.wire.Traffic()
	p.Compress = s.wire.Deflated()
	if v := s.wire.TLSVersion(); v != 0 {
		p.TLS = tls.VersionName(v)
	}
	return p
}

// Sessions are the clients that the filter means, the oldest first.
func (s *Server) Sessions(f presence.Filter) []presence.Session {
	var list []presence.Session
	s.sessions.each(func(c *session) {
		if p := c.presence(); f.Matches(&p) && !c.wire.Over() {
			list = append(list, p)
		}
	})
	slices.SortFunc(list, func(a, b presence.Session) int {
		return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID))
	})
	return list
}

// EndSessions tells every client that the filter means the text, in a BYE, and ends
// its session when its running command has ended. Where that takes long, since the
// client stops in the middle or fetches all that there is, the connection is cut. It
// returns how many they are.
func (s *Server) EndSessions(f presence.Filter, text string) (n int) {
	s.sessions.each(func(c *session) {
		if f.Matches(c.shown.Load()) && !c.wire.Over() {
			c.wire.Shutdown(text)
			time.AfterFunc(s.cfg.EndGrace, c.cut)
			n++
		}
	})
	return n
}

// lostText is the farewell to who looks at mail that is not there any more.
const lostText = "The mail of the account was exchanged on the server: connect again"

// endLost ends the sessions of accounts that are lost. Those of who has logged in, but is not seen yet, end themselves.
func (s *Server) endLost() {
	for _, id := range s.backend.Lost() {
		s.EndSessions(presence.Filter{AccountID: id}, lostText)
	}
}

// cut closes the connection, unless its session is over.
func (s *session) cut() {
	if !s.wire.Over() {
		s.Close()
	}
}
