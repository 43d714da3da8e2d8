package imapsync

import (
	"errors"
	"fmt"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// Run does what has to be done, once. What was done before an error is kept. It ends with the error of the Source's
// context when that ends.
func (p *Plan) Run() error {
	for _, f := range p.folders {
		err := p.bringFolder(f)
		name := imapclient.Printable(f.Name)
		switch {
		case err != nil && !errors.Is(err, backend.ErrInvalidName) && p.source.fatal(err):
			return fmt.Errorf("%s: %w", name, err)
		case err != nil:
			p.total.AddBad(name, err.Error())
		case f.unsure != nil:
			p.total.AddBad(name, "nothing was removed: "+f.unsure.Error())
		}
		if f.untold != nil {
			p.total.AddBad(name, f.untold.Error())
		}
	}
	return nil
}

func (p *Plan) bringFolder(f *folder) error {
	imp, err := p.admin.Import(control.Target{
		Account: p.to.Account, Mailbox: f.target, SpecialUse: use(&f.Folder), Subscribe: f.Subscribed && f.known.Name == "",
		UIDValidity: f.UIDValidity, UIDNext: f.nextUID(), Upstream: f.upstream,
	})
	if err != nil {
		return err
	}
	defer imp.Abort()
	changed, err := p.change(imp, f)
	if err != nil {
		return err
	}
	messages := &fetch{Plan: p, folder: f, imp: imp}
	if err := messages.run(); err != nil {
		p.total.Sum(messages.tally)
		return err
	}
	var end control.End
	if len(messages.tally.Bad) == 0 && !messages.partial && f.untold == nil { // else the next run is to see them again
		end.ModSeq = f.HighestModSeq
	}
	tally, err := imp.Finish(end)
	if err != nil {
		return err
	}
	done := Outcome{messages.tally, changed}
	done.Sum(tally)
	done.Present = f.present
	p.total.Sum(done.Tally)
	p.total.Changed += changed
	p.tell(f, done)
	return nil
}

// nextUID is above all UIDs that the server has given out, as far as is known: not every server tells its UIDNEXT.
func (f *folder) nextUID() backend.UID {
	next := f.UIDNext
	if n := len(f.fresh); n > 0 {
		last := f.fresh[n-1].uid
		next = max(next, last, last+1) // where it is the last of all
	}
	return next
}

// changesAtOnce is how many messages are changed together.
const changesAtOnce = 500

// change brings over what has changed of the messages that are here.
func (p *Plan) change(imp control.Import, f *folder) (changed int, err error) {
	c := &f.changes
	for len(c.Flags)+len(c.Gone)+len(c.Claims) > 0 {
		if err := p.source.ctx.Err(); err != nil {
			return changed, err
		}
		n, err := imp.Change(control.Changes{Flags: first(&c.Flags), Gone: first(&c.Gone), Claims: first(&c.Claims)})
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// first takes the first of a list off it.
func first[T any](list *[]T) []T {
	n := min(len(*list), changesAtOnce)
	some := (*list)[:n]
	*list = (*list)[n:]
	return some
}

// tell says what became of a folder, if anything.
func (p *Plan) tell(f *folder, done Outcome) {
	if done.New+done.Changed+len(done.Bad) == 0 && f.known.Name != "" {
		return
	}
	p.report.Line("%s: %v", f.names(), done)
	if done.Stripped > 0 {
		p.report.Line("%s: %d messages without their keywords, there are too many different ones", imapclient.Printable(f.target), done.Stripped)
	}
}
