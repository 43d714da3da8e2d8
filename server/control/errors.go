package control

import (
	"errors"

	"satchel/backend"
)

// failure is an error on its way over the socket: its text, and which sentinels it wraps.
type failure struct {
	Text  string
	Kinds []string
}

// kinds names the sentinels that matter to the command line. The names are part of the protocol.
func kinds() map[string]error {
	return map[string]error{
		"not-found":     backend.ErrNotFound,
		"no-accounts":   backend.ErrNoAccounts,
		"exists":        backend.ErrExists,
		"full":          backend.ErrFull,
		"corrupt":       backend.ErrCorrupt,
		"mail-gone":     backend.ErrMailGone,
		"invalid-name":  backend.ErrInvalidName,
		"too-big":       backend.ErrTooBig,
		"over-quota":    backend.ErrOverQuota,
		"deferred":      backend.ErrDeferred,
		"cannot":        backend.ErrCannot,
		"limit":         backend.ErrLimit,
		"no-index":      backend.ErrNoIndex,
		"shared":        backend.ErrShared,
		"replaced":      backend.ErrReplaced,
		"closed":        backend.ErrClosed,
		"loop":          backend.ErrLoop,
		"not-supported": errors.ErrUnsupported,
	}
}

func failureOf(err error) failure {
	f := failure{Text: err.Error()}
	for name, sentinel := range kinds() {
		if errors.Is(err, sentinel) {
			f.Kinds = append(f.Kinds, name)
		}
	}
	return f
}

// remoteError is a failure that has arrived.
type remoteError struct {
	text      string
	sentinels []error
}

func (e *remoteError) Error() string   { return e.text }
func (e *remoteError) Unwrap() []error { return e.sentinels }

func (f failure) error() error {
	e := &remoteError{text: f.Text}
	known := kinds()
	for _, name := range f.Kinds {
		if s := known[name]; s != nil {
			e.sentinels = append(e.sentinels, s)
		}
	}
	return e
}
