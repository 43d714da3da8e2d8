package imapsync

import (
	"fmt"

	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// Plan is what has to be done to bring an account over.
type Plan struct {
	source  *Source
	report  Report
	admin   control.Admin
	to      Options
	folders []*folder // of which it is known what has to be done
	later   []*folder // were busy
	total   Outcome
}

// Prepare finds out what has to be done. Folders that are known by another name are renamed. What cannot be opened is in
// Outcome.
func (s *Source) Prepare(admin control.Admin, to Options) (*Plan, error) {
	p := &Plan{source: s, report: s.report, admin: admin, to: to}
	if err := p.findFolders(); err != nil {
		return nil, err
	}
	list := p.folders
	p.folders = nil
	for n, f := range list {
		if err := p.lookInto(f); err != nil {
			return nil, err
		}
		if f.looked {
			p.folders = append(p.folders, f)
		}
		p.report.Looked(n+1, len(list))
	}
	return p, nil
}

// lookInto finds out what has to be done for a folder, or notes why that is not known. An error is one that keeps others
// away too.
func (p *Plan) lookInto(f *folder) error {
	err := f.barred
	if err == nil {
		err = p.source.tryFolder(func(c *imapclient.Client) error { return p.look(c, f) })
	}
	switch name := imapclient.Printable(f.Name); {
	case err == nil:
		f.looked = true
	case f.barred == nil && isBusy(err) && !p.to.DryRun:
		p.putOff(f, err)
	case f.barred == nil && p.source.fatal(err):
		return fmt.Errorf("%s: %w", name, err)
	default:
		p.total.AddBad(name, err.Error())
	}
	return nil
}

// Each calls f with the names of the folders, there and, where that is another, here, and with what is to be done.
func (p *Plan) Each(f func(names string, d Difference)) {
	for _, folder := range p.folders {
		f(folder.names(), folder.difference())
	}
}

// Total is what has to be done in all folders.
func (p *Plan) Total() (sum Difference) {
	p.Each(func(_ string, d Difference) { sum.add(d) })
	return sum
}

// Outcome is what was done up to now, and what cannot be.
func (p *Plan) Outcome() Outcome { return p.total }

func (f *folder) difference() Difference {
	return Difference{New: len(f.fresh), Bytes: f.bytes, Present: f.present, Flags: len(f.changes.Flags), Gone: len(f.changes.Gone)}
}

// names says where a folder goes, if that has another name.
func (f *folder) names() string {
	name := imapclient.Printable(f.Name)
	if f.target != f.Name {
		name += " -> " + imapclient.Printable(f.target)
	}
	return name
}
