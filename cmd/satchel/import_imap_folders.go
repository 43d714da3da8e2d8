package main

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
)

// findFolders lists the folders to be brought over, says where they go, and follows those that were renamed.
func (m *imapImport) findFolders() error {
	list, gmail, err := m.list()
	if err != nil {
		return err
	}
	local, err := m.admin.Mailboxes(m.o.to.account)
	if err != nil {
		return err
	}
	known, err := m.upstreams()
	if err != nil {
		return err
	}
	names := newFolderNames(m.o, list, local)
	for i := range list {
		if m.wanted(&list[i], gmail) {
			m.folders = append(m.folders, m.place(&list[i], names, known))
		}
	}
	if len(m.folders) == 0 {
		return errors.New("none of the server's folders is wanted")
	}
	if gmail && len(m.o.folders) == 0 {
		m.restOfGmail(list, names)
	}
	return m.followRenamed(list, known, names)
}

// list asks the server for its folders, and whether it is Gmail.
func (m *imapImport) list() (list []imapclient.Folder, gmail bool, err error) {
	shared := 0
	err = m.source.try(func(c *imapclient.Client) (err error) {
		list, shared, err = c.Folders()
		gmail = c.Has("X-GM-EXT-1")
		return err
	})
	if shared > 0 {
		m.progress.line("%d folders of other users and shared ones are left where they are", shared)
	}
	subscribeAll(list)
	return list, gmail, err
}

func (m *imapImport) wanted(f *imapclient.Folder, gmail bool) bool {
	yes, why := m.o.chosen(f, gmail)
	if why != "" {
		m.progress.line("%s: not taken, %s", imapclient.Printable(f.Name), why)
	}
	return yes
}

// place says where a folder goes: where it went before, if it did.
func (m *imapImport) place(f *imapclient.Folder, names *folderNames, known map[string]backend.Upstream) *imapFolder {
	placed := &imapFolder{Folder: *f, upstream: m.upstreamOf(f.Name), target: names.target(f)}
	if placed.known = known[placed.upstream]; placed.known.Name != "" {
		placed.target = placed.known.Mailbox
	}
	return placed
}

// subscribeAll subscribes everything where nothing is subscribed, for mail programs show no other folders.
func subscribeAll(list []imapclient.Folder) {
	if slices.ContainsFunc(list, func(f imapclient.Folder) bool { return f.Subscribed }) {
		return
	}
	for i := range list {
		list[i].Subscribed = true
	}
}

func (m *imapImport) upstreamOf(folder string) string { return imapUpstream(m.o) + "/" + folder }

// upstreams lists what is known of the server's folders from earlier runs.
func (m *imapImport) upstreams() (map[string]backend.Upstream, error) {
	all, err := m.admin.Upstreams(m.o.to.account)
	known := map[string]backend.Upstream{}
	for _, o := range all {
		if strings.HasPrefix(o.Name, m.upstreamOf("")) {
			known[o.Name] = o
		}
	}
	return known, err
}

// gmailLabels are the labels by which Gmail calls folders of its own. What is junk or trash is not in All Mail.
var gmailLabels = map[string][]string{`\Sent`: {`\Sent`}, `\Drafts`: {`\Draft`, `\Drafts`}}

// restOfGmail sees to it that of Gmail's All Mail comes, into the archive, what is in none of the other folders, be they
// wanted or not.
func (m *imapImport) restOfGmail(list []imapclient.Folder, names *folderNames) {
	labels := map[string]bool{}
	for _, f := range list {
		labels[f.Name] = true
		for _, label := range gmailLabels[f.SpecialUse] {
			labels[label] = true
		}
		if f.Name == "INBOX" {
			labels[`\Inbox`] = true
		}
	}
	for _, f := range m.folders {
		if f.SpecialUse != `\All` {
			continue
		}
		f.rest = labels
		if f.known.Name == "" {
			f.target = cmp.Or(names.byUse[`\Archive`], m.o.to.name("Archive"))
		}
	}
}
