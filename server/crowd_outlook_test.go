package server

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"satchel/backend"
)

// outlook is what a device with NOTIFY knows of mailboxes without asking.
type outlook struct {
	d      *device
	names  map[string]nameState
	status map[string]map[string]uint64
	unsure map[string]bool // whose STATUS the device cannot know: of what it did itself it is not told
}

type nameState struct{ exists, subscribed bool }

// watch asks for news of everything, and for how it is now.
func (d *device) watch() {
	d.list = &outlook{d: d, names: map[string]nameState{}, status: map[string]map[string]uint64{}, unsure: map[string]bool{}}
	d.run(fmt.Sprintf("NOTIFY SET STATUS (%s (MessageNew (UID FLAGS%s) MessageExpunge FlagChange)) "+
		"(PERSONAL (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))",
		d.kind.notify, []string{"", " MODSEQ"}[bit(d.kind.condstore)]))
	d.lists()
}

// lists asks for all names.
func (d *device) lists() {
	clear(d.list.names)
	d.run(`LIST "" "*" RETURN (SUBSCRIBED)`)
	d.run(`LIST (SUBSCRIBED) "" "*"`)
}

var (
	listLine   = regexp.MustCompile(`^\* LIST \(([^)]*)\) "/" ([^ ]+)(?: \("OLDNAME" \(([^ ]+)\)\))?\r\n$`)
	statusLine = regexp.MustCompile(`^\* STATUS ([^ ]+) \((.*)\)\r\n$`)
)

// others takes in what is not of the selected mailbox.
func (d *device) others(line string) bool {
	if l := listLine.FindStringSubmatch(line); l != nil {
		if d.list != nil {
			d.list.named(l[2], l[1], l[3])
		}
		return true
	}
	if s := statusLine.FindStringSubmatch(line); s != nil {
		if d.list != nil {
			d.list.told(s[1], strings.Fields(s[2]))
		}
		return true
	}
	return false
}

// named takes a LIST response in. RFC 5465, 5.4: below a name that was changed all
// others are, too.
func (o *outlook) named(name, attributes, old string) {
	if old != "" {
		o.moved(old, name)
	}
	exists := !strings.Contains(attributes, `\NonExistent`) && !strings.Contains(attributes, `\Noselect`)
	o.set(name, nameState{exists, strings.Contains(attributes, `\Subscribed`)})
}

func (o *outlook) set(name string, state nameState) {
	o.names[name] = state
	o.unsure[name] = true
	if !state.exists {
		delete(o.status, name)
	}
	if state == (nameState{}) {
		delete(o.names, name)
	}
}

// moved is a rename.
func (o *outlook) moved(old, name string) {
	for _, have := range slices.Collect(maps.Keys(o.names)) {
		if rest, ok := strings.CutPrefix(have, old); ok && (rest == "" || rest[0] == '/') {
			state := o.names[have]
			o.set(have, nameState{})
			o.set(name+rest, state)
		}
	}
	if b := o.d.box; b != nil {
		if rest, ok := strings.CutPrefix(b.name, old); ok && (rest == "" || rest[0] == '/') {
			b.name = name + rest
		}
	}
}

// above makes the names above one.
func (o *outlook) above(name string) {
	for parent := range backend.Parents(name) {
		if !o.names[parent].exists {
			o.set(parent, nameState{true, o.names[parent].subscribed})
		}
	}
}

// told takes a STATUS response in.
func (o *outlook) told(name string, items []string) {
	now := map[string]uint64{}
	for i := 0; i+1 < len(items); i += 2 {
		now[items[i]] = number(items[i+1])
	}
	was := o.status[name]
	if was["UIDVALIDITY"] == now["UIDVALIDITY"] && (was["UIDNEXT"] > now["UIDNEXT"] || was["HIGHESTMODSEQ"] > now["HIGHESTMODSEQ"] && now["HIGHESTMODSEQ"] > 0) {
		o.d.fail("STATUS of %s went back from %v to %v", name, was, now)
	}
	o.status[name] = now
	delete(o.unsure, name)
}

// ask asks for what the device cannot know.
func (o *outlook) ask() {
	for _, name := range slices.Sorted(maps.Keys(o.unsure)) {
		if o.names[name].exists {
			o.d.send(&deviceCommand{text: "STATUS " + name + " (MESSAGES UIDNEXT UIDVALIDITY UNSEEN" +
				[]string{"", " HIGHESTMODSEQ"}[bit(o.d.kind.condstore)] + ")"})
			o.d.finish()
		}
	}
}
