package message

import "bytes"

// baseSubject takes out of a subject, decoded, with single blanks for all white space, what replies,
// forwards and mailing lists add to it (RFC 5256, 2.1, steps 2 to 6). reply is true when one of the
// things removed says that the message is a reply or a forward (RFC 5256, 3, REFERENCES).
func baseSubject(s []byte) (base []byte, reply bool) {
	for {
		var cut, led bool
		s, cut = cutTrailers(s)
		s, led = cutLeaders(s)
		reply = reply || cut || led
		inner, forwarded := cutForward(s)
		if !forwarded {
			return s, reply
		}
		s, reply = inner, true
	}
}

// cutTrailers removes all subj-trailers; cut is true when one was "(fwd)".
func cutTrailers(s []byte) (rest []byte, cut bool) {
	for {
		s = bytes.TrimRight(s, " ")
		n := len(s) - len("(fwd)")
		if n < 0 || !hasFold(s[n:], "(fwd)") {
			return s, cut
		}
		s, cut = s[:n], true
	}
}

// cutLeaders removes all subj-leaders, and the subj-blobs before the subj-base. It looks at each byte
// once: blobs that no "re:" follows have to go as well, all of them, or all but the last where nothing
// else would be left.
func cutLeaders(s []byte) (rest []byte, cut bool) {
	for {
		s = bytes.TrimLeft(s, " ")
		last, after := s, s
		for n := blob(after); n > 0; n = blob(after) {
			last, after = after, after[n:]
		}
		if n := refwd(after); n > 0 {
			s, cut = after[n:], true
			continue
		}
		if len(after) == 0 {
			return last, cut
		}
		return after, cut
	}
}

// blob is the length of the subj-blob that s starts with, 0 when there is none.
func blob(s []byte) int {
	if len(s) == 0 || s[0] != '[' {
		return 0
	}
	n := 1 + bytes.IndexAny(s[1:], "[]")
	if n == 0 || s[n] != ']' {
		return 0
	}
	for n++; n < len(s) && s[n] == ' '; {
		n++
	}
	return n
}

// refwd is the length of the subj-refwd that s starts with, 0 when there is none.
func refwd(s []byte) int {
	n := 2
	switch {
	case hasFold(s, "fwd"):
		n = 3
	case !hasFold(s, "re") && !hasFold(s, "fw"):
		return 0
	}
	for n < len(s) && s[n] == ' ' {
		n++
	}
	n += blob(s[n:])
	if n < len(s) && s[n] == ':' {
		return n + 1
	}
	return 0
}

// cutForward removes "[fwd:" and "]" around a subject.
func cutForward(s []byte) (inner []byte, ok bool) {
	if !hasFold(s, "[fwd:") || s[len(s)-1] != ']' {
		return s, false
	}
	return s[len("[fwd:") : len(s)-1], true
}

// hasFold tells whether s starts with ASCII text, given in lower case, in any case.
func hasFold(s []byte, text string) bool {
	if len(s) < len(text) {
		return false
	}
	for i := range len(text) {
		if lower(s[i]) != text[i] {
			return false
		}
	}
	return true
}
