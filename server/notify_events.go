package server

import (
	"slices"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// events is a set of the events of RFC 5465, 5.
type events uint8

const (
	messageNew events = 1 << iota
	messageExpunge
	flagChange
	mailboxName
	subscriptionChange
	mailboxMetadataChange
	serverMetadataChange

	messageEvents  = messageNew | messageExpunge | flagChange
	metadataEvents = mailboxMetadataChange | serverMetadataChange
)

var eventTable = [...]struct {
	name  string
	event events
}{
	{"MessageNew", messageNew},
	{"MessageExpunge", messageExpunge},
	{"FlagChange", flagChange},
	{"MailboxName", mailboxName},
	{"SubscriptionChange", subscriptionChange},
	{"MailboxMetadataChange", mailboxMetadataChange},
	{"ServerMetadataChange", serverMetadataChange},
}

func eventNames() string {
	names := make([]string, len(eventTable))
	for i := range eventTable {
		names[i] = eventTable[i].name
	}
	return strings.Join(names, " ")
}

// check refuses what RFC 5465, 5, does not allow: MessageNew and MessageExpunge go
// together, and FlagChange needs them.
func (e events) check() error {
	both := events(messageNew | messageExpunge)
	if e&messageEvents != 0 && e&both != both {
		return &wire.SyntaxError{Text: "MessageNew and MessageExpunge go together, and with FlagChange"}
	}
	return nil
}

// mailboxChoice says which mailboxes a group is about.
type mailboxChoice uint8

const (
	selectedMailbox mailboxChoice = iota
	allMailboxes
	subscribedMailboxes
	subtrees
	namedMailboxes
)

// notifyGroup is a group of events of a NOTIFY command, for other mailboxes than
// the selected one.
type notifyGroup struct {
	which  mailboxChoice
	names  []string
	events events
}

func (g *notifyGroup) covers(name string, subscribed bool) bool {
	switch g.which {
	case subscribedMailboxes:
		return subscribed
	case subtrees:
		return slices.ContainsFunc(g.names, func(root string) bool {
			_, ok := levelsBelow(name, root)
			return ok
		})
	case namedMailboxes:
		return slices.Contains(g.names, name)
	}
	return true
}

// notification is what a client wants to be told unasked.
type notification struct {
	asked    bool   // NOTIFY was used: what follows holds, not RFC 3501
	selected events // of the selected mailbox
	delayed  bool   // its expunges wait for a command that allows them
	fetch    *fetch // what is told of new messages in it, nil for nothing
	groups   []notifyGroup

	watch *backend.Watch  // nil when there are no groups
	own   []backend.Range // UIDs of what the client itself has put into the selected mailbox since the last sync
}

// events are those that the groups want of a mailbox.
func (n *notification) events(name string, subscribed bool) (e events) {
	for i := range n.groups {
		if n.groups[i].covers(name, subscribed) {
			e |= n.groups[i].events
		}
	}
	return e
}

// any reports whether any group wants one of the events.
func (n *notification) any(e events) bool {
	return slices.ContainsFunc(n.groups, func(g notifyGroup) bool { return g.events&e != 0 })
}

// wantsSelected reports whether the client wants to be told of events in the
// selected mailbox: before it uses NOTIFY, of all.
func (n *notification) wantsSelected(e events) bool { return !n.asked || n.selected&e != 0 }

// listenFor makes n what the client is told from now on. The watch begins before
// anything that the command answers is read.
func (s *session) listenFor(n notification) {
	s.news.watch.Close()
	if len(n.groups) > 0 {
		n.watch = s.account.Watch(s.wake)
	}
	s.news = n
	alert := n.selected != 0 || n.watch != nil
	s.alert.Store(alert)
	s.wire.SetAlert(nil)
	if alert {
		s.wire.SetAlert(s.alerted)
	}
}

// listenForAnnotations is what ENABLE METADATA asks for (RFC 5464, 4.1), unless
// NOTIFY says otherwise.
func (s *session) listenForAnnotations() {
	if !s.news.asked {
		s.listenFor(notification{groups: []notifyGroup{{which: allMailboxes, events: metadataEvents}}})
	}
}

// selectedIs reports whether the mailbox is the selected one.
func (s *session) selectedIs(name string) bool { return s.view != nil && s.view.Name() == name }

// put notes that the client itself has put messages into a mailbox: it need not be
// told of them (RFC 5465, 5).
func (s *session) put(mailbox string, uids []backend.UID) {
	s.news.watch.Made(mailbox, uids)
	if len(uids) > 0 && s.selectedIs(backend.CanonicalName(mailbox)) { // they are one after the other
		s.news.own = append(s.news.own, backend.Range{First: uint32(uids[0]), Last: uint32(uids[len(uids)-1])})
	}
}
