package server

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"satchel/backend"
	"satchel/backend/message"
)

// messageURL names a message, or a section of one, in the client's own account.
type messageURL struct {
	mailbox  string // "": the one that is selected
	validity uint32 // 0: any
	uid      backend.UID
	section  message.Section
	offset   int64
	count    int64 // 0: to the end
}

// parseMessageURL reads a relative URL (RFC 5092, 11): an iabsolute-path such as
// "/mailbox;UIDVALIDITY=1/;UID=2/;SECTION=1.MIME/;PARTIAL=0.100", or what follows
// the mailbox if that is the selected one (RFC 4469, 3). Any other is not ok.
func parseMessageURL(text string) (u messageURL, ok bool) {
	if path, absolute := strings.CutPrefix(text, "/"); absolute {
		at := indexFold(path, "/;UID=")
		if at < 1 || path[0] == '/' {
			return u, false
		}
		if !u.readMailbox(path[:at]) {
			return u, false
		}
		text = path[at+1:]
	}
	parameters := strings.Split(text, "/")
	if len(parameters) == 0 || !u.readUID(parameters[0]) {
		return u, false
	}
	return u, u.readRest(parameters[1:])
}

// readMailbox reads enc-mailbox [uidvalidity].
func (u *messageURL) readMailbox(text string) bool {
	name, parameter, given := strings.Cut(text, ";")
	if given {
		value, ok := cutPrefixFold(parameter, "UIDVALIDITY=")
		if !ok || !readNumber(value, &u.validity) || u.validity == 0 {
			return false
		}
	}
	var ok bool
	u.mailbox, ok = unescapeURL(name)
	return ok && u.mailbox != ""
}

func (u *messageURL) readUID(text string) bool {
	value, ok := cutPrefixFold(text, ";UID=")
	return ok && readNumber(value, (*uint32)(&u.uid)) && u.uid != 0
}

// readRest reads [isection] [ipartial]. A section may have slashes in it.
func (u *messageURL) readRest(parameters []string) bool {
	if len(parameters) == 0 {
		return true
	}
	text := strings.Join(parameters, "/")
	if section, ok := cutPrefixFold(text, ";SECTION="); ok {
		at := indexFold(section, "/;PARTIAL=")
		if at < 0 {
			return u.readSection(section)
		}
		if !u.readSection(section[:at]) {
			return false
		}
		text = section[at+1:]
	}
	value, ok := cutPrefixFold(text, ";PARTIAL=")
	return ok && u.readPartial(value)
}

func (u *messageURL) readSection(text string) bool {
	spec, ok := unescapeURL(text)
	if !ok || spec == "" {
		return false
	}
	spec, fields, listed := strings.Cut(spec, " ")
	var err error
	if u.section, err = parseSection(strings.ToUpper(spec)); err != nil {
		return false
	}
	if wanted := u.section.Kind == message.HeaderFields || u.section.Kind == message.HeaderFieldsNot; listed != wanted {
		return false
	} else if wanted {
		return u.readFields(fields)
	}
	return true
}

// readFields reads a header-list of atoms.
func (u *messageURL) readFields(text string) bool {
	if len(text) < 3 || text[0] != '(' || text[len(text)-1] != ')' {
		return false
	}
	u.section.Fields = strings.Split(text[1:len(text)-1], " ")
	if len(u.section.Fields) > maxListed {
		return false
	}
	for _, name := range u.section.Fields {
		if name == "" || strings.ContainsAny(name, "()\"{}\\:") {
			return false
		}
	}
	return true
}

// readPartial reads number ["." nz-number].
func (u *messageURL) readPartial(text string) bool {
	first, count, counted := strings.Cut(text, ".")
	var offset, length uint32
	if !readNumber(first, &offset) || counted && (!readNumber(count, &length) || length == 0) {
		return false
	}
	u.offset, u.count = int64(offset), int64(length)
	return true
}

func readNumber(text string, n *uint32) bool {
	v, err := strconv.ParseUint(text, 10, 32)
	*n = uint32(v)
	return err == nil && text[0] != '+'
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// indexFold finds ASCII text in any case.
func indexFold(s, part string) int {
	for i := 0; i+len(part) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// unescapeURL undoes percent-encoding. RFC 5092, 11: bchar; the result is UTF-8
// without control characters.
func unescapeURL(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			v, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			c = byte(v)
			i += 2
		} else if !urlChar(c) {
			return "", false
		}
		if c < ' ' || c == 0x7f {
			return "", false
		}
		b = append(b, c)
	}
	return string(b), utf8.Valid(b)
}

func urlChar(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~!$'()*+,&=:@/", c) >= 0
}

// maxURLText bounds how much of a wrong URL is sent back.
const maxURLText = 1000

// badURL is the response code that names a URL. RFC 4469, 5: its text is as the
// client wrote it, as far as a code can hold that.
func badURL(text string) string {
	b := []byte("BADURL ")
	for i := 0; i < len(text) && len(b) < maxURLText; i++ {
		if c := text[i]; c > ' ' && c < 0x7f && c != ']' {
			b = append(b, c)
		} else {
			b = append(append(b, '%'), strings.ToUpper(strconv.FormatUint(uint64(c)|0x100, 16))[1:]...)
		}
	}
	if text == "" {
		return "BADURL /" // the code needs a text
	}
	return string(b)
}
