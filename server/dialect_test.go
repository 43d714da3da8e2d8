package server

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A mode in which the client switches an extension on after its login. What the
// scenario sends stays the same. What the client receives is put back into the
// words of IMAP4rev1, as a client would for itself that keeps the UIDs it was
// told of, and must then be what the scenario wants.
//
//	condstore  a MODSEQ in every FETCH of flags, never going back, and taken out
//	qresync    "* VANISHED 3" for "* 2 EXPUNGE", no unasked FETCH without UID
//	uidonly    "* 3 UIDFETCH (FLAGS ())" for "* 2 FETCH (UID 3 FLAGS ())", VANISHED
//	rev2       no RECENT, no \Recent; "* ESEARCH (TAG "a1") ALL 1:2" for "* SEARCH 1 2"
var dialects = map[string]string{
	"condstore": "CONDSTORE",
	"qresync":   "QRESYNC",
	"uidonly":   "UIDONLY",
	"rev2":      "IMAP4rev2",
}

// dialect is what a client of such a mode knows.
type dialect struct {
	mode    string
	on      bool                      // switched on: a connection that logs in by itself stays plain
	truth   func(box string) []uint32 // the UIDs that are in a mailbox now
	box     string                    // the mailbox selected last
	fresh   bool                      // it is being selected
	sent    string                    // the last packet, in capitals
	uids    []uint32                  // by sequence number, as told; 0 is not known
	modseqs map[uint32]uint64         // by UID
	literal int                       // bytes of one that are still to come
	lines   []string                  // received and put into IMAP4rev1, to be played
	wrong   string                    // what the client could not make sense of
}

var selecting = regexp.MustCompile(`(?i)(?:^|\n)\S+ (?:SELECT|EXAMINE) ("[^"]*"|[^ \r\n]+)`)

// send notes what the client asks for.
func (d *dialect) send(packet string) {
	d.sent = strings.ToUpper(packet)
	if m := selecting.FindStringSubmatch(packet); m != nil {
		d.box, d.fresh = strings.Trim(m[1], `"`), true
	}
}

// wants tells whether a line that the scenario wants comes in this mode, and in
// which form.
func (d *dialect) wants(line string) (string, bool) {
	if !d.on || d.mode != "rev2" && d.mode != "uidonly" {
		return line, true
	}
	if strings.HasPrefix(line, "* OK [UNSEEN ") { // RFC 9586, 3.2; RFC 9051, 6.3.2
		return "", false
	}
	if d.mode == "uidonly" {
		return line, true
	}
	if strings.HasPrefix(line, "* ") && strings.HasSuffix(line, " RECENT") {
		return "", false
	}
	return strings.NewReplacer(` \Recent`, "", `(\Recent)`, "()").Replace(line), true
}

// receive puts a line into the words of IMAP4rev1: none, one or more lines.
func (d *dialect) receive(line string) []string {
	if !d.on {
		return []string{line}
	}
	if d.literal > 0 {
		if d.literal -= len(line); d.literal >= 0 {
			return []string{line}
		}
		inside := len(line) + d.literal
		d.literal = 0
		return []string{line[:inside] + d.items(line[inside:])}
	}
	return d.translate(line)
}

var (
	numbered  = regexp.MustCompile(`^\* ([0-9]+) ([A-Z]+)(.*)`)
	vanished  = regexp.MustCompile(`^\* VANISHED ([0-9,:]+)\r\n$`)
	esearched = regexp.MustCompile(`^\* ESEARCH \(TAG "[^"]*"\)(?: UID)?(?: ALL ([0-9,:]+))?\r\n$`)
	ended     = regexp.MustCompile(`^([^* ]\S* OK) \[HIGHESTMODSEQ [1-9][0-9]*\]`)
)

func (d *dialect) translate(line string) []string {
	selects := strings.Contains(d.sent, " SELECT ") || strings.Contains(d.sent, " EXAMINE ")
	switch m := numbered.FindStringSubmatch(line); {
	case !selects && strings.HasPrefix(line, "* OK [HIGHESTMODSEQ "):
		return nil
	case d.mode == "rev2" && strings.HasPrefix(line, "* LIST ") && (selects || strings.Contains(line, `("OLDNAME" (`)):
		return nil
	case m != nil:
		return d.number(line, m[1], m[2])
	}
	if m := vanished.FindStringSubmatch(line); m != nil {
		return d.expunged(m[1])
	}
	if m := esearched.FindStringSubmatch(line); m != nil && d.mode == "rev2" && !strings.Contains(d.sent, "RETURN") {
		return []string{"* SEARCH" + spelledOut(m[1]) + "\r\n"}
	}
	return []string{ended.ReplaceAllString(line, "$1")}
}

