package message

import (
	"bytes"
	"encoding/base64"
	"io"
)

// BinaryPart is a part that is declared to be binary and has a NUL: IMAP can send it as it is only to
// a client that asks for BINARY. Offsets count bytes from the start of the whole message.
type BinaryPart struct {
	word, wordEnd int64 // the value of its Content-Transfer-Encoding with the line end
	body, end     int64
}

// BinaryParts lists a message's parts of this kind, in order.
func BinaryParts(raw []byte, root *Part) []BinaryPart {
	if bytes.IndexByte(raw, 0) < 0 {
		return nil
	}
	return appendBinaryParts(nil, raw, root, true)
}

func appendBinaryParts(list []BinaryPart, raw []byte, p *Part, isMessage bool) []BinaryPart {
	for i := range p.Children {
		list = appendBinaryParts(list, raw, &p.Children[i], p.Kind == Rfc822)
	}
	if p.Kind != Leaf || bytes.IndexByte(raw[p.Body:p.End], 0) < 0 {
		return list
	}
	word, end := binaryWord(raw[p.Header:p.Body], isMessage)
	if end == 0 {
		return list
	}
	return append(list, BinaryPart{p.Header + int64(word), p.Header + int64(end), p.Body, p.End})
}

// binaryWord finds the value of the first Content-Transfer-Encoding if it is "binary". In a message
// that does not say that it is MIME it means nothing (RFC 2045, 4).
func binaryWord(header []byte, isMessage bool) (word, end int) {
	mime := !isMessage
	for at := 0; ; {
		f, ok := nextField(header, at)
		if !ok {
			break
		}
		switch kindOf(f.name) {
		case fieldMIMEVersion, fieldType:
			mime = true
		case fieldEncoding:
			if end == 0 && !bytes.EqualFold(trimSpace(f.value), []byte("binary")) {
				return 0, 0
			}
			word, end = at+bytes.IndexByte(header[at:], ':')+1, f.end
		}
		at = f.end
	}
	if !mime {
		return 0, 0
	}
	return word, end
}

// WriteText writes a message with these parts of it in base64, and all else as it is (RFC 3516, 4.4).
func WriteText(w io.Writer, raw []byte, parts []BinaryPart) error {
	at := int64(0)
	for _, p := range parts {
		if err := writeAll(w, raw[at:p.word], []byte(" base64\r\n"), raw[p.wordEnd:p.body]); err != nil {
			return err
		}
		if err := writeBase64(w, raw[p.body:p.end]); err != nil {
			return err
		}
		at = p.end
	}
	return writeAll(w, raw[at:])
}

func writeAll(w io.Writer, texts ...[]byte) error {
	for _, text := range texts {
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// writeBase64 writes lines of 76 characters; the last one has no line end.
func writeBase64(w io.Writer, body []byte) error {
	const perLine = 57
	var line [78]byte
	for len(body) > 0 {
		n := min(len(body), perLine)
		text := base64.StdEncoding.AppendEncode(line[:0], body[:n])
		if body = body[n:]; len(body) > 0 {
			text = append(text, "\r\n"...)
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}
