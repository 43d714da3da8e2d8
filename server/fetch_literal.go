package server

import (
	"fmt"

	"satchel/backend"
	"satchel/backend/message"
	"satchel/server/wire"
)

// streamBytes is how much of a message's text is in memory at once.
const streamBytes = 256 << 10

// writeSection appends a section of the message as a literal.
func writeSection(f *fetch, b []byte, it *fetchItem, row *backend.Row, msg *backend.Message) ([]byte, error) {
	b = append(append(b, it.label...), ' ')
	section := &it.section
	switch {
	case it.whole() && len(f.ends) > 0:
		return f.appendWhole(b, row)
	case section.Kind == message.Whole && len(section.Path) == 0:
		return f.appendRange(b, it, row, 0, int64(row.Size))
	case section.Kind == message.Header && len(section.Path) == 0:
		return appendLiteral(b, it.cut(msg.Header)), nil
	case section.Kind == message.HeaderFields || section.Kind == message.HeaderFieldsNot:
		return f.appendFields(b, it, row, msg)
	}
	from, to, ok, err := locate(section, msg)
	if err != nil {
		return b, err
	}
	if !ok {
		return appendLiteral(b, nil), nil
	}
	return f.appendRange(b, it, row, from, to)
}

// appendWhole appends a message that was read with the others of its batch.
func (f *fetch) appendWhole(b []byte, row *backend.Row) ([]byte, error) {
	text := f.wholes[f.ends[f.at]:f.ends[f.at+1]]
	if len(text) != int(row.Size) {
		return b, backend.ErrNotFound
	}
	return appendLiteral(b, text), nil
}

// locate finds a section by the message's part tree.
func locate(section *message.Section, msg *backend.Message) (from, to int64, ok bool, err error) {
	root, err := message.DecodeParts(msg.Parts)
	if err != nil {
		return 0, 0, false, fmt.Errorf("%w: parts of message %d", backend.ErrCorrupt, msg.ID)
	}
	from, to, ok = root.Locate(*section)
	return from, to, ok, nil
}

// appendFields appends the header fields that a section names.
func (f *fetch) appendFields(b []byte, it *fetchItem, row *backend.Row, msg *backend.Message) ([]byte, error) {
	section, header := &it.section, msg.Header
	if len(section.Path) > 0 {
		from, to, ok, err := locate(section, msg)
		if err != nil {
			return b, err
		}
		if !ok {
			return appendLiteral(b, nil), nil
		}
		if header, err = f.s.view.AppendBytes(nil, row, from, to); err != nil {
			return b, err
		}
	}
	f.scratch = message.AppendHeaderFields(f.scratch[:0], header, section.Fields, section.Kind == message.HeaderFieldsNot)
	return appendLiteral(b, it.cut(f.scratch)), nil
}

// appendRange appends the bytes [from, to) of a message, of them those that a
// partial fetch wants. What is large goes to the client piece by piece.
func (f *fetch) appendRange(b []byte, it *fetchItem, row *backend.Row, from, to int64) ([]byte, error) {
	if it.partial {
		from += min(it.offset, to-from)
		to = from + min(it.count, to-from)
	}
	b = wire.AppendLiteralHeader(b, to-from)
	for from < to {
		end := min(from+streamBytes, to)
		var err error
		if b, err = f.s.view.AppendBytes(b, row, from, end); err != nil {
			return b, err
		}
		if end < to {
			f.streaming = true
			if err := f.s.end(b); err != nil {
				return b, err
			}
			b = f.s.begin()
		}
		from = end
	}
	return b, nil
}

// cut applies a partial fetch to bytes in memory.
func (it *fetchItem) cut(text []byte) []byte {
	if !it.partial {
		return text
	}
	text = text[min(it.offset, int64(len(text))):]
	return text[:min(it.count, int64(len(text)))]
}

// appendLiteral appends bytes as a literal, whatever they are: programs take what is in quotes for no text of a
// message, even an empty one.
func appendLiteral(b, text []byte) []byte {
	return append(wire.AppendLiteralHeader(b, int64(len(text))), text...)
}
