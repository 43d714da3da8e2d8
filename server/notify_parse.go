package server

import (
	"errors"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// Bounds of what a session keeps of a NOTIFY command: groups and names, the bytes of
// names and of what is to be told of new messages.
const (
	maxWatched      = 1000
	maxWatchedBytes = 64 << 10
)

// notifyParser reads the groups of events of a NOTIFY command.
type notifyParser struct {
	s           *session
	to          notification
	count       int  // of groups, names and items
	bytes       int  // of names and items
	chosen      bool // a group was about the selected mailbox
	unsupported bool
}

// groups reads them all, to the end of the line.
func (p *notifyParser) groups() error {
	w := p.s.wire
	for more := true; more; more = w.Skip(' ') && w.Peek() != 0 {
		if err := p.group(); err != nil {
			return err
		}
	}
	if err := w.EOL(); err != nil {
		return err
	}
	switch {
	case p.unsupported:
		// RFC 5465, 3.1: a NO that lists what there is.
		return p.s.no("BADEVENT ("+eventNames()+")", "Some of the events are not supported")
	case p.full():
		return p.s.no("NOTIFICATIONOVERFLOW", "That is too much to watch")
	}
	return nil
}

// full reports whether the bounds are passed.
func (p *notifyParser) full() bool { return p.count > maxWatched || p.bytes > maxWatchedBytes }

// group: "(" filter-mailboxes SP events ")".
func (p *notifyParser) group() error {
	w := p.s.wire
	if err := w.Expect('('); err != nil {
		return err
	}
	word, err := w.Word()
	if err != nil {
		return err
	}
	g := notifyGroup{}
	switch word {
	case "SELECTED", "SELECTED-DELAYED":
		err = p.selected(word)
	case "INBOXES", "PERSONAL": // RFC 5465, 6.3: mail can be delivered into any mailbox
		g.which = allMailboxes
	case "SUBSCRIBED":
		g.which = subscribedMailboxes
	case "SUBTREE":
		g.which = subtrees
		err = p.names(&g)
	case "MAILBOXES":
		g.which = namedMailboxes
		err = p.names(&g)
	default:
		err = &wire.SyntaxError{Text: "Unknown choice of mailboxes"}
	}
	if err == nil && g.which != selectedMailbox {
		g.events, err = p.events(nil)
		p.add(g)
	}
	if err != nil {
		return err
	}
	return w.Expect(')')
}

func (p *notifyParser) add(g notifyGroup) {
	if p.count++; !p.full() && g.events != 0 {
		p.to.groups = append(p.to.groups, g)
	}
}

// selected reads the events of the selected mailbox. RFC 5465, 6.1: only one group
// may be about it, and only of messages.
func (p *notifyParser) selected(word string) error {
	if p.chosen {
		return &wire.SyntaxError{Text: "The selected mailbox is named twice"}
	}
	p.chosen = true
	p.to.delayed = word == "SELECTED-DELAYED"
	tell := fetch{s: p.s}
	e, err := p.events(&tell)
	if err != nil {
		return err
	}
	if e&^messageEvents != 0 {
		return &wire.SyntaxError{Text: "Of the selected mailbox there are only events of messages"}
	}
	p.to.selected = e
	if len(tell.items) > 0 {
		tell.seen = false // RFC 5465, 5.2: nobody has read what is only announced
		p.to.fetch = &tell
	}
	return nil
}

// names reads SP mailbox, or SP and several in parentheses. RFC 5465, 3.1: names
// that no mailbox has are ignored, and 6.6: wildcards mean nothing.
func (p *notifyParser) names(g *notifyGroup) error {
	w := p.s.wire
	if err := w.SP(); err != nil {
		return err
	}
	one := func() error {
		name, err := w.Mailbox()
		if err != nil && !errors.Is(err, wire.ErrMailbox) {
			return err
		}
		canonical := backend.CanonicalName(name)
		p.count++
		p.bytes += len(canonical)
		if err == nil && (canonical != "" || name == "") && !p.full() {
			g.names = append(g.names, canonical)
		}
		return nil
	}
	if w.Peek() == '(' {
		return w.List(one)
	}
	return one()
}

// events: SP ("(" event *(SP event) ")" / "NONE"). tell takes what is to be told of
// new messages; it is nil where that cannot be asked for.
func (p *notifyParser) events(tell *fetch) (events, error) {
	w := p.s.wire
	if err := w.SP(); err != nil {
		return 0, err
	}
	if w.Peek() != '(' {
		if word, err := w.Word(); err != nil || word != "NONE" {
			return 0, &wire.SyntaxError{Text: "Events expected"}
		}
		return 0, nil
	}
	if err := w.Expect('('); err != nil {
		return 0, err
	}
	var all events
	for {
		e, err := p.event()
		if err != nil {
			return 0, err
		}
		all |= e
		if w.Skip(')') {
			break
		}
		if err := w.SP(); err != nil {
			return 0, err
		}
		if w.Peek() != '(' {
			continue
		}
		if e != messageNew || tell == nil {
			return 0, &wire.SyntaxError{Text: "Only of new messages in the selected mailbox something can be told"}
		}
		if err := p.fetchItems(tell); err != nil {
			return 0, err
		}
		if w.Skip(')') {
			break
		}
		if err := w.SP(); err != nil {
			return 0, err
		}
	}
	return all, all.check()
}

// event reads the name of one. One that is not known counts as none.
func (p *notifyParser) event() (events, error) {
	name, err := p.s.wire.Atom()
	if err != nil {
		return 0, err
	}
	for i := range eventTable {
		if strings.EqualFold(eventTable[i].name, name) {
			return eventTable[i].event, nil
		}
	}
	p.unsupported = true
	return 0, nil
}

// fetchItems reads what is to be told of new messages. RFC 7162, 3.2.10: the UID
// always is.
func (p *notifyParser) fetchItems(tell *fetch) error {
	if err := tell.add(fetchItem{row: uidRow}); err != nil {
		return err
	}
	err := p.s.wire.List(func() error { return tell.item(false) })
	for i := range tell.items {
		p.bytes += len(tell.items[i].label)
	}
	p.count += len(tell.items)
	return err
}
