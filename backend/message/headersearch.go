package message

import "bytes"

// HeaderContains tells whether a field of that name in a raw header, unfolded and decoded, contains
// the folded needle. An empty needle asks whether the field exists.
func HeaderContains(header []byte, name string, needle []byte) bool {
	var t decoder
	var space [3][512]byte
	plain, text, folded := space[0][:0], space[1][:0], space[2][:0]
	names := []string{name}
	for at := 0; ; {
		f, ok := nextField(header, at)
		if !ok {
			return false
		}
		at = f.end
		if !named(f.name, names) || len(f.name) == 0 {
			continue
		}
		if len(needle) == 0 {
			return true
		}
		plain = appendUnfoldedHeader(plain[:0], bytes.TrimLeft(f.value, " \t\r\n"))
		text = t.appendDecoded(text[:0], plain)
		folded = Fold(folded[:0], text)
		if bytes.Contains(folded, needle) {
			return true
		}
	}
}
