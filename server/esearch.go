package server

import (
	"satchel/backend"
	"satchel/server/wire"
)

// results are the messages that a SEARCH or SORT found, in the order of its answer.
type results interface {
	Len() int
	// appendSet writes some of them, at least one, as a sequence-set.
	appendSet(b []byte, r resultRange) []byte
}

// searchResults are found messages in the order of the mailbox.
type searchResults struct {
	view *backend.View
	sel  backend.Selection
	uid  bool
}

func (r searchResults) Len() int { return r.sel.Len() }

func (r searchResults) appendSet(b []byte, part resultRange) []byte {
	start := len(b)
	for first, last := range r.view.Runs(r.sel.Slice(part.from, part.to), r.uid) {
		if len(b) > start {
			b = append(b, ',')
		}
		b = wire.AppendNumber(b, uint64(first))
		if last > first {
			b = wire.AppendNumber(append(b, ':'), uint64(last))
		}
	}
	return b
}

// chosen is the messages that the return options single out.
func (r searchResults) chosen(o *returnOptions) backend.Selection {
	var parts []backend.Selection
	for _, part := range o.chosen(r.Len()) {
		parts = append(parts, r.sel.Slice(part.from, part.to))
	}
	return backend.Union(parts...)
}

// esearch is one ESEARCH response.
type esearch struct {
	options *returnOptions
	results results
	uid     bool
	mailbox string // with its uidValidity, where the command searched several (RFC 7377, 2.1)

	uidValidity uint32
	modseq      backend.ModSeq // RFC 4731, 3.2: told unless 0
}

// appendESearch writes an ESEARCH response. RFC 4466, 2.6.2; RFC 4731, 3.1: what
// no message was found for is left out, but for COUNT and PARTIAL.
func (s *session) appendESearch(b []byte, e *esearch) []byte {
	b = s.appendCorrelator(append(b, "* ESEARCH "...), s.wire.Tag(), e.mailbox, e.uidValidity)
	if e.uid {
		b = append(b, " UID"...)
	}
	o, n := e.options, e.results.Len()
	if n > 0 && o.has(returnMin) {
		b = e.results.appendSet(append(b, " MIN "...), resultRange{0, 1})
	}
	if n > 0 && o.has(returnMax) {
		b = e.results.appendSet(append(b, " MAX "...), resultRange{n - 1, n})
	}
	if n > 0 && o.has(returnAll) {
		b = e.results.appendSet(append(b, " ALL "...), resultRange{0, n})
	}
	if o.has(returnPartial) {
		b = e.appendPartial(b)
	}
	if o.has(returnCount) {
		b = wire.AppendNumber(append(b, " COUNT "...), uint64(n))
	}
	if o.has(returnRelevancy) {
		b = e.appendRelevancy(b)
	}
	if e.modseq > 0 {
		b = wire.AppendNumber(append(b, " MODSEQ "...), uint64(e.modseq))
	}
	return append(b, "\r\n"...)
}

// appendCorrelator writes what ties a response to its command: (TAG "a1"). The tag
// is always a quoted string, since Outlook takes nothing else.
func (s *session) appendCorrelator(b []byte, tag, mailbox string, uidValidity uint32) []byte {
	b = wire.AppendQuoted(append(b, "(TAG "...), tag)
	if mailbox != "" {
		b = s.appendMailbox(append(b, " MAILBOX "...), mailbox)
		b = wire.AppendNumber(append(b, " UIDVALIDITY "...), uint64(uidValidity))
	}
	return append(b, ')')
}

// appendPartial writes the range that was asked for and its results, NIL if there
// are none. RFC 9394, 3.1.
func (e *esearch) appendPartial(b []byte) []byte {
	p := e.options.partial
	b = append(p.append(append(b, " PARTIAL ("...)), ' ')
	if part := p.of(e.results.Len()); part.from < part.to {
		b = e.results.appendSet(b, part)
	} else {
		b = append(b, "NIL"...)
	}
	return append(b, ')')
}

// appendRelevancy writes the score of each result given back. RFC 6203, 4: every
// match is exact here, so each is as good as can be.
func (e *esearch) appendRelevancy(b []byte) []byte {
	b = append(b, " RELEVANCY ("...)
	start := len(b)
	for range distinct(e.options.chosen(e.results.Len())) {
		if len(b) > start {
			b = append(b, ' ')
		}
		b = append(b, "100"...)
	}
	return append(b, ')')
}
