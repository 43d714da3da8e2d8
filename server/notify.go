package server

import (
	"satchel/server/wire"
)

// notify: "NOTIFY" SP ("NONE" / "SET" [SP "STATUS"] SP event-group *(SP event-group)).
// RFC 5465, 3.1 and 8. The sync after it is the NOOP that SET implies.
func (s *session) notify() error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	word, err := s.wire.Word()
	if err != nil {
		return err
	}
	switch word {
	case "NONE":
		if err := s.wire.EOL(); err != nil {
			return err
		}
		s.listenFor(notification{asked: true})
		return nil
	case "SET":
		return s.notifySet()
	}
	return &wire.SyntaxError{Text: "NOTIFY is SET or NONE"}
}

func (s *session) notifySet() error {
	if err := s.wire.SP(); err != nil {
		return err
	}
	status := s.wire.Peek() != '('
	if status {
		if word, err := s.wire.Word(); err != nil {
			return err
		} else if word != "STATUS" {
			return &wire.SyntaxError{Text: "Groups of events expected"}
		}
		if err := s.wire.SP(); err != nil {
			return err
		}
	}
	p := notifyParser{s: s, to: notification{asked: true}}
	if err := p.groups(); err != nil {
		return err
	}
	s.listenFor(p.to)
	if status {
		return s.statusOfWatched()
	}
	return nil
}

// statusOfWatched tells of each mailbox that is watched for messages as it is now.
// RFC 5465, 3.1.
func (s *session) statusOfWatched() error {
	for _, info := range s.account.List() {
		if !info.Exists || s.selectedIs(info.Name) {
			continue
		}
		e := s.news.events(info.Name, info.Subscribed)
		if e&messageEvents == 0 {
			continue
		}
		status, err := s.account.Status(info.Name)
		if err != nil { // deleted at this moment
			continue
		}
		if err := s.end(s.appendStatus(s.begin(), info.Name, &status, s.watchedItems(e, true))); err != nil {
			return err
		}
	}
	return nil
}

// watchedItems are the STATUS items for a mailbox of which a client wants to know
// these events. RFC 5465, 3.1, 5.1 and 5.2: HIGHESTMODSEQ at first, and later if
// the client makes use of it. UNSEEN spares the client a question.
func (s *session) watchedItems(e events, first bool) []*statusItem {
	names := []string{"MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN"}
	if first && e&flagChange != 0 || s.has(condstore) {
		names = append(names, "HIGHESTMODSEQ")
	}
	items := make([]*statusItem, len(names))
	for i, name := range names {
		items[i] = findStatusItem(name)
	}
	return items
}
