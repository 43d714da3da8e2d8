package message

import "bytes"

// markup takes markup up to its end, or some of it. The steps are those of the HTML standard, 13.2.5.
func (h *htmlText) markup(dst, s []byte) (out, rest []byte) {
	switch h.step {
	case afterLess, afterSlash:
		return h.opened(dst, s)
	case afterBang, afterBangDash, inDeclaration:
		return dst, h.declaration(s)
	case startOfComment, inComment, afterCommentBang:
		return dst, h.comment(s)
	case inTagName:
		return h.tagName(dst, s)
	case inRaw:
		return dst, h.rawText(s)
	}
	return h.attributes(dst, s)
}

// opened decides whether a '<' begins markup.
func (h *htmlText) opened(dst, s []byte) (out, rest []byte) {
	c := lower(s[0])
	switch {
	case 'a' <= c && c <= 'z':
		h.end = h.step == afterSlash
		h.step, h.length = inTagName, 0
		return dst, s
	case h.step == afterSlash:
		dst = append(dst, "</"...)
	case c == '/':
		h.step = afterSlash
		return dst, s[1:]
	case c == '!':
		h.step = afterBang
		return dst, s[1:]
	case c == '?':
		h.step = inDeclaration
		return dst, s[1:]
	default:
		dst = append(dst, '<')
	}
	h.step, h.word = inText, true
	return dst, s
}

// declaration skips <!...> and <?...>, and sees when it is a comment.
func (h *htmlText) declaration(s []byte) (rest []byte) {
	switch {
	case h.step == afterBang && s[0] == '-':
		h.step = afterBangDash
		return s[1:]
	case h.step == afterBangDash && s[0] == '-':
		h.step, h.dashes = startOfComment, 0
		return s[1:]
	}
	h.step = inDeclaration
	i := bytes.IndexByte(s, '>')
	if i < 0 {
		return nil
	}
	h.step = inText
	return s[i+1:]
}

// comment skips a comment, which ends with "-->" or "--!>"; the whole of it may be "<!-->" or "<!--->".
func (h *htmlText) comment(s []byte) (rest []byte) {
	for i := 0; i < len(s); i++ {
		if h.step == inComment && h.dashes == 0 {
			n := bytes.IndexByte(s[i:], '-')
			if n < 0 {
				return nil
			}
			i += n
		}
		switch c := s[i]; {
		case c == '>' && (h.dashes >= 2 || h.step != inComment):
			h.step = inText
			return s[i+1:]
		case c == '-' && h.step == afterCommentBang:
			h.step, h.dashes = inComment, 1
		case c == '-':
			if h.dashes++; h.dashes == 2 {
				h.step = inComment
			}
		case c == '!' && h.dashes >= 2 && h.step == inComment:
			h.step = afterCommentBang
		default:
			h.step, h.dashes = inComment, 0
		}
	}
	return nil
}

// tagName takes the name of a tag.
func (h *htmlText) tagName(dst, s []byte) (out, rest []byte) {
	for i, c := range s {
		switch {
		case c == '>':
			return h.tagEnd(dst), s[i+1:]
		case c == '/' || isSpace(c):
			h.step = beforeAttribute
			return dst, s[i+1:]
		case h.length < maxTagName:
			h.name[h.length] = lower(c)
			h.length++
		}
	}
	return dst, nil
}

// attributes skips to the end of a tag, which is not inside quotes; and quotes are not inside names
// or values.
func (h *htmlText) attributes(dst, s []byte) (out, rest []byte) {
	for i := 0; i < len(s); i++ {
		if h.step == inQuotedValue {
			n := bytes.IndexByte(s[i:], h.quote)
			if n < 0 {
				return dst, nil
			}
			i += n
			h.step = beforeAttribute
			continue
		}
		if s[i] == '>' {
			return h.tagEnd(dst), s[i+1:]
		}
		h.attribute(s[i])
	}
	return dst, nil
}

// attribute takes one byte of an attribute.
func (h *htmlText) attribute(c byte) {
	space := isSpace(c)
	switch {
	case h.step == inValue:
		if space {
			h.step = beforeAttribute
		}
	case h.step == beforeValue:
		switch {
		case c == '"' || c == '\'':
			h.step, h.quote = inQuotedValue, c
		case !space:
			h.step = inValue
		}
	case c == '/':
		h.step = beforeAttribute
	case c == '=' && h.step != beforeAttribute:
		h.step = beforeValue
	case !space:
		h.step = inAttribute
	case h.step == inAttribute:
		h.step = afterAttribute
	}
}

// tagEnd goes on after a tag.
func (h *htmlText) tagEnd(dst []byte) []byte {
	h.step = inText
	name := string(h.name[:h.length])
	switch {
	case name == "script" || name == "style":
		if !h.end {
			h.step, h.seen, h.raw = inRaw, 0, "</script"
			if name == "style" {
				h.raw = "</style"
			}
		}
		return dst
	case insideWords(name):
		return dst
	}
	return h.blank(dst)
}

// rawText skips a script or style with the name of its end tag.
func (h *htmlText) rawText(s []byte) (rest []byte) {
	for i := 0; i < len(s); i++ {
		if h.seen == 0 {
			n := bytes.IndexByte(s[i:], '<')
			if n < 0 {
				return nil
			}
			i += n
		}
		c := lower(s[i])
		switch {
		case h.seen == len(h.raw) && (c == '>' || c == '/' || isSpace(c)):
			h.end, h.step = true, inTagName
			h.length = copy(h.name[:], h.raw[len("</"):])
			return s[i:]
		case h.seen < len(h.raw) && c == h.raw[h.seen]:
			h.seen++
		case c == '<':
			h.seen = 1
		default:
			h.seen = 0
		}
	}
	return nil
}

// insideWords tells whether words go on over such a tag, in lower case.
func insideWords(tag string) bool {
	switch tag {
	case "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd",
		"label", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr":
		return true
	}
	return false
}
