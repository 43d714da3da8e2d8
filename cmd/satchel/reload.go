package main

import (
	"reflect"
	"slices"

	"github.com/coreos/go-systemd/v22/daemon"
)

// liveKeys are those whose change counts in a running server. All others wait for its next start.
var liveKeys = []string{
	"hide", "tls.cert", "tls.key", "tls.certificate", "tls.client_ca",
	"limits.connections", "limits.connections_per_address", "limits.lmtp_connections", "log.level",
}

// reload reads the configuration again. One that is wrong changes nothing.
func (f *fronts) reload(read func() (*config, error)) {
	notify(f.log, daemon.SdNotifyReloading)
	defer notify(f.log, daemon.SdNotifyReady)
	next, err := read()
	if err == nil {
		err = next.checkFronts()
	}
	if err == nil {
		err = f.changeCertificate(next)
	}
	if err != nil {
		f.log.Error("configuration not taken over, the one before stays in use", "error", err)
		return
	}
	taken, waiting := f.cfg.takeLive(next)
	f.level.Set(f.cfg.logLevel)
	f.imap.SetHide(f.cfg.hide)
	f.imap.SetLimits(f.cfg.connections, f.cfg.perAddress)
	if f.lmtp != nil {
		f.lmtp.SetMaxConnections(f.cfg.lmtpConns)
	}
	if f.acme != nil {
		f.acme.Again()
	}
	f.log.Info("configuration taken over", "changed", taken)
	if len(waiting) > 0 {
		f.log.Warn("these changes count after a restart", "keys", waiting)
	}
}

func (f *fronts) changeCertificate(next *config) error {
	pairs, err := f.keyPairs(next)
	if err != nil {
		return err
	}
	return f.certificates.Change(pairs, next.clientCA)
}

// takeLive takes over what has changed of the live keys, and lists which, and which others have changed.
func (c *config) takeLive(next *config) (taken, waiting []string) {
	for _, o := range options() {
		ours, theirs := o.field(c), o.field(next)
		switch {
		case tomlValue(ours) == tomlValue(theirs):
		case slices.Contains(liveKeys, o.key):
			reflect.ValueOf(ours).Elem().Set(reflect.ValueOf(theirs).Elem())
			taken = append(taken, o.key)
		default:
			waiting = append(waiting, o.key)
		}
	}
	return taken, waiting
}
