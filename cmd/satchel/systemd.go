package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"

	"satchel/cmd/satchel/config"
)

// notify tells systemd how the service is doing, where it asked to be told (Type=notify, sd_notify(3)). Nobody to tell
// is an ordinary state.
func notify(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("systemd could not be told", "state", state, "error", err)
	}
}

// watchdog tells systemd that the server lives, three times in the period that it allows (WatchdogSec=), until ctx ends.
// Without such a period it returns at once.
func (f *fronts) watchdog(ctx context.Context) {
	period, err := daemon.SdWatchdogEnabled(true)
	if err != nil {
		f.log.Warn("no watchdog", "error", err)
	}
	if period <= 0 {
		return
	}
	tick := time.NewTicker(max(period/3, time.Millisecond))
	defer tick.Stop()
	probe := func() {
		f.be.Probe()
		f.imap.Connections()
	}
	keepTelling(ctx, tick.C, probe, func() { notify(f.log, daemon.SdNotifyWatchdog) })
}

// keepTelling tells at every tick, once probe has returned: where that never happens nothing is told any more.
func keepTelling(ctx context.Context, tick <-chan time.Time, probe, tell func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick:
			probe()
			tell()
		}
	}
}

// passedSockets takes the sockets that systemd has opened for this process (sd_listen_fds(3)), by their names, which are
// those of fronts. Later calls find none.
func passedSockets() (map[string][]net.Listener, error) {
	sockets := map[string][]net.Listener{}
	var errs []error
	for _, file := range activation.Files(true) {
		name := file.Name()
		l, err := net.FileListener(file)
		file.Close()
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("socket %q of systemd: %w", name, err))
		case !slices.Contains(config.Fronts, name):
			l.Close()
			errs = append(errs, fmt.Errorf("socket %q of systemd: FileDescriptorName= must be one of %q", name, config.Fronts))
		default:
			sockets[name] = append(sockets[name], l)
		}
	}
	return sockets, errors.Join(errs...)
}
