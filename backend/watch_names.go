package backend

import (
	"maps"
	"slices"
	"strings"

	"satchel/storage"
)

// NameNews is a name of the hierarchy of which something changed: as it is now.
type NameNews struct {
	MailboxInfo
	Old          string // the name that the mailbox had, if it was renamed
	Named        bool   // a mailbox of this name, or right below it, came or went, or was renamed
	Subscription bool   // it was subscribed to, or no longer is
}

// naming compares two listings.
type naming struct {
	before, after map[string]*MailboxInfo
	ids           map[storage.MailboxID]string // the names before
	renamed       map[string]string            // new names to old ones
	renames       []NameNews                   // of those, what is told
	news          map[string]*NameNews         // what is told after them
}

// pullNames says which names others have changed. Renames come first: who takes in one
// after the other knows of each name what it is now.
func (w *Watch) pullNames() []NameNews {
	now := w.account.List()
	if len(now) == len(w.names) && &now[0] == &w.names[0] { // there is an INBOX always
		return nil
	}
	n := naming{before: byNames(w.names), after: byNames(now), ids: map[storage.MailboxID]string{},
		renamed: map[string]string{}, news: map[string]*NameNews{}}
	for i := range w.names {
		if info := &w.names[i]; info.Exists {
			n.ids[info.id] = info.Name
		}
	}
	for i := range now {
		n.appeared(&now[i])
	}
	n.disappeared()
	n.tellRenames(now)
	n.subscriptions()
	n.mend()
	list := append(n.renames, n.sorted(w.names, now)...)
	w.names = now
	return list
}

func byNames(list []MailboxInfo) map[string]*MailboxInfo {
	m := make(map[string]*MailboxInfo, len(list))
	for i := range list {
		m[list[i].Name] = &list[i]
	}
	return m
}

// appeared looks at a name that is there now.
func (n *naming) appeared(info *MailboxInfo) {
	was := n.before[info.Name]
	if !info.Exists || was != nil && was.Exists && was.id == info.id {
		return
	}
	if old, known := n.ids[info.id]; known {
		n.renamed[info.Name] = old
		return
	}
	n.named(info.Name)
}

// disappeared looks for names that are not there any more, but for old ones.
func (n *naming) disappeared() {
	old := map[string]bool{}
	for _, name := range n.renamed {
		old[name] = true
	}
	for name, was := range n.before {
		if is := n.after[name]; was.Exists && (is == nil || !is.Exists) && !old[name] {
			n.named(name)
		}
	}
}

// tellRenames lists renames. RFC 5465, 5.4: what is below a mailbox is renamed with it,
// untold.
func (n *naming) tellRenames(now []MailboxInfo) {
	for i := range now {
		name := now[i].Name
		if old, ok := n.renamed[name]; ok && !n.follows(name, old) {
			n.renames = append(n.renames, NameNews{MailboxInfo: now[i], Old: old, Named: true,
				Subscription: now[i].Subscribed != subscribedIn(n.before, name)})
		}
	}
}

// follows reports whether a mailbox has its new name from one above it.
func (n *naming) follows(name, old string) bool {
	for p := range Parents(name) {
		if was, ok := n.renamed[p]; ok && was+name[len(p):] == old {
			return true
		}
	}
	return false
}

// named notes that a mailbox came or went. RFC 5465, 5.4: the name right above it
// is affected too.
func (n *naming) named(name string) {
	n.of(name).Named = true
	if i := strings.LastIndex(name, Delimiter); i >= 0 {
		n.of(name[:i]).Named = true
	}
}

// subscriptions compares who is subscribed to.
func (n *naming) subscriptions() {
	told := map[string]bool{}
	for i := range n.renames {
		told[n.renames[i].Name] = true
	}
	for _, names := range []map[string]*MailboxInfo{n.before, n.after} {
		for name := range names {
			if subscribedIn(n.before, name) != subscribedIn(n.after, name) && !told[name] {
				n.of(name).Subscription = true
			}
		}
	}
}

func subscribedIn(names map[string]*MailboxInfo, name string) bool {
	return names[name] != nil && names[name].Subscribed
}

func existsIn(names map[string]*MailboxInfo, name string) bool {
	return names[name] != nil && names[name].Exists
}

// mend tells what the renames alone would leave wrong: where names were exchanged, or an
// old one is in use again, it depends on the order what becomes of them.
func (n *naming) mend() {
	known := maps.Clone(n.before)
	for i := range n.renames {
		r := &n.renames[i]
		moved := map[string]*MailboxInfo{}
		for name, info := range known {
			if to, concerned := renamed(name, r.Old, r.Name); concerned {
				moved[to] = info
				delete(known, name)
			}
		}
		maps.Copy(known, moved)
		known[r.Name] = &r.MailboxInfo
	}
	for _, names := range []map[string]*MailboxInfo{known, n.after} {
		for name := range names {
			if existsIn(known, name) != existsIn(n.after, name) {
				n.of(name).Named = true
			}
			if subscribedIn(known, name) != subscribedIn(n.after, name) {
				n.of(name).Subscription = true
			}
		}
	}
}

// of is the news of a name, which may be no mailbox's now.
func (n *naming) of(name string) *NameNews {
	if n.news[name] == nil {
		n.news[name] = &NameNews{MailboxInfo: MailboxInfo{Name: name}}
		if is := n.after[name]; is != nil {
			n.news[name].MailboxInfo = *is
		}
	}
	return n.news[name]
}

// sorted puts the news in the order of listings.
func (n *naming) sorted(listings ...[]MailboxInfo) (list []NameNews) {
	for _, names := range listings {
		for i := range names {
			if x := n.news[names[i].Name]; x != nil {
				list = append(list, *x)
				delete(n.news, x.Name)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.news)) { // above one that came and went
		list = append(list, *n.news[name])
	}
	return list
}
