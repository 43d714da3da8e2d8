package message

// appendEnvelope writes ENVELOPE out of the fields of a message header. RFC 3501, 7.4.2.
func (p *addressParser) appendEnvelope(dst []byte, fields []found) []byte {
	dst = append(dst, '(')
	dst = appendFieldText(dst, last(fields, fieldDate))
	dst = append(dst, ' ')
	dst = appendFieldText(dst, last(fields, fieldSubject))
	dst = append(dst, ' ')
	from := len(dst)
	dst = p.appendAddresses(dst, fields, fieldFrom)
	to := len(dst)
	for _, kind := range [...]fieldKind{fieldSender, fieldReplyTo} {
		dst = append(dst, ' ')
		at := len(dst)
		dst = p.appendAddresses(dst, fields, kind)
		if string(dst[at:]) == "NIL" {
			// RFC 3501, 7.4.2: a missing or empty Sender or Reply-To is that of From.
			dst = append(dst[:at], dst[from:to]...)
		}
	}
	for _, kind := range [...]fieldKind{fieldTo, fieldCc, fieldBcc} {
		dst = append(dst, ' ')
		dst = p.appendAddresses(dst, fields, kind)
	}
	dst = append(dst, ' ')
	dst = appendFieldText(dst, last(fields, fieldInReplyTo))
	dst = append(dst, ' ')
	dst = appendFieldText(dst, last(fields, fieldMessageID))
	return append(dst, ')')
}

// appendAddresses writes the addresses of all fields of a kind as one list, NIL when there are none.
func (p *addressParser) appendAddresses(dst []byte, fields []found, kind fieldKind) []byte {
	start := len(dst)
	dst = append(dst, '(')
	for i := range fields {
		if fields[i].kind != kind {
			continue
		}
		p.reset(fields[i].value)
		for a, ok := p.next(); ok; a, ok = p.next() {
			dst = a.append(dst)
		}
		if p.inGroup {
			dst = (&address{kind: groupEnd}).append(dst)
		}
	}
	if len(dst) == start+1 {
		return append(dst[:start], "NIL"...)
	}
	return append(dst, ')')
}

// append writes one address structure: name, route, mailbox, host. A NIL host marks the start or
// the end of a group, so a missing host is written as "".
func (a *address) append(dst []byte) []byte {
	switch a.kind {
	case groupStart:
		dst = append(dst, "(NIL NIL "...)
		dst = appendString(dst, a.name)
		return append(dst, " NIL)"...)
	case groupEnd:
		return append(dst, "(NIL NIL NIL NIL)"...)
	}
	dst = append(dst, '(')
	dst = appendNString(dst, a.name)
	dst = append(dst, ' ')
	dst = appendNString(dst, a.route)
	dst = append(dst, ' ')
	dst = appendString(dst, a.local)
	dst = append(dst, ' ')
	dst = appendString(dst, a.host)
	return append(dst, ')')
}
