package server

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// shelf is what a device keeps of a mailbox when it is not selected.
type shelf struct {
	validity, modseq uint64 // modseq: all up to it is known
	messages         map[uint32]stored
	gaps             bool // some messages are not among them
}

// stored is a message on a shelf.
type stored struct {
	flags  string
	modseq uint64
}

// slot is a message of the selected mailbox, in its place.
type slot struct {
	uid     uint32 // 0: not told yet
	known   bool   // its flags
	flags   string // lower case, in order
	modseq  uint64
	arrived bool // after SELECT
	found   bool // by the search whose changes are told
	recent  int8 // 1: \Recent, -1: not
}

// picture is the selected mailbox as the device was told of it.
type picture struct {
	d         *device
	name      string
	readOnly  bool
	selection int // number of this one among all
	opening   bool
	settled   bool // all of the mailbox as it was is known
	slots     []*slot
	validity  uint64
	uidNext   uint32 // as SELECT told it
	modseq    uint64 // all up to it is known; as of the last tagged line
	highest   uint64 // the highest told since
	complete  uint64 // all up to it was told once
	keywords  map[string]bool
	search    string          // the tag of the search whose changes are told
	results   map[uint32]bool // of that search, if it counts by UIDs
	gone      []uint32        // VANISHED (EARLIER), while opening
	fetched   map[uint32]stored
	own       map[uint32]bool // UIDs that the device has put there
}

func (d *device) untagged(line string) {
	if strings.HasPrefix(line, "* BYE ") {
		if !d.mayVanish() || !strings.Contains(line, "was deleted") {
			d.fail("unexpected %q", line)
		}
		panic(dropped{})
	}
	if d.others(line) || strings.HasPrefix(line, "* ENABLED ") || strings.HasPrefix(line, "* CAPABILITY ") {
		return
	}
	if ok, is := strings.CutPrefix(line, "* OK "); is {
		d.code("OK " + ok)
		return
	}
	p := d.box
	if p == nil {
		d.fail("no mailbox is selected: %q", line)
	}
	if c := countLine.FindStringSubmatch(line); c != nil {
		p.count(int(number(c[1])), c[2])
	} else if f := fetchLine.FindStringSubmatch(line); f != nil {
		p.fetch(int(number(f[1])), f[2] != "", f[3])
	} else if v := goneLine.FindStringSubmatch(line); v != nil {
		p.vanished(v[1] != "", v[2])
	} else if flags, is := strings.CutPrefix(line, "* FLAGS ("); is {
		p.keywords = map[string]bool{}
		for _, f := range strings.Fields(strings.TrimSuffix(flags, ")\r\n")) {
			p.keywords[strings.ToLower(f)] = true
		}
	} else if !p.searched(line) {
		d.fail("not understood: %q", line)
	}
}

// madeCode is APPENDUID or COPYUID.
var madeCode = regexp.MustCompile(`^OK \[(?:APPENDUID|COPYUID) ([0-9]+) (?:[0-9:,]+ )?([0-9:,]+)\]`)

// code takes a response code in.
func (d *device) code(status string) {
	if strings.HasPrefix(status, "OK [CLOSED]") {
		d.put()
		d.box = d.next
	}
	p := d.box
	if p == nil {
		return
	}
	if c := highestCode.FindStringSubmatch(status); c != nil {
		if p.highest = number(c[1]); p.highest < p.complete {
			d.fail("HIGHESTMODSEQ %d: everything was told up to %d already", p.highest, p.complete)
		}
	}
	if c := madeCode.FindStringSubmatch(status); c != nil && number(c[1]) == p.validity {
		for _, uid := range strings.Fields(spelledOut(c[2])) {
			p.own[uint32(number(uid))] = true
		}
	}
	if c := validCode.FindStringSubmatch(status); c != nil {
		p.validity = number(c[1])
	}
	if n, ok := strings.CutPrefix(status, "OK [UIDNEXT "); ok {
		n, _, _ = strings.Cut(n, "]")
		p.uidNext = uint32(number(n))
	}
}

