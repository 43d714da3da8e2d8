package message

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// decoder converts text from its charset, with buffers and converters that are used again.
type decoder struct {
	word     []byte
	charsets map[string]*charsetDecoder
}

// charsetDecoder converts one charset; a nil encoding leaves text as it is.
type charsetDecoder struct {
	*encoding.Decoder
	ascii bool // text of ASCII bytes alone reads the same in this charset
}

// maxCharsets bounds the converters kept.
const maxCharsets = 32

// charset finds the converter for a charset name. Unknown charsets are left as they are: most of
// them turn out to be ASCII or UTF-8.
func (t *decoder) charset(name string) *charsetDecoder {
	if c, ok := t.charsets[name]; ok {
		return c
	}
	own := strings.Clone(name) // so that a lookup takes no memory
	c := new(charsetDecoder)
	if enc, ok := charsetNamed(own); ok && enc != nil {
		c.Decoder = enc.NewDecoder()
		probe := []byte("+AGEAYg-~{<:Ky}~\x1b$B$\"\x1b(B")
		text, err := enc.NewDecoder().Bytes(probe)
		c.ascii = err == nil && string(text) == string(probe)
	}
	if len(t.charsets) >= maxCharsets || t.charsets == nil {
		t.charsets = make(map[string]*charsetDecoder)
	}
	t.charsets[own] = c
	return c
}

// appendUTF8 appends a whole text in UTF-8.
func (t *decoder) appendUTF8(dst []byte, charset string, text []byte) []byte {
	c := t.charset(charset)
	c.reset()
	dst, _ = c.append(dst, text, true)
	return dst
}

func (c *charsetDecoder) reset() {
	if c.Decoder != nil {
		c.Decoder.Reset()
	}
}

// append converts as much of text as it can and gives what must wait for more.
func (c *charsetDecoder) append(dst, text []byte, end bool) (out, rest []byte) {
	if c.Decoder == nil || c.ascii && isASCII(text) {
		return append(dst, text...), nil
	}
	for {
		dst = grow(dst, 3*len(text)+utf8.UTFMax)
		n, used, err := c.Transform(dst[len(dst):cap(dst)], text, end)
		dst, text = dst[:len(dst)+n], text[used:]
		switch {
		case err == transform.ErrShortDst:
			continue
		case err == transform.ErrShortSrc && !end:
			return dst, text
		case err == nil || len(text) == 0:
			return dst, nil
		}
		dst, text = append(dst, text[0]), text[1:]
	}
}

// grow makes room for n more bytes.
func grow(b []byte, n int) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	return append(b, make([]byte, n)...)[:len(b)]
}

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if b[0]|b[1]|b[2]|b[3]|b[4]|b[5]|b[6]|b[7] >= utf8.RuneSelf {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
