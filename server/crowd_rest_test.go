package server

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"
)

// rest has a device listen until it must know all, with INBOX selected if it had
// nothing.
func (d *device) rest() {
	for range 3 { // what it had selected may be gone, and the connection with it
		d.online(func() {
			if d.conn == nil {
				d.connect()
			}
			if d.box == nil {
				d.open("INBOX")
			}
			d.run("NOOP")
			d.box.complete = d.box.highest
			d.catchNew()
			if d.list != nil {
				d.list.ask()
			}
		})
		if d.conn != nil {
			return
		}
	}
	d.fail("it finds no rest")
}

// truth is an account as a fresh look shows it.
type truth struct {
	*outlook
	boxes map[uint64]*picture // by UIDVALIDITY
	named map[uint64]string
}

// compare holds what the devices believe against a fresh look, and then sees that
// those who listen are told of a new message without asking.
func (w *crowd) compare() {
	w.t.Helper()
	w.note("-- ", "at rest")
	w.all(func(d *device) {
		if d == w.devices[0] {
			w.look()
		}
	})
	w.all((*device).listen)
	if err := w.deliver("INBOX"); err != nil {
		w.t.Fatal(err)
	}
	w.all((*device).hear)
}

// settleDown waits until the connections that were dropped have ended: their commands
// are still carried out.
func (w *crowd) settleDown() {
	online := 0
	for _, d := range w.devices {
		online += bit(d.conn != nil)
	}
	for end := time.Now().Add(patience); w.srv.sessions.count() > online; runtime.Gosched() {
		if time.Now().After(end) {
			w.t.Errorf("%d sessions, but %d devices are online", w.srv.sessions.count(), online)
			return
		}
	}
}

// look reads all mailboxes afresh and compares.
func (w *crowd) look() {
	eye := &device{crowd: w, kind: kind{name: "witness", condstore: true, enable: "CONDSTORE", looker: true}, rng: w.devices[0].rng, shelves: map[string]*shelf{}}
	defer func() {
		if eye.conn != nil {
			eye.conn.Close()
		}
	}()
	eye.connect()
	eye.list = &outlook{d: eye, names: map[string]nameState{}, status: map[string]map[string]uint64{}, unsure: map[string]bool{}}
	eye.lists()
	all := &truth{eye.list, map[uint64]*picture{}, map[uint64]string{}}
	for _, name := range slices.Sorted(maps.Keys(eye.list.names)) {
		if eye.list.names[name].exists {
			all.read(eye, name)
		}
	}
	for _, d := range w.devices {
		d.compareWith(all)
	}
}

// read reads one mailbox, whose STATUS must agree with its messages.
func (all *truth) read(eye *device, name string) {
	clear(eye.shelves)
	eye.run("STATUS " + name + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED HIGHESTMODSEQ)")
	status := all.status[name]
	eye.open(name)
	p := eye.box
	unseen, deleted, last, modseq := uint64(0), uint64(0), uint32(0), uint64(0)
	for _, s := range p.slots {
		unseen += uint64(bit(!strings.Contains(s.flags, `\seen`)))
		deleted += uint64(bit(strings.Contains(s.flags, `\deleted`)))
		last, modseq = max(last, s.uid), max(modseq, s.modseq)
	}
	if status["MESSAGES"] != uint64(len(p.slots)) || status["UNSEEN"] != unseen || status["DELETED"] != deleted ||
		status["UIDNEXT"] <= uint64(last) || status["UIDNEXT"] != uint64(p.uidNext) || status["UIDVALIDITY"] != p.validity ||
		status["HIGHESTMODSEQ"] < modseq || status["HIGHESTMODSEQ"] != p.complete {
		p.fail("STATUS is %v", status)
	}
	if other := all.named[p.validity]; other != "" {
		p.fail("%s has the same UIDVALIDITY", other)
	}
	all.boxes[p.validity], all.named[p.validity] = p, name
}

// compareWith holds one device's beliefs against the truth.
func (d *device) compareWith(all *truth) {
	p := d.box
	is := all.boxes[p.validity]
	if is == nil {
		p.fail("no mailbox has UIDVALIDITY %d", p.validity)
	}
	if !slices.Equal(p.uids(), is.uids()) || len(p.slots) != len(is.slots) {
		p.fail("the mailbox has UIDs %v", is.uids())
	}
	for i, s := range is.slots {
		mine := p.slots[p.place(s.uid)]
		if !d.kind.uidonly && mine != p.slots[i] || mine.flags != s.flags || mine.modseq != 0 && d.kind.condstore && mine.modseq != s.modseq {
			p.fail("message %d is UID %d (%s) of mod-sequence %d, not %+v", i+1, s.uid, s.flags, s.modseq, *mine)
		}
		if p.search != "" && (mine.found || p.results[s.uid]) != strings.Contains(s.flags, `\flagged`) {
			p.fail("UID %d is among the search's results: %v", s.uid, mine.found || p.results[s.uid])
		}
	}
	if d.kind.condstore && p.complete > all.status[all.named[p.validity]]["HIGHESTMODSEQ"] {
		p.fail("it was told mod-sequence %d, of %d", p.complete, all.status[all.named[p.validity]]["HIGHESTMODSEQ"])
	}
	if d.list != nil {
		d.list.compareWith(all, all.named[p.validity])
	}
}

func (o *outlook) compareWith(all *truth, selected string) {
	if !maps.Equal(o.names, all.names) {
		o.d.fail("it knows of the names %v, there are %v", o.names, all.names)
	}
	for name, is := range all.status {
		for item, n := range o.status[name] {
			if name != selected && n != is[item] {
				o.d.fail("it knows of %s %v, that is %v", name, o.status[name], is)
			}
		}
		if name != selected && len(o.status[name]) == 0 {
			o.d.fail("it knows nothing of %s", name)
		}
	}
}

// listen waits in IDLE; a device with NOTIFY need not.
func (d *device) listen() {
	d.online(func() {
		if d.kind.notify == "" {
			d.idle()
		}
	})
}

// hear waits for the new message, if it is for this device.
func (d *device) hear() {
	d.online(func() {
		for n := len(d.box.slots); d.box.name == "INBOX" && len(d.box.slots) == n; {
			d.take(d.read())
		}
		if d.idling {
			d.awake()
		}
	})
}
