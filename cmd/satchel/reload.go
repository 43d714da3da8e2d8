package main

import (
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/daemon"

	"satchel/cmd/satchel/config"
)

// liveKeys are those whose change counts in a running server. All others wait for its next start.
var liveKeys = []string{
	"hide", "tls.cert", "tls.key", "tls.certificate", "tls.client_ca", "acme.*",
	"limits.connections", "limits.connections_per_address", "limits.lmtp_connections", "quota.*", "log.level",
}

// reload reads the configuration again. One that is wrong changes nothing.
func (f *fronts) reload(read func() (*config.Config, error)) {
	notify(f.log, daemon.SdNotifyReloading)
	defer notify(f.log, daemon.SdNotifyReady)
	next, err := read()
	if err == nil {
		err = next.CheckFronts()
	}
	if err == nil {
		err = f.change(next)
	}
	if err != nil {
		f.log.Error("configuration not taken over, the one before stays in use", "error", err)
	}
}

// change takes over what is live of a configuration. It returns an error before anything has changed.
func (f *fronts) change(next *config.Config) error {
	live := func(key string) bool { return isLive(key) && (!isACME(key) || f.isAsked(next)) }
	merged := *f.cfg
	taken, _ := merged.TakeLive(next, live)
	manager, err := newACME(&merged, f.log, f.obtained)
	if err != nil {
		return err
	}
	pairs, err := merged.MadePairs()
	if err != nil {
		return err
	}
	if err := f.certificates.Change(pairs, merged.ClientCA); err != nil {
		return err
	}
	_, waiting := f.cfg.TakeLive(next, live)
	f.level.Set(f.cfg.LogLevel)
	f.be.SetQuotas(f.cfg.Quotas()) // which was checked when it was read
	f.imap.SetHide(f.cfg.Hide)
	f.imap.SetLimits(f.cfg.Connections, f.cfg.PerAddress)
	if f.lmtp != nil {
		f.lmtp.SetMaxConnections(f.cfg.LMTPConnections)
	}
	if slices.ContainsFunc(taken, isACME) {
		f.acme.start(manager)
	} else {
		f.acme.again()
	}
	f.log.Info("configuration taken over", "changed", taken)
	f.warnOfPolicy()
	if len(waiting) > 0 {
		f.log.Warn("these changes count after a restart", "keys", waiting)
	}
	return nil
}

// isLive reports whether a key is one of liveKeys.
func isLive(key string) bool {
	return slices.ContainsFunc(liveKeys, func(live string) bool { return isOf(live, key) })
}

// isOf reports whether a key is the live one, or of its section.
func isOf(live, key string) bool {
	section, all := strings.CutSuffix(live, "*")
	return key == live || all && strings.HasPrefix(key, section)
}

func isACME(key string) bool { return strings.HasPrefix(key, "acme.") }