// tagged is the end of a command. RFC 7162, 5: what was told counts from here.
func (p *picture) tagged() {
	if p.settled {
		p.modseq = p.highest
	}
}

func (p *picture) fail(format string, args ...any) {
	var list []string
	for _, s := range p.slots {
		list = append(list, fmt.Sprintf("%d(%s)", s.uid, s.flags))
	}
	p.d.fail("%s, in %s of %v", fmt.Sprintf(format, args...), p.name, list)
}

// count takes EXISTS, RECENT and EXPUNGE in.
func (p *picture) count(n int, what string) {
	switch {
	case what == "RECENT" && p.d.kind.rev2:
		p.fail("RECENT in IMAP4rev2")
	case what == "EXISTS":
		if n < len(p.slots) {
			p.fail("%d EXISTS, of %d", n, len(p.slots))
		}
		for len(p.slots) < n {
			p.slots = append(p.slots, &slot{arrived: !p.opening})
		}
	case what == "EXPUNGE":
		p.mayExpunge("EXPUNGE")
		if p.d.kind.qresync || p.d.kind.uidonly || n < 1 || n > len(p.slots) {
			p.fail("%d EXPUNGE", n)
		}
		p.remove(n - 1)
	}
}

// mayExpunge checks that numbers may change now. RFC 3501, 7.4.1; RFC 5465, 6.1.
func (p *picture) mayExpunge(what string) {
	c := p.d.current()
	if p.d.kind.notify == "SELECTED" {
		return
	}
	if c.seqs || c.text == "" || p.opening {
		p.fail("%s during %q", what, c.text)
	}
}

func (p *picture) remove(place int) {
	if s := p.slots[place]; s.found || p.results[s.uid] {
		p.fail("message %d, UID %d, is expunged while a search has found it", place+1, s.uid)
	}
	p.slots = slices.Delete(p.slots, place, place+1)
}

func (p *picture) vanished(earlier bool, set string) {
	if !p.d.kind.qresync && !p.d.kind.uidonly || earlier && !p.opening {
		p.fail("VANISHED %s", set)
	}
	if !earlier {
		p.mayExpunge("VANISHED")
	}
	for _, word := range strings.Fields(spelledOut(set)) {
		uid := uint32(number(word))
		if earlier {
			p.gone = append(p.gone, uid)
			continue
		}
		place := p.place(uid)
		if place < 0 {
			p.fail("VANISHED %d", uid)
		}
		p.remove(place)
	}
}

// place is where the message with a UID is, or may be among those not known yet; -1
// if it can be nowhere.
func (p *picture) place(uid uint32) int {
	if i := slices.IndexFunc(p.slots, func(s *slot) bool { return s.uid == uid }); i >= 0 {
		return i
	}
	fits := func(s *slot) bool { return s.uid == 0 && s.arrived == (uid >= p.uidNext) }
	if p.d.kind.uidonly {
		return slices.IndexFunc(p.slots, fits)
	}
	after := 0
	for i, s := range p.slots {
		if s.uid != 0 && s.uid < uid {
			after = i + 1
		}
	}
	if i := slices.IndexFunc(p.slots[after:], fits); i >= 0 && !slices.ContainsFunc(p.slots[after:after+i], func(s *slot) bool { return s.uid != 0 }) {
		return after + i
	}
	return -1
}

// learn notes the UID of a slot. RFC 3501, 2.3.1.1: they ascend, and what comes later
// has UIDNEXT at least.
func (p *picture) learn(place int, uid uint32) {
	s := p.slots[place]
	if s.uid == uid {
		return
	}
	if s.uid != 0 || s.arrived != (uid >= p.uidNext) {
		p.fail("message %d is UID %d; it arrived after UIDNEXT %d: %v", place+1, uid, p.uidNext, s.arrived)
	}
	s.uid = uid
	if p.d.kind.uidonly {
		return
	}
	last := uint32(0)
	for _, s := range p.slots {
		if s.uid != 0 && s.uid <= last {
			p.fail("UIDs do not ascend")
		}
		last = max(last, s.uid)
	}
}