// number is a line "* 23 EXISTS", or of the like.
func (d *dialect) number(line, number, what string) []string {
	n, _ := strconv.Atoi(number)
	switch what {
	case "EXISTS":
		d.exists(n)
	case "EXPUNGE":
		if d.mode == "qresync" || d.mode == "uidonly" {
			d.fail("EXPUNGE in mode %s: %s", d.mode, line)
		} else if n >= 1 && n <= len(d.uids) {
			d.uids = slices.Delete(d.uids, n-1, n)
		}
	case "RECENT":
		if d.mode == "rev2" {
			d.fail("RECENT in mode rev2: %s", line)
		}
	case "UIDFETCH":
		rest := line[strings.Index(line, "(")+1:]
		if !strings.HasPrefix(rest, "UID ") {
			rest = "UID " + number + " " + rest
		}
		return d.fetched(fmt.Sprintf("* %d FETCH (%s", placeOf(d.uids, uint32(n))+1, rest))
	case "FETCH":
		if d.mode == "uidonly" {
			d.fail("a sequence number in mode uidonly: %s", line)
		}
		return d.fetched(line)
	}
	return []string{line}
}

func (d *dialect) fail(format string, args ...any) {
	if d.wrong == "" {
		d.wrong = fmt.Sprintf(format, args...)
	}
}

// exists learns the UIDs of messages that arrived, and on SELECT of all.
func (d *dialect) exists(n int) {
	if d.fresh {
		d.uids, d.modseqs, d.fresh = nil, map[uint32]uint64{}, false
	}
	if n < len(d.uids) {
		d.fail("%d EXISTS, after %d without an expunge", n, len(d.uids))
	}
	last := uint32(0)
	if len(d.uids) > 0 {
		last = slices.Max(d.uids)
	}
	for _, uid := range d.truth(d.box) {
		if uid > last && len(d.uids) < n {
			d.uids = append(d.uids, uid)
		}
	}
	for len(d.uids) < n { // gone already
		d.uids = append(d.uids, 0)
	}
}

// expunged is what EXPUNGE would have said, highest number first.
func (d *dialect) expunged(set string) []string {
	var places []int
	for _, word := range strings.Fields(spelledOut(set)) {
		uid, _ := strconv.Atoi(word)
		place := placeOf(d.uids, uint32(uid))
		if place < 0 {
			d.fail("VANISHED %s, but there are only %v", word, d.uids)
			return nil
		}
		places = append(places, place)
	}
	slices.Sort(places)
	var lines []string
	for _, place := range slices.Backward(places) {
		d.uids = slices.Delete(d.uids, place, place+1)
		lines = append(lines, fmt.Sprintf("* %d EXPUNGE\r\n", place+1))
	}
	return lines
}

var (
	fetchHead = regexp.MustCompile(`^\* ([0-9]+) FETCH \(`)
	fetchUID  = regexp.MustCompile(`[( ]UID ([0-9]+)[ )]`)
	modseq    = regexp.MustCompile(` ?MODSEQ \(([1-9][0-9]*)\)`)
	hollow    = regexp.MustCompile(`^\* [0-9]+ FETCH \((UID [0-9]+)?\)\r\n$`)
	literal   = regexp.MustCompile(`\{([0-9]+)\}\r\n$`)
)

// fetched checks a line of FETCH against what the client knows, and takes out
// what IMAP4rev1 does not have.
func (d *dialect) fetched(line string) []string {
	seq, _ := strconv.Atoi(fetchHead.FindStringSubmatch(line)[1])
	asked := strings.Contains(d.sent, "FETCH")
	if seq < 1 || seq > len(d.uids) {
		d.fail("FETCH of a message that the client does not count, of %v: %s", d.uids, line)
		return nil
	}
	if m := fetchUID.FindStringSubmatch(line); m != nil {
		uid, _ := strconv.Atoi(m[1])
		if have := d.uids[seq-1]; have != 0 && have != uint32(uid) {
			d.fail("number %d is UID %d: %s", seq, have, line)
		}
		d.uids[seq-1] = uint32(uid)
	} else if d.mode == "qresync" && !asked {
		d.fail("no UID: %s", line)
	}
	if m := modseq.FindStringSubmatch(line); m != nil {
		now, _ := strconv.ParseUint(m[1], 10, 64)
		if uid := d.uids[seq-1]; now < d.modseqs[uid] {
			d.fail("the mod-sequence was %d: %s", d.modseqs[uid], line)
		} else {
			d.modseqs[uid] = now
		}
	} else if (d.mode == "condstore" || d.mode == "qresync") && !asked {
		d.fail("no MODSEQ: %s", line)
	}
	rest := d.items(line)
	if hollow.MatchString(rest) && rest != line { // the new mod-sequence after +FLAGS.SILENT
		return nil
	}
	return []string{rest}
}

// items takes MODSEQ out of FETCH items and notes a literal at their end.
func (d *dialect) items(text string) string {
	text = strings.Replace(modseq.ReplaceAllString(text, ""), "( ", "(", 1)
	if m := literal.FindStringSubmatch(text); m != nil {
		d.literal, _ = strconv.Atoi(m[1])
	}
	return text
}

// spelledOut is the numbers of a set, each after a blank, in order.
func spelledOut(set string) string {
	var all []int
	for part := range strings.SplitSeq(set, ",") {
		first, last, ok := strings.Cut(part, ":")
		if !ok {
			last = first
		}
		from, _ := strconv.Atoi(first)
		to, _ := strconv.Atoi(last)
		for n := from; n <= to && n > 0; n++ {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	text := ""
	for _, n := range all {
		text += " " + strconv.Itoa(n)
	}
	return text
}
