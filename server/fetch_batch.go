package server

import (
	"errors"

	"satchel/backend"
)

// What is read of the database before the answers made of it go to the client is
// bounded: columns, which are far smaller than the messages whose sizes are
// summed up, and whole messages.
const (
	columnBytes = 4 << 20
	wholeBytes  = 1 << 20
)

// run answers for the selected messages, in batches: nothing of the database is
// open while bytes go to the network.
func (f *fetch) run(sel backend.Selection) error {
	for done := 0; done < sel.Len(); done += len(f.rows) {
		f.rows = f.cut(f.s.view.Rows(sel, done, backend.MaxBatch, f.rows[:0]))
		if f.asks(flagsRow) {
			if err := f.s.syncKeywords(); err != nil {
				return err
			}
		}
		if err := f.read(); err != nil {
			return err
		}
		if err := f.batch(); err != nil {
			return err
		}
	}
	return nil
}

// cut shortens a batch of which a lot is to be read. A message's size bounds what
// the columns hold of it. A message that is sent piece by piece is a batch alone.
func (f *fetch) cut(rows []backend.Row) []backend.Row {
	if f.columns == 0 && !f.whole {
		return rows
	}
	bytes, limit := uint32(0), uint32(columnBytes)
	if f.whole {
		limit = wholeBytes
	}
	for i := range rows {
		bytes += min(rows[i].Size, streamBytes)
		if bytes > limit || f.whole && rows[i].Size >= streamBytes {
			return rows[:max(i, 1)]
		}
	}
	return rows
}

// read brings in what the rows' answers need of the database.
func (f *fetch) read() (err error) {
	view := f.s.view
	if f.columns != 0 {
		if f.msgs, err = view.Messages(f.rows, f.columns, f.msgs[:0]); err != nil {
			return err
		}
	}
	for _, read := range f.reads {
		if err := read(f); err != nil {
			return err
		}
	}
	f.ends = f.ends[:0]
	if f.whole && f.rows[0].Size < streamBytes {
		f.wholes, f.ends, err = view.AppendMessages(f.wholes[:0], f.rows, append(f.ends, 0))
	}
	return err
}

// batch answers for the rows read.
func (f *fetch) batch() error {
	for i := range f.rows {
		row := &f.rows[i]
		f.at = i
		var msg *backend.Message
		if f.columns != 0 {
			if msg = &f.msgs[i]; msg.ID == 0 {
				f.gone = true
				continue
			}
		}
		if err := f.answer(row, msg); err != nil {
			return err
		}
	}
	return f.keepPreviews()
}

// answer writes the FETCH response for one message.
func (f *fetch) answer(row *backend.Row, msg *backend.Message) error {
	f.streaming = false
	b := f.s.appendFetchHead(f.s.begin(), row)
	var err error
	if f.globals {
		if err := f.openGlobals(row, msg); err != nil {
			return f.broken(err)
		}
	}
	if f.binary {
		if err = f.locateBinary(msg); err != nil {
			return f.broken(err)
		}
	}
	for i := range f.items {
		if i > 0 {
			b = append(b, ' ')
		}
		it := &f.items[i]
		if b, err = it.row.write(f, b, it, row, msg); err != nil {
			return f.broken(err)
		}
	}
	if f.tells {
		f.s.view.Fetched(row)
	}
	if f.seen && row.Flags&backend.FlagSeen == 0 {
		f.unseen = append(f.unseen, *row)
	}
	return f.s.end(append(b, ")\r\n"...))
}

// broken deals with a message that could not be read. Nothing of its answer is in
// the output yet, so it is as if it had not begun, and a message that was purged
// is passed over, as is one of which nothing can be decoded. If however a piece of
// a literal has been sent, the client waits for the rest: only closing helps.
func (f *fetch) broken(err error) error {
	switch {
	case f.streaming:
		f.s.wire.Close()
	case errors.Is(err, backend.ErrNotFound):
		f.gone = true
		return nil
	case errors.Is(err, errUnknownCTE):
		f.unknown = true
		return nil
	}
	return err
}
