package server

import (
	"fmt"
	"slices"
	"strings"
)

// The names that devices play with; INBOX and Archive always are where they were.
var (
	folders = []string{"INBOX", "INBOX", "INBOX", "Archive", "work", "work/a", "old"}
	names   = []string{"work", "work/a", "work/b", "old", "old/a"}
)

// work is a while of what a device does.
func (d *device) work() {
	for range 10 {
		d.online(d.act)
	}
	if d.idling {
		d.online(d.awake)
	}
}

func (d *device) act() {
	switch n := d.rng.IntN(20); {
	case d.conn == nil:
		d.connect()
	case d.idling && n < 3:
		d.drop()
	case d.idling:
		d.awake()
	case d.box == nil || n == 0:
		d.leave()
		d.open(d.folder())
	case n == 1:
		d.send(d.pipeline()...)
		for range d.rng.IntN(6) {
			if len(d.pending) > 0 {
				d.take(d.read())
			}
		}
		d.drop()
	case n == 2:
		d.idle()
	case n == 3:
		d.naming()
	case n < 7:
		if err := d.outside(d.rng); err != nil {
			d.fail("%v", err)
		}
	case n == 7:
		d.run("NOOP")
		d.catchNew()
	case n == 8:
		d.follow()
	default:
		d.send(d.pipeline()...)
		d.finish()
		if d.rng.IntN(2) == 0 {
			d.catchNew()
		}
	}
}

func (d *device) folder() string { return folders[d.rng.IntN(len(folders))] }
func (d *device) name() string   { return names[d.rng.IntN(len(names))] }

// leave gives the mailbox up, or not: SELECT does as well.
func (d *device) leave() {
	if d.box == nil || d.rng.IntN(2) == 0 {
		return
	}
	d.send(&deviceCommand{text: []string{"UNSELECT", "CLOSE"}[d.rng.IntN(2)], ends: func(string) { d.put() }})
	d.finish()
}

func (d *device) idle() {
	d.send(&deviceCommand{text: "IDLE"})
	for !d.idling {
		d.take(d.read())
	}
}

func (d *device) awake() {
	d.idling = false
	if _, err := d.conn.Write([]byte("DONE\r\n")); err != nil && !d.mayVanish() {
		d.fail("%v", err)
	}
	d.finish()
	d.catchNew()
}

// follow has the changes of a search's results told.
func (d *device) follow() {
	p := d.box
	if p.search != "" || d.kind.notify != "" && d.rng.IntN(2) == 0 {
		return
	}
	uid := d.kind.uidonly || d.kind.qresync || d.kind.notify == "SELECTED" || d.rng.IntN(2) == 0
	c := &deviceCommand{text: "SEARCH RETURN (ALL UPDATE) FLAGGED", seqs: !uid,
		begins: func() { p.search = fmt.Sprint("t", d.tag) }}
	if uid {
		c.text = "UID " + c.text
	}
	d.send(c)
	d.finish()
}

// naming changes the tree of names. What others do with it at the same time decides how
// that ends.
func (d *device) naming() {
	name, to := d.name(), d.name()
	c := &deviceCommand{may: []string{"NONEXISTENT", "ALREADYEXISTS", "CANNOT", "HASCHILDREN", "OVERQUOTA"}}
	var done func(o *outlook)
	switch d.rng.IntN(8) {
	case 0, 1, 2:
		c.text = "CREATE " + name
		done = func(o *outlook) { o.above(name); o.set(name, nameState{true, o.names[name].subscribed}) }
	case 3:
		if d.box != nil && slices.Contains(names, d.box.name) {
			name = d.box.name // CLOSED tells that it has none selected then
		}
		c.text = "DELETE " + name
		done = func(o *outlook) { o.set(name, nameState{}) }
	case 4:
		c.text = "RENAME " + name + " " + to
		done = func(o *outlook) { o.above(to); o.moved(name, to) }
	case 5:
		c.text = "RENAME INBOX " + to
		done = func(o *outlook) {
			o.above(to)
			o.set(to, nameState{true, o.names[to].subscribed})
			o.unsure["INBOX"] = true
		}
	case 6:
		c.text = "SUBSCRIBE " + name
		done = func(o *outlook) { o.set(name, nameState{o.names[name].exists, true}) }
	case 7:
		c.text = "UNSUBSCRIBE " + name
		done = func(o *outlook) { o.set(name, nameState{o.names[name].exists, false}) }
	}
	c.ends = func(status string) {
		if d.list != nil && strings.HasPrefix(status, "OK") {
			done(d.list)
		}
	}
	d.send(c)
	d.finish()
}
