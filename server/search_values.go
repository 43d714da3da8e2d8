package server

import (
	"errors"
	"math"
	"strings"
	"unicode/utf8"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// What search keys are followed by. Each method reads the space before it.

// either reads the two keys of OR.
func (p *searchParser) either() (*backend.Query, error) {
	one, err := p.nested()
	if err != nil {
		return nil, err
	}
	other, err := p.nested()
	if err != nil {
		return nil, err
	}
	return backend.Or(one, other), nil
}

// keyword reads SP atom, or a string, which emailjs-imap-client sends.
func (p *searchParser) keyword() (string, error) {
	if err := p.s.wire.SP(); err != nil {
		return "", err
	}
	if p.s.wire.Peek() == '"' {
		return p.s.wire.String()
	}
	return p.s.wire.Atom()
}

// size reads SP number.
func (p *searchParser) size() (int64, error) {
	if err := p.s.wire.SP(); err != nil {
		return 0, err
	}
	n, err := p.s.wire.Number64()
	return int64(n), err
}

// age reads SP nz-number, in seconds. RFC 5032, 3.
func (p *searchParser) age() (int64, error) {
	if err := p.s.wire.SP(); err != nil {
		return 0, err
	}
	n, err := p.s.wire.NZNumber()
	return int64(n), err
}

// beside reads SP uniqueid and gives the UIDs above it, or below. RFC 9738, 3.1.
func (p *searchParser) beside(above bool) ([]backend.Range, error) {
	if err := p.s.wire.SP(); err != nil {
		return nil, err
	}
	uid, err := p.s.wire.NZNumber()
	switch {
	case err != nil || above && uid == math.MaxUint32 || !above && uid == 1:
		return nil, err
	case above:
		return []backend.Range{{First: uid + 1, Last: math.MaxUint32}}, nil
	}
	return []backend.Range{{First: 1, Last: uid - 1}}, nil
}

// modSequence reads [SP entry-name SP entry-type-req] SP mod-sequence-valzer.
// RFC 7162, 3.1.5: the entry is not looked at, since all flags of a message have one
// mod-sequence; the key says that the client makes use of CONDSTORE.
func (p *searchParser) modSequence() (backend.ModSeq, error) {
	w := p.s.wire
	p.modseq = true
	if err := w.SP(); err != nil {
		return 0, err
	}
	if w.Peek() == '"' {
		if err := p.entry(); err != nil {
			return 0, err
		}
	}
	n, err := w.Number64()
	return backend.ModSeq(n), err
}

// entry reads entry-name SP entry-type-req SP.
func (p *searchParser) entry() error {
	name, err := p.s.wire.String()
	if err != nil {
		return err
	}
	if err := p.s.wire.SP(); err != nil {
		return err
	}
	kind, err := p.s.wire.Word()
	if err != nil {
		return err
	}
	if !strings.HasPrefix(strings.ToLower(name), "/flags/") || kind != "PRIV" && kind != "SHARED" && kind != "ALL" {
		return &wire.SyntaxError{Text: "Not the entry of a flag"}
	}
	return p.s.wire.SP()
}

// needle reads SP and a string, and gives it decoded and folded. RFC 6855, 3, has BAD for
// what is not in UTF-8. Jakarta Mail enables UTF8=ACCEPT and then sends Latin-1: BAD is
// the end of it, after NO it reads the messages and searches in them itself.
func (p *searchParser) needle() ([]byte, error) {
	text, err := p.s.argument()
	if errors.Is(err, wire.ErrUTF8) && !p.s.has(rev2) {
		return nil, p.s.no("BADCHARSET (UTF-8)", "The string is not in UTF-8")
	}
	if err != nil {
		return nil, err
	}
	raw := []byte(text)
	if p.charset != "" && !strings.EqualFold(p.charset, "UTF-8") {
		raw, err = message.DecodeCharset(p.charset, raw)
	}
	if err != nil || !utf8.Valid(raw) {
		return nil, &wire.SyntaxError{Text: "The string is not in the charset"}
	}
	return message.Fold(nil, raw), nil
}

// day reads SP and a date, in days since 1970.
func (p *searchParser) day() (int64, error) {
	if err := p.s.wire.SP(); err != nil {
		return 0, err
	}
	date, err := p.s.wire.Date()
	if err != nil {
		return 0, err
	}
	seconds := date.Unix() // midnight UTC
	return (seconds - ((seconds%86400)+86400)%86400) / 86400, nil
}
