package codec

import "bytes"

// base64Run is a part of a chunk that is base64 in lines of one length: groups of four characters, with CRLF after the
// first line and after each full one that more of it follows. Padding does not belong to it, nor does its last line end.
type base64Run struct {
	skipped int // bytes of the chunk between the run before it and this one
	groups  int
	first   int // groups in the first line, which a chunk may cut
	line    int // groups in every other line, at least 1
}

const (
	minBase64Line = 10  // groups; shorter lines are taken for text
	minBase64Run  = 48  // groups; a shorter run is not worth its bookkeeping
	maxBase64Line = 250 // groups; RFC 5322, 2.1.1, has lines end after 998 characters
)

// breaks is how many line ends the run has.
func (r base64Run) breaks() int {
	if r.groups <= r.first {
		return 0
	}
	return (r.groups - r.first + r.line - 1) / r.line
}

// size is how many bytes of the chunk the run takes.
func (r base64Run) size() int { return 4*r.groups + 2*r.breaks() }

// decode appends to dst, which has room for all of raw, the bytes that the run at the start of raw stands for, as far
// as it goes, and sets r.groups. r.first and r.line are set.
func (r *base64Run) decode(dst, raw []byte) []byte {
	for width := r.first; ; width = r.line {
		n := decodeGroups(dst[len(dst):cap(dst)], raw, width)
		dst = dst[:len(dst)+3*n]
		r.groups += n
		if raw = raw[4*n:]; n < width || len(raw) < 6 || raw[0] != '\r' || raw[1] != '\n' {
			return dst
		}
		raw = raw[2:]
	}
}

// append appends to dst, which has room for it, the run made of data, of which it returns what is left.
func (r base64Run) append(dst, data []byte) (_, rest []byte) {
	dst, data, r = r.appendLines(dst, data)
	for width, left := min(r.first, r.groups), r.groups; ; width = min(r.line, left) {
		end := len(dst) + 4*width
		encodeGroups(dst[len(dst):end], data, width)
		dst, data = dst[:end], data[3*width:]
		if left -= width; left == 0 {
			return dst, data
		}
		dst = append(dst, '\r', '\n')
	}
}

// startRun looks whether lines of base64 may begin at the start of raw: then skip is where, and r says how long the
// lines are. cut says that raw may begin within a line.
func startRun(raw []byte, cut bool) (r base64Run, skip int, ok bool) {
	first := lineWidth(raw)
	line := first
	if cut && first >= 0 {
		line = lineWidth(raw[first+2:])
	}
	r.first, r.line = first/4, line/4
	ok = line%4 == 0 && r.line >= minBase64Line && r.line <= maxBase64Line && r.first > 0 && r.first <= r.line
	return r, first % 4, ok
}

// lineWidth is how many bytes the line at the start of raw has before its CRLF, -1 when it does not end in one.
func lineWidth(raw []byte) int {
	i := bytes.IndexByte(raw, '\n')
	if i < 1 || raw[i-1] != '\r' {
		return -1
	}
	return i - 1
}

// nextLine is where the line after the one at the start of raw begins.
func nextLine(raw []byte) int {
	if i := bytes.IndexByte(raw, '\n'); i >= 0 {
		return i + 1
	}
	return len(raw)
}
