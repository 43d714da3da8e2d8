package backend

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"satchel/storage"
)

// MailboxInfo describes a name of the hierarchy.
type MailboxInfo struct {
	Name        string // UTF-8 NFC
	SpecialUse  string // "\Sent" or another of RFC 6154, or ""
	Subscribed  bool
	Exists      bool // can be selected; false for parents without a mailbox and for subscriptions to nothing
	HasChildren bool

	id storage.MailboxID // 0 unless it exists
}

// List is every name of the account, sorted: mailboxes, the levels above them,
// and subscribed names that do not exist. It must not be changed.
func (a *Account) List() []MailboxInfo {
	a.mu.RLock()
	l := a.listing
	a.mu.RUnlock()
	if l != nil {
		return l
	}
	a.step.RLock()
	defer a.step.RUnlock()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listing == nil {
		a.listing = a.list()
	}
	return a.listing
}

// Info is what List has of one name, in its canonical form; a name that List does
// not have does not exist.
func (a *Account) Info(name string) MailboxInfo {
	canonical := CanonicalName(name)
	l := a.List()
	if i := slices.IndexFunc(l, func(m MailboxInfo) bool { return m.Name == canonical }); i >= 0 {
		return l[i]
	}
	return MailboxInfo{Name: canonical}
}

// list builds what List caches. Callers hold mu.
func (a *Account) list() []MailboxInfo {
	all := map[string]*MailboxInfo{}
	enter := func(name string) *MailboxInfo {
		if all[name] == nil {
			all[name] = &MailboxInfo{Name: name, Subscribed: a.subscribed[name]}
		}
		return all[name]
	}
	for name, m := range a.byName {
		info := enter(name)
		info.Exists, info.SpecialUse, info.id = true, m.row.SpecialUse, m.id
		for p := range Parents(name) {
			enter(p).HasChildren = true
		}
	}
	for name := range a.subscribed {
		enter(name)
	}
	l := make([]MailboxInfo, 0, len(all))
	for _, info := range all {
		l = append(l, *info)
	}
	sort.Slice(l, func(i, j int) bool { return lessName(l[i].Name, l[j].Name) })
	return l
}

// lessName sorts names so that INBOX comes first and children follow their parent.
func lessName(a, b string) bool {
	if inboxA, inboxB := isInbox(a), isInbox(b); inboxA != inboxB {
		return inboxA
	}
	return strings.ReplaceAll(a, "/", "\x00") < strings.ReplaceAll(b, "/", "\x00")
}

func isInbox(name string) bool { return name == "INBOX" || below(name, "INBOX") }

// Status reads a mailbox's counters, from memory.
func (a *Account) Status(name string) (Status, error) {
	m, err := a.mailbox(name)
	if err != nil {
		return Status{}, err
	}
	return m.status(), nil
}

// has reports whether there is a mailbox of this canonical name.
func (a *Account) has(name string) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.byName[name] != nil
}

// children are the mailboxes below a name, sorted.
func (a *Account) children(name string) []*mailbox {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var names []string
	for n := range a.byName {
		if below(n, name) {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	list := make([]*mailbox, len(names))
	for i, n := range names {
		list[i] = a.byName[n]
	}
	return list
}

// replant changes the tree of names in memory. It runs in the writer's lane.
func (a *Account) replant(change func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change()
	a.listing = nil
}

// Subscribe sets or takes away a subscription. A name without a mailbox can be
// subscribed (RFC 3501, 6.3.6).
func (a *Account) Subscribe(name string, on bool) error {
	canonical, err := newName(name)
	if err == nil {
		err = a.write(&change{
			alters: []any{a},
			run:    func(tx *storage.Tx) error { return tx.SetSubscribed(canonical, on) },
			apply:  func() { a.replant(func() { a.setSubscribed(canonical, on) }) },
		})
	}
	if err != nil {
		return fmt.Errorf("subscribe %q: %w", name, err)
	}
	return nil
}

func (a *Account) setSubscribed(name string, on bool) {
	if on {
		a.subscribed[name] = true
	} else {
		delete(a.subscribed, name)
	}
}
