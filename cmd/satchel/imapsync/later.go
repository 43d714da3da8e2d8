package imapsync

import (
	"time"

	"satchel/cmd/satchel/imapclient"
)

// busyPauses are the waits before folders that were busy are tried again, once all others have come.
var busyPauses = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}

// putOff leaves a folder that is busy for later.
func (p *Plan) putOff(f *folder, why error) {
	f.busy = why
	p.later = append(p.later, f)
	p.report.Line("%s: %v; it is tried again when the others have come", imapclient.Printable(f.Name), why)
}

// bringLater brings the folders that were busy, and names those that stay so.
func (p *Plan) bringLater() error {
	pauses := busyPauses
	if len(p.folders) == 0 {
		pauses = throttledPauses // none could be opened: it is the server that has had enough
	}
	for _, wait := range pauses {
		if len(p.later) == 0 {
			return nil
		}
		p.report.Line("folders that were put off: %d; going on in %v", len(p.later), wait)
		p.source.Close() // a server would end a connection without commands
		p.source.pause(p.source.ctx, wait)
		if err := p.source.ctx.Err(); err != nil {
			return err
		}
		if err := p.bringAgain(); err != nil {
			return err
		}
	}
	for _, f := range p.later {
		p.total.AddBad(imapclient.Printable(f.Name), f.busy.Error())
	}
	p.later = nil
	return nil
}

// bringAgain tries each folder that was busy once.
func (p *Plan) bringAgain() error {
	list := p.later
	p.later = nil
	for _, f := range list {
		if !f.looked {
			if err := p.lookInto(f); err != nil {
				return err
			}
		}
		if f.looked {
			if err := p.bring(f); err != nil {
				return err
			}
		}
	}
	return nil
}
