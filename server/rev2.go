package server

import (
	"strings"

	"satchel/backend"
	"satchel/backend/message"
)

// What IMAP4rev2 (RFC 9051) tells of names and of message/global parts. Its other differences are where the
// answers are made, each a question of s.has(rev2).

// named is how LIST describes a name that the client did not ask LIST about.
var named = listing{extended: true, returnSubscribed: true}

// appendNamed appends the LIST line of a name, with OLDNAME unless that is "".
// RFC 5465, 5.4; RFC 9051, 6.3.9.7.
func (s *session) appendNamed(b []byte, info *backend.MailboxInfo, old string) []byte {
	b = appendAttributes(append(b, "* LIST "...), info, &named)
	b = s.appendMailbox(append(b, ` "/" `...), info.Name)
	if old != "" {
		b = append(s.appendMailbox(append(b, ` ("OLDNAME" (`...), old), "))"...)
	}
	return append(b, "\r\n"...)
}

// appendWritten is appendNamed for a mailbox of which the client wrote the name, or
// the one before it: OLDNAME is what it wrote where that is not the name.
func (s *session) appendWritten(b []byte, name, written string) []byte {
	info := s.account.Info(name)
	if info.Name == written {
		written = ""
	}
	return s.appendNamed(b, &info, written)
}

// tellName ends a CREATE, RENAME or DELETE that succeeded: where a name that the
// client wrote is kept in another form, it learns of it. RFC 9051, 6.3.4 to 6.3.6.
// A trailing separator is no part of a name.
func (s *session) tellName(name, written string) error {
	name, written = strings.TrimSuffix(name, backend.Delimiter), strings.TrimSuffix(written, backend.Delimiter)
	if !s.has(rev2) || backend.CanonicalName(name) == name && backend.CanonicalName(written) == written {
		return nil
	}
	return s.end(s.appendWritten(s.begin(), name, written))
}

// openGlobals gives a message with message/global parts the tree and the structure
// of IMAP4rev2, in which these hold messages. RFC 9051, 7.5.2. What is stored is
// the form of RFC 3501; such mail is rare enough to be parsed again.
func (f *fetch) openGlobals(row *backend.Row, msg *backend.Message) error {
	if !message.HasGlobal(msg.Structure) || int64(row.Size) > f.s.srv.backend.AppendLimit() {
		return nil
	}
	spool := f.s.srv.backend.NewSpool()
	defer spool.Close()
	spool.Grow(int64(row.Size))
	var err error
	for from, size := int64(0), int64(row.Size); from < size; from += streamBytes {
		to := min(from+streamBytes, size)
		if f.scratch, err = f.s.view.AppendBytes(f.scratch[:0], row, from, to); err != nil {
			return err
		}
		if len(f.scratch) != int(to-from) {
			return backend.ErrNotFound
		}
		if _, err := spool.Write(f.scratch); err != nil {
			return err
		}
	}
	raw, err := spool.Bytes()
	if err != nil {
		return err
	}
	root, structure := message.Global(raw)
	msg.Parts, msg.Structure = root.AppendBinary(nil), structure
	return nil
}
