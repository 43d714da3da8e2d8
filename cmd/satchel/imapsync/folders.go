package imapsync

import (
	"cmp"
	"errors"
	"net"
	"slices"
	"strings"

	"satchel/backend"
	"satchel/cmd/satchel/imapclient"
)

// findFolders lists the folders to be brought over, says where they go, and follows those that were renamed.
func (p *Plan) findFolders() error {
	list, gmail, err := p.list()
	if err != nil {
		return err
	}
	local, err := p.admin.Mailboxes(p.to.Account)
	if err != nil {
		return err
	}
	known, err := p.upstreams()
	if err != nil {
		return err
	}
	rest := gmailElsewhere(list)
	for _, pattern := range p.to.unmatched(list) {
		p.report.Line("the server has no folder %s", pattern)
	}
	names := newFolderNames(&p.to, list, local)
	for i := range list {
		if p.wanted(&list[i], gmail) {
			p.folders = append(p.folders, p.place(&list[i], names, known))
		}
	}
	if len(p.folders) == 0 {
		return errors.New("none of the server's folders is wanted")
	}
	if gmail && len(p.to.Folders) == 0 {
		p.restOfGmail(rest, names)
	}
	return p.followRenamed(list, known, names)
}

// list asks the server for its folders, and whether it is Gmail.
func (p *Plan) list() (list []imapclient.Folder, gmail bool, err error) {
	shared := 0
	err = p.source.try(func(c *imapclient.Client) (err error) {
		list, shared, err = c.Folders()
		gmail = c.Has("X-GM-EXT-1")
		return err
	})
	if shared > 0 {
		p.report.Line("%d folders of other users and shared ones are left where they are", shared)
	}
	subscribeAll(list)
	return list, gmail, err
}

func (p *Plan) wanted(f *imapclient.Folder, gmail bool) bool {
	yes, why := p.to.chosen(f, gmail)
	if why != "" {
		p.report.Line("%s: not taken, %s", imapclient.Printable(f.Name), why)
	}
	return yes
}

// place says where a folder goes: where it went before, if it did.
func (p *Plan) place(f *imapclient.Folder, names *folderNames, known map[string]backend.Upstream) *folder {
	placed := &folder{Folder: *f, upstream: p.upstreamOf(f.Name), target: names.target(f)}
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

func (p *Plan) upstreamOf(folder string) string { return p.source.server.upstream() + "/" + folder }

// upstream names the account at the server, for what is remembered of its folders. The standard ports reach one server;
// any other may be a tunnel to one of its own.
func (s *Server) upstream() string {
	host, port, _ := net.SplitHostPort(s.Addr)
	if port != "993" && port != "143" {
		host = s.Addr
	}
	return s.User + "@" + strings.ToLower(host)
}

// upstreams lists what is known of the server's folders from earlier runs.
func (p *Plan) upstreams() (map[string]backend.Upstream, error) {
	all, err := p.admin.Upstreams(p.to.Account)
	known := map[string]backend.Upstream{}
	for _, o := range all {
		if strings.HasPrefix(o.Name, p.upstreamOf("")) {
			known[o.Name] = o
		}
	}
	return known, err
}

// gmailLabels are the labels by which Gmail calls folders of its own. What is junk or trash is not in All Mail.
var gmailLabels = map[string][]string{`\Sent`: {`\Sent`}, `\Drafts`: {`\Draft`, `\Drafts`}}

// gmailElsewhere gives the labels of messages that are in some folder beside All Mail, be it wanted or not. The uses are those
// that Gmail tells: one that is guessed from a name says nothing about its labels.
func gmailElsewhere(list []imapclient.Folder) map[string]bool {
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
	return labels
}

// restOfGmail sees to it that of Gmail's All Mail comes, into the archive, what has none of the labels of other folders.
func (p *Plan) restOfGmail(elsewhere map[string]bool, names *folderNames) {
	for _, f := range p.folders {
		if f.SpecialUse != `\All` {
			continue
		}
		f.rest = elsewhere
		if f.known.Name == "" {
			f.target = cmp.Or(names.byUse[`\Archive`], p.to.Name("Archive"))
		}
	}
}
