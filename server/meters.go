package server

import (
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"satchel/backend/measure"
)

// meter counts the runs of one command.
type meter struct {
	results [3]atomic.Uint64 // by status
	lost    atomic.Uint64    // nobody heard how it ended
	took    *measure.Histogram
}

func newMeter() meter { return meter{took: measure.NewTimes()} }

// count notes a run that ended so; nil: its client has gone. What answers by itself
// does so with OK.
func (m *meter) count(end *response, took time.Duration) {
	switch {
	case end == nil:
		m.lost.Add(1)
	case end.status == statusSent:
		m.results[statusOK].Add(1)
	default:
		m.results[end.status].Add(1)
	}
	m.took.AddTime(took)
}

// Stats are numbers of what the server has done since it was started, and does now.
type Stats struct {
	Sessions map[string]int    // now, by front
	LoggedIn int               // of them
	Limit    int               // of Sessions together
	Accepted map[string]uint64 // connections, by front
	Refused  map[string]uint64 // connections over the limits, by front
	In, Out  uint64            // bytes, compressed, without TLS
	Commands []CommandStats    // those that were used, by name
	Unknown  uint64            // commands that there are not, or not in the session's state
}

// CommandStats are numbers of one command.
type CommandStats struct {
	Name        string
	OK, NO, BAD uint64
	Lost        uint64 // its client has gone meanwhile
	Took        measure.Distribution
}

// Stats reads the numbers.
func (s *Server) Stats() Stats {
	st := Stats{Sessions: map[string]int{}, Accepted: map[string]uint64{}, Refused: map[string]uint64{}, Unknown: s.unknown.Load()}
	st.Limit = s.sessions.most()
	for _, f := range s.fronts {
		st.Sessions[f.name] += 0
		st.Accepted[f.name] += f.accepted.Load()
		st.Refused[f.name] += f.refused.Load()
	}
	st.In, st.Out = s.sessions.traffic(func(c *session) {
		shown := c.shown.Load()
		st.Sessions[shown.Front]++
		if shown.AccountID != "" {
			st.LoggedIn++
		}
	})
	for _, c := range s.commands {
		if one := c.stats(); one.Took.Count > 0 {
			st.Commands = append(st.Commands, one)
		}
	}
	slices.SortFunc(st.Commands, func(a, b CommandStats) int { return strings.Compare(a.Name, b.Name) })
	return st
}

func (c *command) stats() CommandStats {
	return CommandStats{
		Name: c.name, OK: c.results[statusOK].Load(), NO: c.results[statusNO].Load(), BAD: c.results[statusBAD].Load(),
		Lost: c.lost.Load(), Took: c.took.Read(),
	}
}
