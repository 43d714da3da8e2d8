package server

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// errUnknownCTE: RFC 3516, 4.3: the encoding of a part that was asked for is unknown.
var errUnknownCTE = errors.New("unknown content transfer encoding")

// binarySection reads a section after "BINARY[" or "BINARY.PEEK[": [section-part] "]"
// and a partial range of the decoded bytes. RFC 3516, 7.
func (s *session) binarySection(it *fetchItem) error {
	if err := s.binaryPath(it, "BINARY["); err != nil {
		return err
	}
	return s.partial(it)
}

// binarySizeSection reads a section after "BINARY.SIZE[".
func (s *session) binarySizeSection(it *fetchItem) error { return s.binaryPath(it, "BINARY.SIZE[") }

func (s *session) binaryPath(it *fetchItem, label string) error {
	label, err := s.sectionSpec(it, label)
	if err != nil {
		return err
	}
	if it.section.Kind != message.Whole {
		return &wire.SyntaxError{Text: "Only parts have a binary form"}
	}
	it.label = label + "]"
	return s.wire.Expect(']')
}

// binaryPart is where in a message the part of a BINARY item is.
type binaryPart struct {
	from, to int64
	encoding message.Encoding
}

// locateBinary finds what the BINARY items ask for in the message at hand. A part
// that is not there is empty, as a body section is.
func (f *fetch) locateBinary(msg *backend.Message) error {
	root, err := message.DecodeParts(msg.Parts)
	if err != nil {
		return fmt.Errorf("%w: parts of message %d", backend.ErrCorrupt, msg.ID)
	}
	for i := range f.items {
		it := &f.items[i]
		if !it.row.binary {
			continue
		}
		p := &it.part
		p.from, p.to, p.encoding, _ = root.LocateBinary(it.section.Path)
		if p.encoding == message.Unknown {
			return errUnknownCTE
		}
	}
	return nil
}

// binaryReader decodes a part of a message piece by piece. It may be copied: the
// copy goes on from the same place.
type binaryReader struct {
	decode message.Decoder
	at, to int64 // bytes of the message that are still to be decoded
	done   int64 // bytes decoded before the next piece
}

// next decodes one more piece behind f.piece[:0]; nothing is left after it when
// r.at is r.to.
func (f *fetch) next(r *binaryReader, row *backend.Row) (err error) {
	end := min(r.at+streamBytes, r.to)
	if f.scratch, err = f.s.view.AppendBytes(f.scratch[:0], row, r.at, end); err != nil {
		return err
	}
	if len(f.scratch) != int(end-r.at) {
		return backend.ErrNotFound
	}
	f.piece = r.decode.Append(f.piece[:0], f.scratch)
	if r.at = end; r.at == r.to {
		f.piece = r.decode.Flush(f.piece)
	}
	r.done += int64(len(f.piece))
	return nil
}

// binaryRange is what is known of a range of decoded bytes before it is written.
type binaryRange struct {
	from, to int64
	nul      bool         // there is a NUL in it
	begin    binaryReader // before the piece in which it begins
	held     []byte       // all of it, if that is not much
}

// measure decodes a part up to the end of a range, or of the part, and cuts the
// range to what there is.
func (f *fetch) measure(r binaryReader, row *backend.Row, g *binaryRange) error {
	g.begin, g.held = r, g.held[:0]
	before, end := r, int64(0)
	for end = r.done; r.at < r.to && end < g.to; end = r.done {
		before = r
		if err := f.next(&r, row); err != nil {
			return err
		}
		if r.done <= g.from {
			g.begin = r
			continue
		}
		piece := g.cut(f.piece, before.done)
		g.nul = g.nul || bytes.IndexByte(piece, 0) >= 0
		if len(g.held)+len(piece) <= streamBytes {
			g.held = append(g.held, piece...)
		}
	}
	g.to = min(g.to, end)
	g.from = min(g.from, g.to)
	f.s.binary.keep(row, before)
	return nil
}

// cut gives what of a piece that begins at start lies in the range.
func (g *binaryRange) cut(piece []byte, start int64) []byte {
	n := int64(len(piece))
	return piece[min(max(g.from-start, 0), n):min(max(g.to-start, 0), n)]
}

// openBinary is a reader of an item's part, as near before offset as can be.
func (f *fetch) openBinary(it *fetchItem, row *backend.Row, offset int64) binaryReader {
	p := &it.part
	r := binaryReader{decode: message.Decoder{Encoding: p.encoding}, at: p.from, to: p.to}
	if p.encoding == message.Identity {
		r.done = min(offset, r.to-r.at)
		r.at += r.done
		return r
	}
	return f.s.binary.resume(row, r, offset)
}

// writeBinary appends the decoded bytes of a part: as a literal8 if there is a NUL
// in them, else as a literal, which says that there is none (RFC 3516, 4.3).
func writeBinary(f *fetch, b []byte, it *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	g := binaryRange{to: math.MaxInt64, held: f.held}
	if it.partial {
		g.from, g.to = it.offset, it.offset+min(it.count, math.MaxInt64-it.offset)
	}
	if err := f.measure(f.openBinary(it, row, g.from), row, &g); err != nil {
		return b, err
	}
	f.held = g.held
	b = append(append(b, it.label...), ' ')
	if g.nul {
		b = append(b, '~')
	}
	b = wire.AppendLiteralHeader(b, g.to-g.from)
	if int64(len(g.held)) == g.to-g.from {
		return append(b, g.held...), nil
	}
	return f.streamBinary(b, row, &g)
}

// streamBinary sends a range that is too large to be held, piece by piece.
func (f *fetch) streamBinary(b []byte, row *backend.Row, g *binaryRange) ([]byte, error) {
	for r := g.begin; r.at < r.to && r.done < g.to; {
		start := r.done
		if err := f.next(&r, row); err != nil {
			return b, err
		}
		f.streaming = true
		if err := f.s.end(append(b, g.cut(f.piece, start)...)); err != nil {
			return b, err
		}
		b = f.s.begin()
	}
	return b, nil
}

// writeBinarySize appends how many bytes writeBinary would send.
func writeBinarySize(f *fetch, b []byte, it *fetchItem, row *backend.Row, _ *backend.Message) ([]byte, error) {
	g := binaryRange{to: math.MaxInt64, held: f.held}
	if err := f.measure(f.openBinary(it, row, 0), row, &g); err != nil {
		return b, err
	}
	f.held = g.held
	return strconv.AppendInt(append(append(b, it.label...), ' '), g.to, 10), nil
}

// binaryPlace is where a session last stopped decoding a large part: a client that
// fetches one range by range does not make the server begin anew each time.
type binaryPlace struct {
	message backend.MessageID
	binaryReader
}

func (p *binaryPlace) keep(row *backend.Row, r binaryReader) {
	if r.done > 0 && r.decode.Encoding != message.Identity {
		*p = binaryPlace{row.Message, r}
	}
}

// resume gives the reader that was kept if it is of use for r and offset.
func (p *binaryPlace) resume(row *backend.Row, r binaryReader, offset int64) binaryReader {
	if p.message != row.Message || p.to != r.to || p.at <= r.at || p.done > offset || p.decode.Encoding != r.decode.Encoding {
		return r
	}
	return p.binaryReader
}
