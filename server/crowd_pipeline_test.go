package server

import (
	"fmt"
	"slices"
	"strings"
)

// pipeline is some commands that may be sent without waiting. RFC 3501, 5.5: those
// that count by sequence numbers go with their like only.
func (d *device) pipeline() (list []*deviceCommand) {
	seqs := !d.kind.uidonly && d.kind.notify != "SELECTED" && len(d.box.slots) > 0 && d.rng.IntN(3) == 0
	for range 1 + d.rng.IntN(4) {
		if seqs {
			list = append(list, d.bySeq())
		} else {
			list = append(list, d.byUID()...)
		}
	}
	return list
}

func (d *device) bySeq() *deviceCommand {
	p := d.box
	n := 1 + d.rng.IntN(len(p.slots))
	last := min(len(p.slots), n+d.rng.IntN(3))
	set := fmt.Sprintf("%d:%d", n, last)
	switch d.rng.IntN(4) {
	case 0:
		return &deviceCommand{text: "FETCH " + set + " (UID FLAGS)", seqs: true, may: mayRefuse}
	case 1:
		return &deviceCommand{text: "SEARCH " + set + " UNSEEN", seqs: true}
	}
	c := d.storing("STORE", set, slices.Clone(p.slots[n-1 : min(len(p.slots), len(p.slots))][:strings.Count(spelledOut(set), " ")]))
	c.seqs = true
	return c
}

// mayRefuse is the codes with which a command may fail that is about messages that others may have changed or removed, in a
// mailbox that may be full or gone. RFC 2180, 4.
var mayRefuse = []string{"EXPUNGEISSUED", "MODIFIED", "READ-ONLY", "OVERQUOTA", "TRYCREATE", "NONEXISTENT"}

func (d *device) byUID() []*deviceCommand {
	p := d.box
	var slots []*slot
	var uids []uint32
	for _, s := range p.slots {
		if s.uid != 0 && d.rng.IntN(4) == 0 {
			slots, uids = append(slots, s), append(uids, s.uid)
		}
	}
	set := joined32(uids)
	if set == "" {
		set = "4000000000"
	}
	to := d.folder()
	one := &deviceCommand{may: mayRefuse}
	switch d.rng.IntN(14) {
	case 0:
		one.text, one.to = fmt.Sprintf("UID MOVE %s %s", set, to), to
	case 1, 2:
		one.text, one.to = fmt.Sprintf("UID COPY %s %s", set, to), to
	case 3:
		deleted := &deviceCommand{text: "UID STORE " + set + ` +FLAGS (\Deleted)`, may: mayRefuse}
		one.text = []string{"EXPUNGE", "UID EXPUNGE " + set}[d.rng.IntN(2)]
		return []*deviceCommand{deleted, one}
	case 4:
		one.text = "EXPUNGE"
	case 5, 6:
		one.text, one.to = fmt.Sprintf("APPEND %s (%s) {20+}\r\nSubject: new\r\n\r\ntext", to, d.flag()), to
	case 7:
		if len(uids) > 0 {
			one.text, one.to = fmt.Sprintf("UID REPLACE %d %s {20+}\r\nSubject: new\r\n\r\nnext", uids[0], to), to
			break
		}
		fallthrough
	case 8:
		one.text = "UID FETCH " + set + " (FLAGS BODY[TEXT])"
	case 9:
		one.text = "UID FETCH 1:* (FLAGS)"
	case 10:
		one.text = "NOOP"
	default:
		one = d.storing("UID STORE", set, slots)
	}
	return []*deviceCommand{one}
}

func (d *device) flag() string {
	return []string{`\Seen`, `\Flagged`, `\Flagged`, `\Answered`, "$Label1", "Own", "own", fmt.Sprint("k", d.rng.IntN(9))}[d.rng.IntN(8)]
}

// storing changes flags, perhaps silently, perhaps on a condition.
func (d *device) storing(store, set string, slots []*slot) *deviceCommand {
	flag, op := d.flag(), []string{"+", "-", "+", "-", ""}[d.rng.IntN(5)]
	c := &deviceCommand{may: mayRefuse}
	if d.kind.condstore && d.rng.IntN(4) == 0 {
		set += fmt.Sprintf(" (UNCHANGEDSINCE %d)", d.box.modseq)
	}
	if d.rng.IntN(2) == 0 {
		c.text = fmt.Sprintf("%s %s %sFLAGS (%s)", store, set, op, flag)
		return c
	}
	c.text = fmt.Sprintf("%s %s %sFLAGS.SILENT (%s)", store, set, op, flag)
	effect := func(s *slot) { s.flags = altered(s.flags, op, strings.ToLower(flag)) }
	switch {
	case d.kind.condstore:
		c.silent = effect
	case !d.box.readOnly:
		c.begins = func() {
			for _, s := range slots {
				effect(s)
			}
		}
	}
	return c
}

// altered is what STORE makes of flags.
func altered(flags, op, flag string) string {
	list := slices.DeleteFunc(strings.Fields(flags), func(f string) bool { return f == flag || op == "" })
	if op != "-" {
		list = append(list, flag)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
