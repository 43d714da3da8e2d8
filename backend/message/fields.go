package message

import "strings"

// AppendHeaderFields appends the fields of header that are named in fields (or, with not, those
// that are not named), as they stand there, and the blank line, unless header ends without one.
// RFC 3501, 6.4.5. Where no field has a name in fields, the blank line is there even so: Geary
// does not show a message of which it gets an empty answer.
func AppendHeaderFields(dst, header []byte, fields []string, not bool) []byte {
	from, at := len(dst), 0
	for {
		f, ok := nextField(header, at)
		if !ok {
			break
		}
		if named(f.name, fields) != not {
			dst = append(dst, header[at:f.end]...)
		}
		at = f.end
	}
	if at > 0 && at == len(header) && (not || len(dst) > from) {
		return dst // the message has no blank line either
	}
	return append(dst, "\r\n"...)
}

func named(name []byte, fields []string) bool {
	for _, f := range fields {
		if len(f) == len(name) && strings.EqualFold(f, string(name)) {
			return true
		}
	}
	return false
}
