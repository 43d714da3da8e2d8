package message

import "bytes"

// Global analyses a whole message as Parse does, but for message/global parts: each holds a message
// of its own, as a message/rfc822 part does (RFC 9051, 7.5.2). One in a transfer encoding, which
// RFC 6532, 3.7, allows, is looked at as it is.
func Global(raw []byte) (root Part, structure []byte) {
	p := parser{raw: raw, global: true}
	root, _ = p.part(0, inMessage)
	w := structureWriter{parser: &p}
	w.part(&root)
	return root, w.out
}

// HasGlobal reports whether the text of a BODYSTRUCTURE can be that of a message for which Global
// has another one: where there is a message/global part it is true.
func HasGlobal(structure []byte) bool {
	between := []byte(`" "`)
	for at := 0; ; at++ {
		next := bytes.Index(structure[at:], between)
		if next < 0 {
			return false
		}
		at += next
		if endsWith(structure[:at], wordMessage) && startsWith(structure[at+len(between):], wordGlobal) {
			return true
		}
	}
}

func endsWith(s, word []byte) bool {
	return len(s) >= len(word) && bytes.EqualFold(s[len(s)-len(word):], word)
}

func startsWith(s, word []byte) bool {
	return len(s) >= len(word) && bytes.EqualFold(s[:len(word)], word)
}
