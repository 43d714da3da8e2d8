package message

import "bytes"

// maxBlanks is the longest run of white space at the end of a line that is taken for padding; a
// longer one is text. RFC 2045, 6.7, has lines of at most 76 characters.
const maxBlanks = 120

// quotedPrintableDecoder undoes quoted-printable that comes in pieces (RFC 2045, 6.7). White space at
// the end of a line goes, a line end becomes CRLF, and what is no escape stays as it is. The result
// does not depend on where the pieces are cut.
type quotedPrintableDecoder struct {
	wait  [maxBlanks + 4]byte // the end of the last piece, whose meaning the next one decides
	n     int                 // bytes in wait
	blank bool                // in a run of white space that is too long to be padding
}

// append decodes more input.
func (d *quotedPrintableDecoder) append(dst, s []byte) []byte {
	for d.n > 0 && len(s) > 0 {
		dst, s = d.resume(dst, s)
	}
	for len(s) > 0 {
		i := bytes.IndexByte(s, '\n')
		if i < 0 {
			return d.partial(dst, s)
		}
		dst = d.line(dst, s[:i])
		s = s[i+1:]
	}
	return dst
}

// resume decodes the line that waits, with what of s belongs to its end.
func (d *quotedPrintableDecoder) resume(dst, s []byte) (_, rest []byte) {
	var space [2 * len(d.wait)]byte
	text := append(space[:0], d.wait[:d.n]...)
	n := min(len(s), len(space)-d.n)
	newline := bytes.IndexByte(s[:n], '\n')
	if newline >= 0 {
		n = newline
	}
	text, d.n = append(text, s[:n]...), 0
	if newline >= 0 {
		return d.line(dst, text), s[n+1:]
	}
	return d.partial(dst, text), s[n:]
}

// line decodes the rest of a line, without its line feed.
func (d *quotedPrintableDecoder) line(dst, s []byte) []byte {
	text, long := d.split(s)
	d.blank = false
	if !long {
		s = text
		if n := len(s); n > 0 && s[n-1] == '=' {
			return appendEscapes(dst, s[:n-1]) // a soft line break
		}
	} else {
		s = bytes.TrimSuffix(s, []byte("\r"))
	}
	return append(appendEscapes(dst, s), "\r\n"...)
}

// partial decodes as much of a line without an end as is certain.
func (d *quotedPrintableDecoder) partial(dst, s []byte) []byte {
	text, long := d.split(s)
	if d.blank = long; long {
		n := len(bytes.TrimSuffix(s, []byte("\r")))
		d.n = copy(d.wait[:], s[n:])
		return appendEscapes(dst, s[:n])
	}
	k := len(text)
	switch {
	case k > 0 && text[k-1] == '=':
		k--
	case k == len(s) && k > 1 && text[k-2] == '=' && unhex(text[k-1]) >= 0:
		k -= 2
	}
	d.n = copy(d.wait[:], s[k:])
	return appendEscapes(dst, s[:k])
}

// split cuts the white space off the end of a line. long says that it is too long to be cut off.
func (d *quotedPrintableDecoder) split(s []byte) (text []byte, long bool) {
	text = bytes.TrimRight(s, " \t\r")
	return text, len(s)-len(text) > maxBlanks || d.blank && len(text) == 0
}

// flush decodes what waits at the end of the input.
func (d *quotedPrintableDecoder) flush(dst []byte) []byte {
	text := bytes.TrimRight(d.wait[:d.n], " \t\r")
	d.n = 0
	return appendEscapes(dst, bytes.TrimSuffix(text, []byte("=")))
}

// appendEscapes decodes text in which there is no soft line break.
func appendEscapes(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '=')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		s = s[i+1:]
		if len(s) >= 2 {
			if h, l := unhex(s[0]), unhex(s[1]); h >= 0 && l >= 0 {
				dst = append(dst, byte(h<<4|l))
				s = s[2:]
				continue
			}
		}
		dst = append(dst, '=')
	}
}
