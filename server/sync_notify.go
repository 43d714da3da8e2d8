package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// alerted tells, while no command is under way, what NOTIFY asks for. RFC 5465, 6.1:
// with SELECTED also of expunges, though the sequence numbers change then.
func (s *session) alerted() {
	defer s.recovered()
	if s.view != nil && s.news.selected != 0 && !s.view.Gone() {
		s.sync(!s.news.delayed)
	}
	if !s.closing {
		s.syncOthers()
	}
}

// syncOthers tells what others changed besides the messages of the selected
// mailbox, as far as the client wants to know: unsolicited STATUS, LIST and
// METADATA. Each is one look at what has changed since the last time.
func (s *session) syncOthers() error {
	if s.news.watch == nil {
		return nil
	}
	news := s.news.watch.Pull()
	if news.Overflow && s.news.any(metadataEvents) {
		// RFC 5465, 5.8.
		s.untagged("OK [NOTIFICATIONOVERFLOW] Too much has changed, notifications are off")
		s.listenFor(notification{asked: true})
		return nil
	}
	for i := range news.Names {
		if err := s.writeName(&news.Names[i]); err != nil {
			return err
		}
	}
	for i := range news.Mailboxes {
		if err := s.writeMailboxNews(&news.Mailboxes[i]); err != nil {
			return err
		}
	}
	if len(news.Server) > 0 && s.news.any(serverMetadataChange) {
		return s.end(s.appendChangedEntries(s.begin(), "", news.Server))
	}
	return nil
}

// writeName tells of a name: RFC 5465, 5.4 and 5.5.
func (s *session) writeName(n *backend.NameNews) error {
	e := s.news.events(n.Name, n.Subscribed || n.Subscription)
	if n.Old != "" {
		e |= s.news.events(n.Old, n.Subscribed)
	}
	named := n.Named && e&mailboxName != 0
	if !named && !(n.Subscription && e&subscriptionChange != 0) {
		return nil
	}
	old := n.Old
	if !named {
		old = ""
	}
	return s.end(s.appendNamed(s.begin(), &n.MailboxInfo, old))
}

// writeMailboxNews tells of a mailbox's messages, unless it is the selected one, and
// of its annotations. RFC 5465, 5.1 to 5.3 and 5.6.
func (s *session) writeMailboxNews(m *backend.MailboxNews) error {
	e := s.news.events(m.Name, m.Subscribed)
	b := s.begin()
	if !s.selectedIs(m.Name) && s.tells(m, e) {
		b = s.appendStatus(b, m.Name, &m.Status, s.watchedItems(e, false))
	}
	if len(m.Entries) > 0 && e&mailboxMetadataChange != 0 {
		b = s.appendChangedEntries(b, m.Name, m.Entries)
	}
	return s.end(b)
}

// tells reports whether a mailbox's STATUS has news for the client. RFC 5465, 5.1:
// without CONDSTORE a change of flags shows in UNSEEN only.
func (s *session) tells(m *backend.MailboxNews, e events) bool {
	if e&messageNew != 0 && m.Messages {
		return true
	}
	return e&flagChange != 0 && (m.Unseen || m.Flags && s.has(condstore))
}

// appendChangedEntries appends a METADATA response without values. RFC 5464, 4.4.2.
func (s *session) appendChangedEntries(b []byte, mailbox string, entries []string) []byte {
	b = s.appendMailbox(append(b, "* METADATA "...), mailbox)
	for _, entry := range entries {
		b = wire.AppendAString(append(b, ' '), entry)
	}
	return append(b, "\r\n"...)
}

// writeArrivals tells what the client wants to know of the last n messages, those
// that just arrived. RFC 5465, 5.2: not of those that it has put there itself.
func (s *session) writeArrivals(n uint32) error {
	own, err := s.ownArrivals()
	if err != nil || n == 0 || n == own || s.news.fetch == nil {
		return err
	}
	exists := s.view.Exists()
	sel, err := s.view.Resolve([]backend.Range{{First: exists - n + 1, Last: exists}}, false)
	if err != nil {
		return err
	}
	f := *s.news.fetch
	if s.has(condstore) {
		if err := f.add(fetchItem{row: modSeqRow}); err != nil {
			return err
		}
	}
	return f.run(sel)
}

// ownArrivals is how many of the messages that just arrived the client has put there itself. One that others have taken
// away since is none of them.
func (s *session) ownArrivals() (uint32, error) {
	own, err := s.view.Resolve(s.news.own, true)
	s.news.own = s.news.own[:0]
	return uint32(own.Len()), err
}
