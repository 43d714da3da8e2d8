package message

import (
	"encoding/base64"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// utf7 is the UTF-7 of RFC 2152, which x/text lacks and old mail has. Only decoding is needed.
type utf7 struct{}

// NewDecoder returns a converter from UTF-7 to UTF-8.
func (utf7) NewDecoder() *encoding.Decoder { return &encoding.Decoder{Transformer: utf7Decoder{}} }

// NewEncoder returns a converter that refuses everything but UTF-8 in, UTF-8 out.
func (utf7) NewEncoder() *encoding.Encoder {
	return &encoding.Encoder{Transformer: encoding.UTF8Validator}
}

type utf7Decoder struct{ transform.NopResetter }

// maxShift bounds the base64 digits of one shifted run; a longer one is cut.
const maxShift = 4096

// Transform decodes one run after another: plain bytes, or "+", base64 digits and an optional "-".
func (utf7Decoder) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		if src[nSrc] != '+' {
			if nDst == len(dst) {
				return nDst, nSrc, transform.ErrShortDst
			}
			if !atEOF && !utf8.FullRune(src[nSrc:]) { // UTF-8 that says it is UTF-7
				return nDst, nSrc, transform.ErrShortSrc
			}
			dst[nDst] = src[nSrc]
			nDst, nSrc = nDst+1, nSrc+1
			continue
		}
		run := cleanRun(src[nSrc+1:])
		if n := len(run); n > maxShift {
			run = run[:maxShift]
		} else if nSrc+1+n == len(src) && !atEOF {
			return nDst, nSrc, transform.ErrShortSrc
		}
		if len(dst)-nDst < len(run)+1 {
			return nDst, nSrc, transform.ErrShortDst
		}
		nSrc += 1 + len(run)
		closed := nSrc < len(src) && src[nSrc] == '-'
		if closed {
			nSrc++
		}
		if len(run) == 0 { // "+-" stands for "+"
			dst[nDst] = '+'
			nDst++
			continue
		}
		nDst += shifted(dst[nDst:], run)
	}
	return nDst, nSrc, nil
}

// shifted writes a run of base64 digits, which hold UTF-16, as UTF-8.
func shifted(dst, run []byte) int {
	octets, _ := base64.RawStdEncoding.AppendDecode(nil, run) // what is cut off at the end is lost
	n := 0
	for i := 0; i+1 < len(octets); i += 2 {
		r := rune(octets[i])<<8 | rune(octets[i+1])
		if utf16.IsSurrogate(r) && i+3 < len(octets) {
			if pair := utf16.DecodeRune(r, rune(octets[i+2])<<8|rune(octets[i+3])); pair != utf8.RuneError {
				r, i = pair, i+2
			}
		}
		n += utf8.EncodeRune(dst[n:], r)
	}
	return n
}
