package imapsync

import (
	"cmp"
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
		if err := p.bring(f); err != nil {
			return err
		}
	}
	return p.bringLater()
}

// bring brings a folder over, or notes why it does not come. An error is one that keeps others away too.
func (p *Plan) bring(f *folder) error {
	err := p.bringFolder(f)
	name := imapclient.Printable(f.Name)
	switch {
	case isBusy(err):
		p.putOff(f, err)
		return nil
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
	return nil
}

// bringFolder brings a folder over. It may be called again after it failed.
func (p *Plan) bringFolder(f *folder) error {
	imp, err := p.admin.Import(control.Target{
		Account: p.to.Account, Mailbox: f.target, SpecialUse: use(&f.Folder), Subscribe: f.Subscribed && f.known.Name == "",
		UIDValidity: f.UIDValidity, UIDNext: f.nextUID(), Upstream: f.upstream,
	})
	if err != nil {
		return err
	}
	defer imp.Abort()
	messages := &fetch{Plan: p, folder: f, imp: imp}
	changed, why := p.change(imp, f)
	if why == nil {
		why = messages.run()
	}
	end := control.End{Unfinished: why != nil}
	if !f.partial && f.untold == nil { // else the next run is to see them again
		end.ModSeq = f.HighestModSeq
	}
	tally, err := imp.Finish(end)
	if err != nil && isBusy(why) {
		why = nil // a folder that is put off does not fetch again what could not be kept
	}
	f.partial = f.partial || len(tally.Bad) > 0
	done := Outcome{messages.tally, changed}
	done.Sum(tally)
	if err = cmp.Or(why, err); err == nil {
		done.Present = f.present
	}
	p.total.Sum(done.Tally)
	p.total.Changed += changed
	p.tell(f, done, err == nil)
	return err
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
func (p *Plan) tell(f *folder, done Outcome, whole bool) {
	if done.New+done.Changed+len(done.Bad) == 0 && (f.known.Name != "" || !whole) {
		return
	}
	p.report.Line("%s: %v", f.names(), done)
	if done.Stripped > 0 {
		p.report.Line("%s: %d messages without their keywords, there are too many different ones", imapclient.Printable(f.target), done.Stripped)
	}
}
