package message

import "strconv"

// structureWriter writes BODYSTRUCTURE for a parsed tree.
type structureWriter struct {
	*parser
	addresses addressParser
	out       []byte
	next      int // index of the facts of the part that is written next
}

// part writes one part and what is inside it. RFC 3501, 7.4.2.
func (w *structureWriter) part(p *Part) {
	f := &w.facts[w.next]
	w.next++
	fields := w.found[f.from:f.to]
	w.out = append(w.out, '(')
	if p.Kind == Multipart {
		w.multipart(p, f, fields)
	} else {
		w.single(p, f, fields)
	}
	w.out = append(w.out, ')')
}

// emptyPart stands in a multipart without parts, which the grammar does not know.
const emptyPart = `("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)`

func (w *structureWriter) multipart(p *Part, f *facts, fields []found) {
	for i := range p.Children {
		w.part(&p.Children[i])
	}
	if len(p.Children) == 0 {
		w.out = append(w.out, emptyPart...)
	}
	w.out = append(w.out, ' ')
	w.out = appendString(w.out, f.media.sub)
	w.out = append(w.out, ' ')
	w.out = appendParams(w.out, f.media.params, false)
	w.extension(fields)
}

func (w *structureWriter) single(p *Part, f *facts, fields []found) {
	w.out = appendString(w.out, f.media.main)
	w.out = append(w.out, ' ')
	w.out = appendString(w.out, f.media.sub)
	w.out = append(w.out, ' ')
	text := f.media.is(wordText, nil)
	w.out = appendParams(w.out, f.media.params, text && f.media.param(wordCharset) == nil)
	w.out = append(w.out, ' ')
	w.out = appendFieldText(w.out, first(fields, fieldID))
	w.out = append(w.out, ' ')
	w.out = appendFieldText(w.out, first(fields, fieldDescription))
	w.out = append(w.out, ' ')
	w.out = appendString(w.out, f.encoding)
	w.out = append(w.out, ' ')
	w.out = strconv.AppendInt(w.out, p.End-p.Body, 10)
	if p.Kind == Rfc822 {
		inner := &w.facts[w.next]
		w.out = append(w.out, ' ')
		w.out = w.addresses.appendEnvelope(w.out, w.found[inner.from:inner.to])
		w.out = append(w.out, ' ')
		w.part(&p.Children[0])
	}
	if text || p.Kind == Rfc822 {
		w.out = append(w.out, ' ')
		w.out = strconv.AppendInt(w.out, int64(f.lines), 10)
	}
	w.out = append(w.out, ' ')
	w.out = appendFieldText(w.out, first(fields, fieldMD5))
	w.extension(fields)
}

// extension writes disposition, language and location.
func (w *structureWriter) extension(fields []found) {
	w.out = append(w.out, ' ')
	w.out = appendDisposition(w.out, fields)
	w.out = append(w.out, ' ')
	w.out = appendLanguage(w.out, first(fields, fieldLanguage))
	w.out = append(w.out, ' ')
	w.out = appendFieldText(w.out, first(fields, fieldLocation))
}

// appendParams writes a parameter list, with the charset that text has by default when asked to.
func appendParams(dst []byte, params []param, usASCII bool) []byte {
	if len(params) == 0 && !usASCII {
		return append(dst, "NIL"...)
	}
	sep := byte('(')
	for _, p := range params {
		dst = append(dst, sep)
		dst = appendString(dst, p.name)
		dst = append(dst, ' ')
		dst = appendString(dst, p.value)
		sep = ' '
	}
	if usASCII {
		dst = append(dst, sep)
		dst = append(dst, `"charset" "us-ascii"`...)
	}
	return append(dst, ')')
}

// appendDisposition writes Content-Disposition (RFC 2183): of several fields the first one with
// parameters, or else the last.
func appendDisposition(dst []byte, fields []found) []byte {
	var kind []byte
	var params []param
	for i := range fields {
		if fields[i].kind == fieldDisposition && len(params) == 0 {
			l := lexer{s: fields[i].value}
			l.skip()
			kind, params = l.token(), parseParams(&l)
		}
	}
	if kind == nil {
		return append(dst, "NIL"...)
	}
	dst = append(dst, '(')
	dst = appendString(dst, kind)
	dst = append(dst, ' ')
	dst = appendParams(dst, params, false)
	return append(dst, ')')
}

// maxLanguages bounds the languages listed for one part.
const maxLanguages = 100

// appendLanguage writes the tags of a Content-Language. RFC 3282.
func appendLanguage(dst, value []byte) []byte {
	l := lexer{s: value}
	sep := byte('(')
	for n := 0; n < maxLanguages; n++ {
		l.skip()
		if tag := l.token(); len(tag) > 0 {
			dst = append(dst, sep)
			dst = appendString(dst, tag)
			sep = ' '
			l.skip()
		}
		if !l.take(',') {
			break
		}
	}
	if sep == '(' {
		return append(dst, "NIL"...)
	}
	return append(dst, ')')
}
