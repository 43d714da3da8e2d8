package main

import (
	"errors"
	"fmt"
	"strings"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// imapImport is an import from an IMAP server under way.
type imapImport struct {
	importing
	p       *program
	o       *imapOptions
	source  *imapSource
	folders []*imapFolder
	changed int // messages whose flags are others now, or that were removed
}

// uidGap is how many UIDs are left out after those that a folder has given out there. A message that still reaches the
// other server after mail has begun to come in here must not have a UID there that another has here: a mail program that
// has seen both servers would take one for the other.
const uidGap = 100_000

func (m *imapImport) run() error {
	if err := m.prepare(); err != nil {
		return err
	}
	if m.o.dryRun {
		return m.show()
	}
	total := int64(0)
	for _, f := range m.folders {
		total += f.bytes
	}
	m.progress = m.p.progress("imported", total)
	err := m.bring()
	m.progress.end()
	for _, b := range m.total.Bad {
		fmt.Fprintf(m.p.errOut, "left out: %s: %s\n", b.Name, b.Reason)
	}
	if m.total.BadMore > 0 {
		fmt.Fprintf(m.p.errOut, "left out: %d more\n", m.total.BadMore)
	}
	fmt.Fprintf(m.p.out, "%s: %s (%s)\n", m.o.to.account, m.text(m.total, m.changed), bytesText(m.total.Bytes))
	if err != nil {
		return err
	}
	if n := len(m.total.Bad) + m.total.BadMore; n > 0 {
		return fmt.Errorf("%d could not be imported; the same command tries again", n)
	}
	return nil
}

func (m *imapImport) text(t control.Tally, changed int) string {
	s := tallyText(t)
	if changed > 0 {
		s += fmt.Sprintf(", %d changed", changed)
	}
	return s
}

// prepare finds out what has to be done.
func (m *imapImport) prepare() error {
	if err := m.findFolders(); err != nil {
		return err
	}
	looking := m.p.counting("looking into folders", int64(len(m.folders)))
	defer looking.end()
	keep := m.folders[:0]
	for n, f := range m.folders {
		err := m.source.try(func(c *imapclient.Client) error { return m.look(c, f) })
		switch name := imapclient.Printable(f.Name); {
		case m.source.refused(err):
			m.total.AddBad(name, err.Error())
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		default:
			keep = append(keep, f)
		}
		looking.reach(n + 1)
	}
	m.folders = keep
	return nil
}

// bring does what has to be done.
func (m *imapImport) bring() error {
	for _, f := range m.folders {
		err := m.bringFolder(f)
		switch name := imapclient.Printable(f.Name); {
		case errors.Is(err, backend.ErrInvalidName), m.source.refused(err):
			m.total.AddBad(name, err.Error())
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case f.unsure != nil:
			m.total.AddBad(name, "nothing was removed: "+f.unsure.Error())
		}
	}
	return nil
}

func (m *imapImport) bringFolder(f *imapFolder) error {
	imp, err := m.admin.Import(control.Target{
		Account: m.o.to.account, Mailbox: f.target, SpecialUse: use(&f.Folder), Subscribe: f.Subscribed && f.known.Name == "",
		UIDValidity: f.UIDValidity, UIDNext: f.UIDNext, Upstream: f.upstream,
	})
	if err != nil {
		return err
	}
	defer imp.Abort()
	changed, err := m.change(imp, f)
	if err != nil {
		return err
	}
	fetch := &imapFetch{imapImport: m, imapFolder: f, imp: imp}
	if err := fetch.run(); err != nil {
		return err
	}
	end := control.End{Next: f.nextUID()}
	if len(fetch.tally.Bad) == 0 {
		end.ModSeq = f.HighestModSeq
	}
	tally, err := imp.Finish(end)
	if err != nil {
		return err
	}
	fetch.tally.Sum(tally)
	fetch.tally.Present = f.present
	m.total.Sum(fetch.tally)
	m.changed += changed
	m.tell(f, fetch.tally, changed)
	return nil
}

// nextUID is the UID from which on new messages get theirs. Not every server tells its UIDNEXT.
func (f *imapFolder) nextUID() backend.UID {
	next := f.UIDNext
	if n := len(f.fresh); n > 0 {
		next = max(next, f.fresh[n-1].uid)
	}
	return max(next, next+uidGap) // which may be too large to be a UID
}

// changesAtOnce is how many messages are changed together.
const changesAtOnce = 500

// change brings over what has changed of the messages that are here.
func (m *imapImport) change(imp control.Import, f *imapFolder) (changed int, err error) {
	c := &f.changes
	for len(c.Flags)+len(c.Gone)+len(c.Claims) > 0 {
		if m.ctx.Err() != nil {
			return changed, errInterrupted
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
func (m *imapImport) tell(f *imapFolder, t control.Tally, changed int) {
	if t.New+changed+len(t.Bad) == 0 && f.known.Name != "" {
		return
	}
	m.progress.line("%s: %s", f.names(), m.text(t, changed))
	if t.Stripped > 0 {
		m.progress.line("%s: %d messages without their keywords, there are too many different ones", f.target, t.Stripped)
	}
}

// names says where a folder goes, if that has another name.
func (f *imapFolder) names() string {
	name := imapclient.Printable(f.Name)
	if f.target != f.Name {
		name += " -> " + imapclient.Printable(f.target)
	}
	return name
}

// show tells what would be done.
func (m *imapImport) show() error {
	var total imapFolder
	for _, f := range m.folders {
		fmt.Fprintf(m.p.out, "%s: %s\n", f.names(), f.planText())
		total.add(f)
	}
	fmt.Fprintf(m.p.out, "%s: %s; nothing was changed\n", m.o.to.account, total.planText())
	if len(m.total.Bad) > 0 {
		return fmt.Errorf("%d folders cannot be opened", len(m.total.Bad))
	}
	return nil
}

func (f *imapFolder) add(o *imapFolder) {
	f.fresh = append(f.fresh, o.fresh...)
	f.bytes += o.bytes
	f.present += o.present
	f.changes.Flags = append(f.changes.Flags, o.changes.Flags...)
	f.changes.Gone = append(f.changes.Gone, o.changes.Gone...)
}

func (f *imapFolder) planText() string {
	parts := []string{fmt.Sprintf("%d new (%s), %d already there", len(f.fresh), bytesText(f.bytes), f.present)}
	if n := len(f.changes.Flags); n > 0 {
		parts = append(parts, fmt.Sprintf("%d with other flags", n))
	}
	if n := len(f.changes.Gone); n > 0 {
		parts = append(parts, fmt.Sprintf("%d to be removed", n))
	}
	return strings.Join(parts, ", ")
}
