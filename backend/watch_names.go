package backend

import (
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
	news          map[string]*NameNews
	renamed       map[string]string // new names to old ones
}

// pullNames says which names others have changed.
func (w *Watch) pullNames() []NameNews {
	now := w.account.List()
	if len(now) == len(w.names) && &now[0] == &w.names[0] { // there is an INBOX always
		return nil
	}
	n := naming{before: map[string]*MailboxInfo{}, after: map[string]*MailboxInfo{}, ids: map[storage.MailboxID]string{},
		news: map[string]*NameNews{}, renamed: map[string]string{}}
	kept := map[storage.MailboxID]bool{}
	for i := range w.names {
		info := &w.names[i]
		n.before[info.Name] = info
		if info.Exists {
			n.ids[info.id] = info.Name
		}
	}
	for i := range now {
		n.after[now[i].Name] = &now[i]
		kept[now[i].id] = now[i].Exists
	}
	for i := range now {
		n.appeared(&now[i])
	}
	for i := range w.names {
		if info := &w.names[i]; info.Exists && !kept[info.id] {
			n.named(info.Name)
		}
	}
	n.subscriptions()
	n.without(w)
	list := n.sorted(now, w.names)
	w.names = now
	return list
}

// appeared looks at a name that is there now.
func (n *naming) appeared(info *MailboxInfo) {
	if !info.Exists {
		return
	}
	old, known := n.ids[info.id]
	switch {
	case !known:
		n.named(info.Name)
	case old != info.Name:
		n.renamed[info.Name] = old
		// RFC 5465, 5.4: what is below a mailbox is renamed with it, untold.
		if !n.follows(info.Name, old) {
			n.of(info.Name).Named = true
			n.of(info.Name).Old = old
		}
	}
}

// follows reports whether a mailbox has its new name from one above it.
func (n *naming) follows(name, old string) bool {
	for _, p := range parents(name) {
		if was, ok := n.renamed[p]; ok && was+strings.TrimPrefix(name, p) == old {
			return true
		}
	}
	return false
}

// named notes that a mailbox came or went. RFC 5465, 5.4: the name right above it
// is affected too.
func (n *naming) named(name string) {
	n.of(name).Named = true
	if i := strings.LastIndex(name, Delimiter); i > 0 {
		n.of(name[:i]).Named = true
	}
}

// subscriptions compares who is subscribed to.
func (n *naming) subscriptions() {
	for name, was := range n.before {
		if is := n.after[name]; was.Subscribed && (is == nil || !is.Subscribed) {
			n.of(name).Subscription = true
		}
	}
	for name, is := range n.after {
		if was := n.before[name]; is.Subscribed && (was == nil || !was.Subscribed) {
			n.of(name).Subscription = true
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

// without leaves out what the session has done itself, if it is still as the
// session knows it.
func (n *naming) without(w *Watch) {
	for name, there := range w.owned {
		x := n.of(name)
		x.Named = x.Exists != there
		if x.Exists == there {
			x.Old = ""
		}
	}
	for name, on := range w.joined {
		x := n.of(name)
		x.Subscription = x.Subscribed != on
	}
	for _, x := range n.news {
		x.Subscription = x.Subscription && !w.moved(x)
	}
}

// sorted puts the news in the order of listings.
func (n *naming) sorted(now, before []MailboxInfo) []NameNews {
	var list []NameNews
	for _, names := range [][]MailboxInfo{before, now} {
		for i := range names {
			if x := n.news[names[i].Name]; x != nil && (x.Named || x.Subscription) {
				list = append(list, *x)
				x.Named, x.Subscription = false, false
			}
		}
	}
	for _, x := range n.news {
		if x.Named || x.Subscription { // a name above one that came and went
			list = append(list, *x)
		}
	}
	return list
}
