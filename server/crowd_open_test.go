package server

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// open selects a mailbox and brings what is kept of it up to date, in the way of the
// device's kind.
func (d *device) open(name string) {
	p := &picture{d: d, name: name, opening: true, fetched: map[uint32]stored{}, own: map[uint32]bool{}, results: map[uint32]bool{},
		readOnly: d.kind.looker || d.rng.IntN(5) == 0, keywords: map[string]bool{}}
	d.mu.Lock()
	d.picks++
	p.selection = d.picks
	d.mu.Unlock()
	kept := d.shelves[name]
	text, failed := []string{"SELECT ", "EXAMINE "}[bit(p.readOnly)]+name, false
	if d.kind.qresync && kept != nil && d.rng.IntN(8) > 0 {
		text += fmt.Sprintf(" (QRESYNC (%d %d%s))", kept.validity, max(kept.modseq, 1), d.knownUIDs(kept))
	} else if d.kind.qresync {
		kept = nil
	}
	d.next = p
	d.send(&deviceCommand{text: text, may: []string{"NONEXISTENT"},
		begins: func() {
			if d.box == nil {
				d.box = p
			}
		},
		ends: func(status string) {
			d.next, p.opening, failed = nil, false, strings.HasPrefix(status, "NO")
			p.complete = p.highest
		}})
	d.finish()
	if failed {
		d.box = nil
		return
	}
	if kept != nil && kept.validity != p.validity {
		kept = nil
	}
	d.catchUp(p, kept)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// knownUIDs is the parameter of QRESYNC of that name. RFC 7162, 3.2.5.1: of other UIDs
// the device is told nothing.
func (d *device) knownUIDs(kept *shelf) string {
	if len(kept.messages) == 0 || d.rng.IntN(2) == 0 {
		return ""
	}
	kept.gaps = true
	return fmt.Sprintf(" 1:%d", slices.Max(slices.Collect(maps.Keys(kept.messages))))
}

// catchUp makes the picture complete.
func (d *device) catchUp(p *picture, kept *shelf) {
	switch {
	case kept == nil || !d.kind.condstore:
		p.everything()
	case d.kind.qresync && !kept.gaps:
		p.resync(kept)
	default:
		known := p.merge(kept)
		if !d.kind.qresync {
			d.send(&deviceCommand{text: fmt.Sprintf("UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d)", kept.modseq)}, &deviceCommand{text: "UID SEARCH ALL"})
			d.finish()
		} else {
			d.run("UID SEARCH ALL")
		}
		p.fill(known, kept.gaps)
	}
	for i, s := range p.slots {
		if !s.known && !s.arrived {
			p.fail("nothing is known of message %d", i+1)
		}
	}
	p.settled, p.modseq = true, p.highest
}

// everything asks for all that is there.
func (p *picture) everything() {
	if len(p.slots) == 0 {
		return
	}
	p.d.run("UID FETCH 1:* (FLAGS" + []string{")", " MODSEQ)"}[bit(p.d.kind.condstore)])
}

// merge is what is kept with what SELECT has told since.
func (p *picture) merge(kept *shelf) map[uint32]stored {
	known := maps.Clone(kept.messages)
	for _, uid := range p.gone {
		delete(known, uid)
	}
	maps.Copy(known, p.fetched)
	return known
}

// resync is RFC 7162, 3.2.5: what is kept, and what SELECT has told, is all.
func (p *picture) resync(kept *shelf) {
	known := p.merge(kept)
	if len(known) != len(p.slots) {
		p.fail("%v are known, %v gone", slices.Sorted(maps.Keys(known)), p.gone)
	}
	for _, uid := range slices.Sorted(maps.Keys(known)) {
		place := p.place(uid)
		if place < 0 {
			p.fail("there is no place for UID %d", uid)
		}
		p.learn(place, uid)
		p.slots[place].flags, p.slots[place].modseq, p.slots[place].known = known[uid].flags, known[uid].modseq, true
	}
}

// fill takes flags that have not changed from what is kept, and asks for those of
// messages that were not.
func (p *picture) fill(known map[uint32]stored, gaps bool) {
	var missing []uint32
	for _, s := range p.slots {
		if k, ok := known[s.uid]; ok && !s.known {
			s.flags, s.modseq, s.known = k.flags, k.modseq, true
		} else if !s.known && !s.arrived {
			missing = append(missing, s.uid)
		}
	}
	if gaps && len(missing) > 0 {
		p.d.run(fmt.Sprintf("UID FETCH %s (FLAGS)", joined32(missing)))
	}
}

// put keeps what is known of the selected mailbox.
func (d *device) put() {
	p := d.box
	if p == nil {
		return
	}
	d.box = nil
	if d.list != nil {
		d.list.unsure[p.name] = true
	}
	if !p.settled {
		return
	}
	kept := &shelf{validity: p.validity, modseq: p.modseq, messages: map[uint32]stored{}}
	for _, s := range p.slots {
		if s.uid == 0 || !s.known {
			kept.gaps = true
			continue
		}
		kept.messages[s.uid] = stored{s.flags, s.modseq}
	}
	d.shelves[p.name] = kept
}

// catchNew asks for what came after SELECT, as UIDNEXT says where it is.
func (d *device) catchNew() {
	p := d.box
	unknown := func(s *slot) bool { return s.uid == 0 || !s.known }
	if p == nil || !slices.ContainsFunc(p.slots, unknown) {
		return
	}
	var fresh []*slot
	for _, s := range p.slots {
		if unknown(s) {
			fresh = append(fresh, s)
		}
	}
	d.run(fmt.Sprintf("UID FETCH %d:* (FLAGS)", p.uidNext))
	for _, s := range p.slots {
		if slices.Contains(fresh, s) && unknown(s) && !d.kind.uidonly {
			p.fail("a message that came after UIDNEXT %d is not there", p.uidNext)
		}
		// RFC 5465, 5.2
		if slices.Contains(fresh, s) && d.kind.notify != "" && !p.own[s.uid] {
			p.fail("UID %d was not announced, though it is not the device's own", s.uid)
		}
	}
}
