package main

import "satchel/server/metrics"

// openMetrics opens the front for programs that watch over this one, if it is switched on. All others are open.
func (f *fronts) openMetrics() error {
	listeners, err := f.listen("metrics", f.cfg.metrics)
	if len(listeners) > 0 {
		f.side = append(f.side, sideFront{"metrics", listeners, metrics.New(metrics.Config{
			Version: version(), Backend: f.be, IMAP: f.imap, LMTP: f.lmtp, Certificates: f.certificates, Log: f.log,
		})})
	}
	return err
}
