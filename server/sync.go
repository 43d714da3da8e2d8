package server

import (
	"slices"
	"strconv"

	"satchel/backend"
	"satchel/server/wire"
)

// sync tells the client what changed in the selected mailbox since it was last
// told, by whomever. It is the only writer of unsolicited EXPUNGE, EXISTS,
// RECENT, FLAGS and FETCH, and of ESEARCH about searches of before; syncOthers is
// that of all others. With expunge false the sequence numbers stay as the
// client knows them, and removals wait for another time.
//
// RFC 3501, 7.4.1: EXPUNGE must not be sent while no command is in progress, nor
// during FETCH, STORE and SEARCH; the table says which rows those are.
func (s *session) sync(expunge bool) error {
	if !s.news.wantsSelected(messageEvents) && !s.view.Gone() {
		return nil // RFC 5465, 3.1: the client's picture stays as it is
	}
	return s.syncAll(expunge)
}

// syncAll is sync for a client that must be told even if it wants no news: of what
// its own command did.
func (s *session) syncAll(expunge bool) error {
	s.view.HoldFlags(!s.news.wantsSelected(flagChange))
	c := s.view.Pull(expunge)
	if c.Gone {
		// RFC 2180, 3.3: a client whose mailbox was deleted may be disconnected.
		s.bye("The selected mailbox was deleted")
		return nil
	}
	b := s.appendExpunged(s.appendExpungedResults(s.begin(), &c), &c)
	if c.Arrived {
		b = s.appendExists(b, c.Exists, c.Recent)
	}
	if c.Keywords != nil {
		b = appendMailboxFlags(b, c.Keywords, s.view.ReadOnly())
	}
	if err := s.end(b); err != nil {
		return err
	}
	if err := s.writeFlags(c.Flags); err != nil {
		return err
	}
	if err := s.updateContexts(); err != nil {
		return err
	}
	if err := s.writeArrivals(c.New); err != nil { // RFC 5465, 5.2: after those
		return err
	}
	if c.Withheld && s.has(qresync) {
		// RFC 7162, 3.2.6: the mod-sequences just told are above that of an expunge
		// which the client must learn of, should it come back before it is told.
		return s.end(appendHighestModSeq(s.begin(), s.view.HighestModSeq()))
	}
	return nil
}

// appendExpunged tells of removed messages in the way that the client wants.
func (s *session) appendExpunged(b []byte, c *backend.Changes) []byte {
	if s.vanishes() {
		for uids := range slices.Chunk(c.Vanished, vanishedRanges) {
			b = append(wire.AppendSet(append(b, "* VANISHED "...), uids), "\r\n"...)
		}
		return b
	}
	for _, seq := range c.Expunged {
		b = appendCount(b, seq, "EXPUNGE")
	}
	return b
}

// syncKeywords tells of new keywords before a command answers with flags that
// have them, and after it has looked at these: others may add keywords at any time. A
// client may not know what to make of one that FLAGS did not list.
func (s *session) syncKeywords() error {
	fresh := s.view.NewKeywords()
	if fresh == nil {
		return nil
	}
	return s.end(appendMailboxFlags(s.begin(), fresh, s.view.ReadOnly()))
}

// writeFlags tells the flags of messages.
func (s *session) writeFlags(rows []backend.Row) error {
	for i := range rows {
		if err := s.end(s.appendFetchFlags(s.begin(), &rows[i], false)); err != nil {
			return err
		}
	}
	return nil
}

// writeSelection is writeFlags for selected messages; if silent, without the flags
// themselves.
func (s *session) writeSelection(sel backend.Selection, silent bool) error {
	var rows []backend.Row
	for done := 0; done < sel.Len(); done += len(rows) {
		rows = s.view.Rows(sel, done, backend.MaxBatch, rows[:0])
		if err := s.syncKeywords(); err != nil {
			return err
		}
		for i := range rows {
			if err := s.end(s.appendFetchFlags(s.begin(), &rows[i], silent)); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendFetchHead appends the beginning of a FETCH response, up to its items.
// RFC 9586, 3.3: without sequence numbers it is UIDFETCH, and the UID comes first.
func (s *session) appendFetchHead(dst []byte, row *backend.Row) []byte {
	dst = append(dst, "* "...)
	if s.has(uidonly) {
		return append(wire.AppendNumber(dst, row.UID), " UIDFETCH ("...)
	}
	return append(wire.AppendNumber(dst, row.Seq), " FETCH ("...)
}

// appendFetchFlags appends one FETCH line with a message's UID, so that a client
// that counts by UIDs (RFC 3501, 6.4.8) need not translate, its mod-sequence if
// the client knows what that is (RFC 7162, 3.1.4), and its flags unless silent.
func (s *session) appendFetchFlags(dst []byte, row *backend.Row, silent bool) []byte {
	dst = s.appendFetchHead(dst, row)
	if !s.has(uidonly) {
		dst = append(wire.AppendNumber(append(dst, "UID "...), row.UID), ' ')
	}
	if !silent {
		dst = append(s.appendRowFlags(dst, row), ' ')
	}
	if s.has(condstore) {
		dst = append(appendModSeq(dst, row.ModSeq), ' ')
	}
	dst[len(dst)-1] = ')'
	return append(dst, "\r\n"...)
}

// appendExists tells how many messages there are, and how many are recent to a
// client that knows what that is.
func (s *session) appendExists(dst []byte, exists, recent uint32) []byte {
	dst = appendCount(dst, exists, "EXISTS")
	if s.has(rev2) {
		return dst
	}
	return appendCount(dst, recent, "RECENT")
}

// appendRowFlags appends the FLAGS item of a message. RFC 9051, 2.3.2: IMAP4rev2
// has no \Recent.
func (s *session) appendRowFlags(dst []byte, row *backend.Row) []byte {
	return appendFlags(append(dst, "FLAGS "...), row.Flags, row.Keywords, row.Recent && !s.has(rev2))
}

// appendCount appends a line such as "* 23 EXISTS".
func appendCount(dst []byte, n uint32, what string) []byte {
	dst = append(dst, "* "...)
	dst = strconv.AppendUint(dst, uint64(n), 10)
	dst = append(dst, ' ')
	dst = append(dst, what...)
	return append(dst, "\r\n"...)
}
