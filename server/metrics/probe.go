package metrics

import (
	"io"
	"net/http"
	"time"

	"satchel/backend"
	"satchel/server"
)

// probeTime is how long a server may take to answer before it counts as stuck.
const probeTime = 5 * time.Second

// probe finds out how the server is. One look is taken at a time: where that hangs, nobody waits beside it.
type probe struct {
	backend *backend.Backend
	imap    *server.Server
	turn    chan struct{} // has room for one
}

func newProbe(be *backend.Backend, imap *server.Server) *probe {
	return &probe{backend: be, imap: imap, turn: make(chan struct{}, 1)}
}

// alive returns when those answer whom every login and delivery needs: what systemd's watchdog is told by.
func (p *probe) alive() error {
	p.backend.Probe()
	p.imap.Connections()
	return nil
}

// ready is alive, and says why nobody could work with mail all the same.
func (p *probe) ready() error {
	p.alive()
	return p.backend.Ready()
}

// answer is 200 and "ok", or 503 and why not.
func (p *probe) answer(look func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		text := p.look(look)
		if text != "ok" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		io.WriteString(w, text+"\n")
	}
}

// look waits for its turn and for an answer, but not for long.
func (p *probe) look(look func() error) string {
	timeout := time.NewTimer(probeTime)
	defer timeout.Stop()
	select {
	case p.turn <- struct{}{}:
	case <-timeout.C:
		return "the server does not answer"
	}
	answered := make(chan error, 1)
	go func() {
		answered <- look()
		<-p.turn
	}()
	select {
	case err := <-answered:
		if err != nil {
			return err.Error()
		}
		return "ok"
	case <-timeout.C:
		return "the server does not answer"
	}
}
