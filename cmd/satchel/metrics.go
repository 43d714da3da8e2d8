package main

import (
	"time"

	"satchel/server/metrics"
)

// openMetrics opens the front for programs that watch over this one, if it is switched on. All others are open.
func (f *fronts) openMetrics() error {
	listeners, err := f.listen("metrics", f.cfg.Metrics)
	if len(listeners) > 0 {
		f.side = append(f.side, sideFront{"metrics", listeners, metrics.New(metrics.Config{
			Version: version(), Backend: f.be, IMAP: f.imap, LMTP: f.lmtp, Certificates: f.certificates, LastBackup: f.lastBackup, Log: f.log,
		})})
	}
	return err
}

// lastBackup is when the data folder was last copied, and how many accounts were not, as they should be.
func (f *fronts) lastBackup() (time.Time, int) {
	last, err := lastBackup(f.cfg.Data)
	if last == nil || err != nil {
		return time.Time{}, 0
	}
	return last.At, last.Failed
}
