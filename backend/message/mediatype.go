package message

import "bytes"

// mediaType is what a Content-Type field says.
type mediaType struct {
	main, sub []byte
	params    []param
}

// param is one parameter of Content-Type or Content-Disposition. Values in the extended notation of
// RFC 2231 keep it, and a "*" at the end of their name; continuations are put together.
type param struct{ name, value []byte }

// maxParams bounds the parameters of one field.
const maxParams = 200

var (
	wordText       = []byte("text")
	wordPlain      = []byte("plain")
	wordMessage    = []byte("message")
	wordRfc822     = []byte("rfc822")
	wordGlobal     = []byte("global")
	wordMultipart  = []byte("multipart")
	wordDigest     = []byte("digest")
	wordBoundary   = []byte("boundary")
	wordCharset    = []byte("charset")
	word7bit       = []byte("7bit")
	wordOpaqueType = []byte("application")
	wordOpaqueSub  = []byte("octet-stream")
)

// parseMediaType reads a Content-Type value; nil means that there is none. Without one, and with
// one that has no type, it is text/plain, or message/rfc822 inside a digest.
// RFC 2045, 5.2; RFC 2046, 5.1.5.
func parseMediaType(value []byte, digest bool) mediaType {
	l := lexer{s: value}
	m, ok := parseType(&l)
	switch {
	case ok:
		m.params = parseParams(&l)
	case value == nil && digest:
		return mediaType{main: wordMessage, sub: wordRfc822}
	}
	return m
}

// parseType reads a type without its parameters. ok is false without one: then it is text/plain.
func parseType(l *lexer) (m mediaType, ok bool) {
	l.skip()
	main := l.token()
	l.skip()
	var sub []byte
	if l.take('/') {
		l.skip()
		sub = l.token()
	}
	if len(main) == 0 || len(sub) == 0 {
		return mediaType{main: wordText, sub: wordPlain}, false
	}
	return mediaType{main: main, sub: sub}, true
}

// parseParams reads ";name=value" as often as it comes; what it cannot read it skips.
// RFC 2045, 5.1.
func parseParams(l *lexer) []param {
	var params []param
	for len(params) < maxParams {
		l.skip()
		l.toNext(';')
		if l.end() {
			break
		}
		l.skip()
		name := l.token()
		l.skip()
		if !l.take('=') {
			continue
		}
		l.skip()
		value, ok := paramValue(l)
		if !ok {
			break
		}
		if len(name) > 0 { // go-imap drops the connection over one without a name
			params = append(params, param{name, value})
		}
	}
	return joinContinued(params)
}

// paramValue reads a token or a quoted string. An encoded word without the quotes it needs is
// common enough to be read up to the next white space or semicolon.
func paramValue(l *lexer) ([]byte, bool) {
	switch l.peek() {
	case '"':
		return l.quoted()
	case '=':
		return l.run(&bareStop), true
	}
	return l.token(), true
}

var bareStop = stopTable(" ;")

// param gives the first value of a parameter, nil without one.
func (m *mediaType) param(name []byte) []byte {
	for i := range m.params {
		if bytes.EqualFold(m.params[i].name, name) {
			return m.params[i].value
		}
	}
	return nil
}

func (m *mediaType) is(main, sub []byte) bool {
	return bytes.EqualFold(m.main, main) && (sub == nil || bytes.EqualFold(m.sub, sub))
}

// kind tells what such a part is made of. RFC 3501, 9: of message/* only rfc822 has an envelope and
// parts, as media-message; message/global (RFC 6532, 3.7) is a leaf like other message/* unless
// global is set, which RFC 9051, 9, wants.
func (m *mediaType) kind(global bool) PartKind {
	switch {
	case m.is(wordMultipart, nil):
		return Multipart
	case m.is(wordMessage, wordRfc822), global && m.is(wordMessage, wordGlobal):
		return Rfc822
	}
	return Leaf
}

// readable tells whether the body of a leaf is text for people: text/*, and the reports, headers
// and fragments of message/*.
func (m *mediaType) readable() bool { return m.is(wordText, nil) || m.is(wordMessage, nil) }

// parseEncoding reads the first Content-Transfer-Encoding that is one word, and tells how to decode.
// Without one it is 7bit, which RFC 2045, 6.1 has as default; but if a field says something that
// cannot be read, the body is not decoded, like that of an unknown encoding (RFC 2045, 6.4).
func parseEncoding(fields []found) (word []byte, encoding Encoding) {
	for i := range fields {
		if fields[i].kind != fieldEncoding {
			continue
		}
		l := lexer{s: fields[i].value}
		l.skip()
		word := l.token()
		if l.skip(); len(word) > 0 && l.end() {
			return word, encodingOf(word)
		}
		switch {
		case l.peek() == ';':
			encoding = encodingOf(word)
		case !l.end():
			encoding = Unknown
		}
	}
	return word7bit, encoding
}

// encodingOf tells how to decode a body. RFC 2045, 6.1.
func encodingOf(word []byte) Encoding {
	if len(word) > len("quoted-printable") {
		return Unknown
	}
	switch string(bytes.ToLower(word)) {
	case "", "7bit", "8bit", "binary":
		return Identity
	case "quoted-printable":
		return QuotedPrintable
	case "base64":
		return Base64
	}
	return Unknown
}
