package message

import (
	"crypto/sha256"
	"encoding/binary"
)

// ID stands for a Message-ID in comparisons: two are equal when their IDs are, whatever quoting they
// came in (RFC 5256, 3, REFERENCES). It is the beginning of a SHA-256, so nobody can make a message
// whose ID is that of a given other one. 0 is no Message-ID.
type ID uint64

// idReader reads the Message-IDs of a Message-ID, In-Reply-To or References field (RFC 5322, 3.6.4 and
// 4.5.4), and steps over all else.
type idReader struct {
	lexer
	text []byte
}

// next gives the next valid Message-ID, 0 at the end of the field.
func (r *idReader) next() ID {
	for {
		r.toNext('<')
		if r.end() {
			return 0
		}
		if r.read() {
			sum := sha256.Sum256(r.text)
			return ID(max(binary.BigEndian.Uint64(sum[:]), 1))
		}
	}
}

// read reads what stands between angle brackets into text, without quotes and white space. It is
// false, at the place where that shows, for what is no Message-ID.
func (r *idReader) read() bool {
	r.text = r.text[:0]
	at := 0 // where in text the "@" is
	for {
		switch c := r.peek(); {
		case r.end() || c == '<':
			return false
		case c == '>':
			r.at++
			return at > 0 && at < len(r.text)-1
		case c == '"':
			word, ok := r.quoted()
			if !ok {
				return false
			}
			r.text = append(r.text, word...)
		case isSpace(c):
			r.at++
		default:
			if c == '@' {
				at = len(r.text)
			}
			r.text = append(r.text, c)
			r.at++
		}
	}
}
