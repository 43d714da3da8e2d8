package server

import (
	"strings"

	"satchel/backend"
	"satchel/server/presence"
	"satchel/server/trace"
	"satchel/server/wire"
)

// newTraces makes the hub for traces of our commands.
func newTraces() *trace.Hub {
	var names []string
	for _, r := range commandTable() {
		name, _, _ := strings.Cut(r.name, " ")
		names = append(names, name)
	}
	return trace.New(names, backend.AllMechanisms())
}

// Trace begins to watch what is said in the sessions that the filter means, also in
// those to come, from each one's next command on. Passwords and the like are left out,
// and so are the contents of literals unless they are asked for. The caller closes the
// watcher.
func (s *Server) Trace(f presence.Filter, literals bool) (*trace.Watcher, error) {
	return s.traces.Watch(f, literals)
}

// tap is who watches the session, nil for nobody.
func (s *session) tap() wire.Tap {
	p := s.presence()
	t := s.srv.traces.Tap(&p)
	if t == nil {
		return nil
	}
	words := []string{p.Front + " from " + s.remote.String()}
	for _, word := range []string{p.TLS, p.Account, p.Client} {
		if word != "" {
			words = append(words, word)
		}
	}
	t.Say(strings.Join(words, ", "))
	return t
}
