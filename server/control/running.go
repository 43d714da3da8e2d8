package control

import (
	"satchel/backend"
	"satchel/server/presence"
	"satchel/server/trace"
)

// Fronts are where a running server talks with clients.
type Fronts interface {
	// Sessions are those that the filter means.
	Sessions(f presence.Filter) []presence.Session
	// EndSessions ends them, with a word to their clients, and returns how many.
	EndSessions(f presence.Filter, text string) int
	// Trace watches what is said in them.
	Trace(f presence.Filter, literals bool) (*trace.Watcher, error)
	// Status is how they, and all that is behind them, are doing.
	Status() (Status, error)
}

// filter finds out who is meant; without a server there is nobody.
func (l *Local) filter(w Which) (presence.Filter, error) {
	f := presence.Filter{Session: w.Session, Network: w.Network}
	if l.fronts == nil {
		return f, ErrNoServer
	}
	if w.Account != "" {
		info, err := l.AccountByName(w.Account)
		if err != nil {
			return f, err
		}
		f.AccountID = info.ID
	}
	return f, nil
}

// Sessions implements Admin.
func (l *Local) Sessions(which Which, each func(presence.Session) error) error {
	f, err := l.filter(which)
	if err != nil {
		return err
	}
	devices := labels{l.Backend, map[string]map[int64]string{}}
	for _, p := range l.fronts.Sessions(f) {
		if p.Credential > 0 {
			p.Device = devices.find(&p)
		}
		if err := each(p); err != nil {
			return err
		}
	}
	return nil
}

// labels are those of app passwords, looked up once for each account.
type labels struct {
	backend *backend.Backend
	known   map[string]map[int64]string // by the account's id and that of the credential
}

// find is the label of the app password that let a session in, "" when it was revoked since.
func (l labels) find(p *presence.Session) string {
	known := l.known[p.AccountID]
	if known == nil {
		known = map[int64]string{}
		l.known[p.AccountID] = known
		apps, err := l.backend.AppPasswords(p.Account)
		if err != nil {
			return "" // the account was removed
		}
		for _, app := range apps {
			known[app.ID] = app.Label
		}
	}
	return known[p.Credential]
}

// EndSessions implements Admin.
func (l *Local) EndSessions(which Which) (int, error) {
	f, err := l.filter(which)
	if err != nil {
		return 0, err
	}
	return l.fronts.EndSessions(f, "Disconnected by the administrator"), nil
}
