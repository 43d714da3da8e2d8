package message

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
)

// ErrCharset is returned for a charset name that is not known.
var ErrCharset = errors.New("message: unknown charset")

// errText is returned for bytes that are not text in their charset.
var errText = errors.New("message: text not valid in its charset")

// DecodeCharset converts text in the named charset to UTF-8. An unknown charset gives an error that
// wraps ErrCharset, text that is not valid in it another one.
func DecodeCharset(charset string, b []byte) ([]byte, error) {
	enc, ok := charsetNamed(charset)
	switch {
	case !ok:
		return nil, fmt.Errorf("charset %q: %w", charset, ErrCharset)
	case enc != nil:
		return enc.NewDecoder().Bytes(b)
	case !utf8.Valid(b):
		return nil, fmt.Errorf("charset %q: %w", charset, errText)
	}
	return b, nil
}

// CharsetSupported tells whether DecodeCharset knows the charset.
func CharsetSupported(name string) bool {
	_, ok := charsetNamed(name)
	return ok
}

// charsetNamed finds a charset under a MIME name or an alias of it. A nil encoding stands for UTF-8
// and its subset US-ASCII.
func charsetNamed(name string) (enc encoding.Encoding, ok bool) {
	switch name = strings.ToLower(strings.TrimSpace(name)); name {
	case "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "unicode-1-1-utf-8":
		return nil, true
	case "utf-16":
		// Without a byte order mark it is what Windows programs write.
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), true
	case "utf-7", "unicode-1-1-utf-7":
		return utf7{}, true
	}
	// The IANA registry first: the WHATWG table calls windows-1252 what is ISO 8859-1.
	if enc, err := ianaindex.MIME.Encoding(name); err == nil && enc != nil {
		return enc, true
	}
	if enc, err := htmlindex.Get(name); err == nil && enc != encoding.Replacement {
		return enc, true
	}
	return nil, false
}
