package server

import (
	"errors"

	"satchel/backend"
	"satchel/server/wire"
)

// previewModifiers reads what may follow PREVIEW: SP "(" "LAZY" ")". RFC 8970, 6.
func (s *session) previewModifiers(it *fetchItem) error {
	if !s.wire.ListFollows() {
		return nil
	}
	if err := s.wire.SP(); err != nil {
		return err
	}
	return s.wire.List(func() error {
		word, err := s.wire.Word()
		if err == nil && word != "LAZY" {
			err = &wire.SyntaxError{Text: "Unknown PREVIEW modifier"}
		}
		it.lazy = true
		return err
	})
}

// writePreview appends the beginning of a message's text. RFC 8970, 3.2 and 4.1: NIL
// is only for a LAZY client, of a message whose preview is still to be made.
func writePreview(f *fetch, b []byte, it *fetchItem, row *backend.Row, msg *backend.Message) ([]byte, error) {
	b = append(b, "PREVIEW "...)
	text := msg.Preview
	if !msg.HasPreview {
		if it.lazy {
			return append(b, "NIL"...), nil
		}
		var err error
		if text, err = f.s.view.MakePreview(row); err != nil {
			return b, err
		}
		if f.made == nil {
			f.made = make(map[backend.MessageID]string)
		}
		f.made[row.Message] = text
	}
	return wire.AppendString(b, text), nil
}

// keepPreviews stores the previews that had to be made for a batch. On a full disk
// they are made anew the next time.
func (f *fetch) keepPreviews() error {
	err := f.s.view.KeepPreviews(f.made)
	clear(f.made)
	if errors.Is(err, backend.ErrFull) {
		return nil
	}
	return err
}

// writeSaveDate: RFC 8514, 4.2.
func writeSaveDate(f *fetch, b []byte, _ *fetchItem, _ *backend.Row, _ *backend.Message) ([]byte, error) {
	return wire.AppendInternalDate(append(b, "SAVEDATE "...), f.dates[f.at]), nil
}

func (f *fetch) readSaveDates() error {
	if f.dates == nil {
		f.dates = make([]int64, backend.MaxBatch)
	}
	return f.s.view.SaveDates(f.rows, f.dates)
}
