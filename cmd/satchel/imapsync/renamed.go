package imapsync

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
)

// renaming is a folder that was known under another name.
type renaming struct {
	old backend.Upstream
	now *folder
}

// followRenamed finds folders that have a new name and the UIDVALIDITY of one that is missing, and lets them go on where
// that one was. Where several could be meant, none is.
func (p *Plan) followRenamed(list []imapclient.Folder, known map[string]backend.Upstream, names *folderNames) error {
	missing := map[uint32][]backend.Upstream{}
	for name, o := range known {
		if !slices.ContainsFunc(list, func(f imapclient.Folder) bool { return p.upstreamOf(f.Name) == name }) {
			missing[o.UIDValidity] = append(missing[o.UIDValidity], o)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	found := map[uint32][]*folder{}
	for _, f := range p.folders {
		if f.known.Name != "" {
			continue
		}
		err := p.source.tryFolder(func(c *imapclient.Client) (err error) {
			f.State, err = c.Open(&f.Folder)
			return err
		})
		switch {
		case err == nil:
			found[f.UIDValidity] = append(found[f.UIDValidity], f)
		case isBusy(err):
			f.barred = err
		} // else it is told when the folder is looked into
	}
	var pairs []renaming
	for validity, olds := range missing {
		if news := found[validity]; len(olds) == 1 && len(news) == 1 && p.isRenamed(olds[0], news[0]) {
			pairs = append(pairs, renaming{olds[0], news[0]})
		}
	}
	return p.follow(pairs, names)
}

// isRenamed looks into a folder that has the UIDVALIDITY of one that is missing.
func (p *Plan) isRenamed(old backend.Upstream, now *folder) (yes bool) {
	err := p.source.tryFolder(func(c *imapclient.Client) (err error) {
		if _, err = c.Open(&now.Folder); err == nil {
			yes, err = p.agrees(c, old)
		}
		return err
	})
	if isBusy(err) {
		now.barred = err
	}
	return err == nil && yes
}

// follow renames what goes with the folders, a folder before those below it.
func (p *Plan) follow(list []renaming, names *folderNames) error {
	slices.SortFunc(list, func(a, b renaming) int { return cmp.Compare(a.old.Name, b.old.Name) })
	for _, r := range list {
		was := strings.TrimPrefix(r.old.Name, p.upstreamOf(""))
		p.report.Line("%s has been renamed to %s there", imapclient.Printable(was), imapclient.Printable(r.now.Name))
		if p.to.DryRun {
			r.now.known, r.now.target = r.old, r.old.Mailbox
			continue
		}
		if err := p.rename(r, names.target(&imapclient.Folder{Name: was})); err != nil {
			return err
		}
	}
	return nil
}

// rename gives the mailbox the new name too, if it has the one that the old one meant: somebody may have renamed it here.
func (p *Plan) rename(r renaming, target string) error {
	known, err := p.upstreams() // one above it may have been renamed just now
	if err != nil {
		return err
	}
	mailbox := r.now.target
	if known[r.old.Name].Mailbox != target || target == mailbox || target == "INBOX" {
		mailbox = ""
	}
	err = p.admin.RenameUpstream(p.to.Account, r.old.Name, r.now.upstream, mailbox)
	if errors.Is(err, backend.ErrExists) && mailbox != "" {
		err = p.admin.RenameUpstream(p.to.Account, r.old.Name, r.now.upstream, "")
	}
	if err != nil {
		return err
	}
	if known, err = p.upstreams(); err == nil {
		r.now.known = known[r.now.upstream]
		r.now.target = r.now.known.Mailbox
	}
	return err
}
