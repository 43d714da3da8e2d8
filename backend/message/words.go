package message

import "bytes"

var wordStart = []byte("=?")

// appendDecoded appends a header field value with its encoded words decoded to UTF-8 (RFC 2047).
// White space between two encoded words goes; what is not an encoded word stays as it is.
func (t *decoder) appendDecoded(dst, s []byte) []byte {
	after := -1 // length of dst after the last encoded word, while only white space followed
	for {
		i := bytes.Index(s, wordStart)
		if i < 0 {
			return append(dst, s...)
		}
		if len(trimSpace(s[:i])) > 0 {
			after = -1
		}
		dst = append(dst, s[:i]...)
		s = s[i:]
		charset, encoding, text, size := splitWord(s)
		n := len(dst)
		if size == 0 {
			dst = append(dst, wordStart...)
			s = s[len(wordStart):]
			after = -1
			continue
		}
		if after >= 0 {
			n = after
		}
		dst = t.appendWord(dst[:n], charset, encoding, text)
		after = len(dst)
		s = s[size:]
	}
}

// splitWord takes "=?charset?encoding?text?=" apart, which s starts with; size is 0 when it is no
// encoded word. A language after the charset (RFC 2231, 5) is left out.
func splitWord(s []byte) (charset []byte, encoding byte, text []byte, size int) {
	rest := s[len(wordStart):]
	i := bytes.IndexByte(rest, '?')
	if i < 1 || len(rest) < i+len("?Q??=") || rest[i+2] != '?' || bytes.ContainsAny(rest[:i], " \t\r\n=") {
		return nil, 0, nil, 0
	}
	charset, _, _ = bytes.Cut(rest[:i], []byte("*"))
	encoding = lower(rest[i+1])
	rest = rest[i+3:]
	end := bytes.IndexByte(rest, '?')
	if end < 0 || end+1 >= len(rest) || rest[end+1] != '=' || encoding != 'q' && encoding != 'b' {
		return nil, 0, nil, 0
	}
	return charset, encoding, rest[:end], len(s) - len(rest) + end + 2
}

// appendWord appends the text of one encoded word in UTF-8.
func (t *decoder) appendWord(dst, charset []byte, encoding byte, text []byte) []byte {
	t.word = t.word[:0]
	if encoding == 'b' {
		b := base64Decoder{}
		t.word = b.append(t.word, text)
		t.word = b.flush(t.word)
	} else {
		t.word = appendQ(t.word, text)
	}
	return t.appendUTF8(dst, string(charset), t.word)
}

// appendQ decodes the Q encoding. RFC 2047, 4.2.
func appendQ(dst, s []byte) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '_':
			c = ' '
		case c == '=' && i+2 < len(s) && unhex(s[i+1]) >= 0 && unhex(s[i+2]) >= 0:
			c = byte(unhex(s[i+1])<<4 | unhex(s[i+2]))
			i += 2
		}
		dst = append(dst, c)
	}
	return dst
}

// unhex is the value of a hexadecimal digit, -1 for other bytes.
func unhex(c byte) int {
	switch c = lower(c); {
	case isDigit(c):
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}
