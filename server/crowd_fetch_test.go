package server

import (
	"slices"
	"strings"
)

// fetch takes a FETCH or UIDFETCH response in.
func (p *picture) fetch(n int, byUID bool, items string) {
	if byUID != p.d.kind.uidonly {
		p.fail("FETCH and UIDFETCH mixed up")
	}
	uid := uint32(0)
	if c := uidItemText.FindStringSubmatch(items); c != nil {
		uid = uint32(number(c[1]))
	}
	place := n - 1
	if byUID {
		uid = uint32(n)
		place = p.place(uid)
	}
	if place < 0 || place >= len(p.slots) {
		p.fail("FETCH of %d", n)
	}
	if p.opening { // a resync
		p.resynced(place, uid, items)
		return
	}
	if uid == 0 && p.d.kind.qresync && !p.d.current().seqs {
		p.fail("no UID") // RFC 7162, 3.2.4
	}
	if uid != 0 {
		p.learn(place, uid)
	}
	p.update(p.slots[place], items)
}

// resynced keeps what SELECT tells, until its end.
func (p *picture) resynced(place int, uid uint32, items string) {
	f, m := flagsText.FindStringSubmatch(items), modseqText.FindStringSubmatch(items)
	if uid == 0 || f == nil || m == nil {
		p.fail("FETCH (%s) to catch up", items)
	}
	p.learn(place, uid)
	p.note(p.slots[place], uid, f[1])
	p.fetched[uid] = stored{lowered(f[1]), number(m[1])}
	p.highest = max(p.highest, number(m[1]))
}

// update takes flags and mod-sequence in.
func (p *picture) update(s *slot, items string) {
	if m := modseqText.FindStringSubmatch(items); m != nil {
		if number(m[1]) < s.modseq {
			p.fail("the mod-sequence of UID %d went back from %d", s.uid, s.modseq)
		}
		s.modseq = number(m[1])
		if silent := p.d.current().silent; silent != nil && !strings.Contains(items, "FLAGS") {
			silent(s) // RFC 7162, 3.1.3: its own change was made
		}
		p.highest = max(p.highest, s.modseq)
	} else if p.d.kind.condstore && !strings.Contains(p.d.current().text, "FETCH") {
		p.fail("no MODSEQ")
	}
	f := flagsText.FindStringSubmatch(items)
	if f == nil {
		return
	}
	p.note(s, s.uid, f[1])
	s.flags, s.known = lowered(f[1]), true
}

// note checks that keywords were announced, and that \Recent is as it was and of one
// session only (RFC 3501, 2.3.2).
func (p *picture) note(s *slot, uid uint32, flags string) {
	now := int8(-1)
	for _, f := range strings.Fields(strings.ToLower(flags)) {
		if f == `\recent` {
			now = 1
		} else if !p.keywords[f] {
			p.fail("FLAGS did not list %s", f)
		}
	}
	if s.recent != 0 && s.recent != now {
		p.fail("UID %d: \\Recent was %d, is %d", uid, s.recent, now)
	}
	if s.recent = now; now < 0 || uid == 0 || p.readOnly {
		return
	}
	if p.d.kind.rev2 {
		p.fail("\\Recent in IMAP4rev2")
	}
	w := p.d.crowd
	w.mu.Lock()
	owner, taken := w.recent[recency{p.validity, uid}]
	if !taken {
		w.recent[recency{p.validity, uid}] = p.selection
	}
	w.mu.Unlock()
	if taken && owner != p.selection {
		p.fail("UID %d is \\Recent here and in another session", uid)
	}
}

// lowered is inOrder for flags in any spelling.
func lowered(flags string) string {
	return inOrder(strings.ReplaceAll(strings.ToLower(flags), `\recent`, ""))
}

// searched takes an answer to a search in, of which there are three.
func (p *picture) searched(line string) bool {
	switch {
	case strings.HasPrefix(line, "* SEARCH"):
		if p.d.current().text == "UID SEARCH ALL" {
			p.listed(line[len("* SEARCH"):])
		}
	case strings.HasPrefix(line, `* ESEARCH (TAG "`):
		tag, rest, _ := strings.Cut(line[len(`* ESEARCH (TAG "`):], `"`)
		switch {
		case tag == p.search && p.search != "":
			p.found(rest)
		case p.d.current().text == "UID SEARCH ALL":
			_, list, _ := strings.Cut(rest, " ALL ")
			p.listed(spelledOut(strings.TrimSpace(list)))
		}
	default:
		return false
	}
	return true
}

// listed is all UIDs of the mailbox, so that each message's is known.
func (p *picture) listed(list string) {
	words := strings.Fields(list)
	if len(words) != len(p.slots) {
		p.fail("%v were found", words)
	}
	for _, word := range words {
		uid := uint32(number(word))
		place := p.place(uid)
		if place < 0 {
			p.fail("UID %d was found", uid)
		}
		p.learn(place, uid)
	}
}

// found takes in how the results of a search change: RFC 5267, 4.3.
func (p *picture) found(rest string) {
	words := strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(rest))
	byUID := len(words) > 0 && words[0] == "UID"
	for i, word := range words {
		if word != "ALL" && word != "ADDTO" && word != "REMOVEFROM" {
			continue
		}
		set := words[i+1]
		if word != "ALL" {
			set = words[i+2]
		}
		for _, n := range strings.Fields(spelledOut(set)) {
			p.finds(int(number(n)), byUID, word)
		}
	}
}

// finds is found for one message.
func (p *picture) finds(n int, byUID bool, word string) {
	in := word != "REMOVEFROM"
	if byUID {
		if p.results[uint32(n)] == in {
			p.fail("%s UID %d", word, n)
		}
		p.results[uint32(n)] = in
		return
	}
	if n < 1 || n > len(p.slots) || p.slots[n-1].found == in {
		p.fail("%s %d", word, n)
	}
	p.slots[n-1].found = in
}

// uids are those that are known.
func (p *picture) uids() (list []uint32) {
	for _, s := range p.slots {
		if s.uid != 0 {
			list = append(list, s.uid)
		}
	}
	slices.Sort(list)
	return list
}
