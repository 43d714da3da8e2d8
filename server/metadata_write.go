package server

import (
	"bytes"
	"errors"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// metadataAnswer is one METADATA response being written.
type metadataAnswer struct {
	s       *session
	mailbox string
	begun   bool
	err     error // of reading a value
}

// writeMetadata answers a query for a mailbox, or the server where the name is "".
// RFC 5464, 4.4.1. An entry that was asked for by name and is not there is NIL.
func (s *session) writeMetadata(q *metadataQuery, mailbox string) error {
	there, err := s.account.Annotations(mailbox)
	if err != nil {
		return err
	}
	a := metadataAnswer{s: s, mailbox: mailbox}
	told := make([]bool, len(there))
	for i, asked := range q.entries {
		key, found := strings.ToLower(asked), false
		for k := range there {
			rest, fits := q.depth.fits(there[k].Entry, key)
			found = found || fits && rest == ""
			if !fits || told[k] {
				continue
			}
			told[k] = true
			if q.limited && there[k].Size > int(q.maxSize) {
				q.longest = max(q.longest, there[k].Size)
				continue
			}
			a.add(asked+rest, there[k].Entry)
		}
		if !found && q.depth == entryAlone && !containsFold(q.entries[:i], asked) {
			a.add(asked, "")
		}
	}
	return a.end()
}

// fits tells whether an entry is wanted where key was asked for, and what of its
// name is below that.
func (d depth) fits(entry, key string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(entry, key)
	switch {
	case !ok || rest == "":
		return rest, ok
	case rest[0] != '/' || d == entryAlone:
		return "", false
	}
	return rest, d == allLevels || strings.LastIndexByte(rest, '/') == 0
}

func containsFold(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

// add writes one entry under the name that the client has for it, with its value,
// NIL where entry is "".
func (a *metadataAnswer) add(name, entry string) {
	var value []byte
	if entry != "" {
		v, err := a.s.account.Annotation(a.mailbox, entry)
		if err != nil && a.err == nil {
			a.err = err
		}
		value = v
	}
	b := a.s.begin()
	if a.begun {
		b = append(b, ' ')
	} else {
		b = append(a.s.appendMailbox(append(b, "* METADATA "...), a.mailbox), " ("...)
		a.begun = true
	}
	b = append(wire.AppendAString(b, name), ' ')
	a.s.end(appendAnnotation(b, value))
}

// end ends the response, if there is one.
func (a *metadataAnswer) end() error {
	if !a.begun {
		return a.err
	}
	if err := a.s.end(append(a.s.begin(), ")\r\n"...)); err != nil {
		return err
	}
	return a.err
}

// appendAnnotation appends a value: nstring, or literal8 (RFC 3516) where there is
// a NUL in it.
func appendAnnotation(b, value []byte) []byte {
	switch {
	case value == nil:
		return append(b, "NIL"...)
	case bytes.IndexByte(value, 0) >= 0:
		return append(wire.AppendLiteral8Header(b, int64(len(value))), value...)
	}
	return wire.AppendString(b, string(value))
}

// writeMatchingMetadata answers a query for all mailboxes that a pattern matches, one
// METADATA response for each as LIST orders them. RFC 5464 has no patterns; drafts of it had,
// Dovecot and Cyrus know them, and webmail finds its address books and calendars with "*".
func (s *session) writeMatchingMetadata(q *metadataQuery, text string) error {
	if len(text) > maxPattern {
		return backend.ErrLimit
	}
	p := newPattern("", text)
	names := s.account.List()
	for i := range names {
		if !names[i].Exists || !p.matches(names[i].Name) {
			continue
		}
		if err := s.writeMetadata(q, names[i].Name); err != nil && !errors.Is(err, backend.ErrNotFound) {
			return err
		}
	}
	return nil
}

// writeListMetadata writes the METADATA response that LIST-METADATA promises for
// each mailbox listed. RFC 9590, 3: none where there is no mailbox, or where the
// name is only listed for what is below it.
func (s *session) writeListMetadata(l *listing, info *backend.MailboxInfo) error {
	if l.metadata == nil || !info.Exists || !l.selects(info) {
		return nil
	}
	return s.writeMetadata(l.metadata, info.Name)
}
