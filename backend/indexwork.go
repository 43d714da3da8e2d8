package backend

import (
	"context"
	"errors"

	"satchel/backend/extract"
	"satchel/backend/message"
	"satchel/storage"
	"satchel/storage/terms"
)

const (
	indexRead  = 1 << 20  // bytes of mail read at a time
	indexBatch = 512      // messages read at a time
	indexLarge = 16 << 20 // bytes of memory that are written as one segment
)

// indexSome indexes the messages that follow, up to a segment's worth, merges segments
// when no more follow, and reports whether there is more to do. between is called now
// and then; its error ends the work.
func (a *Account) indexSome(between func() error) (more bool, err error) {
	a.texts.work.Lock()
	defer a.texts.work.Unlock()
	x, err := a.searchIndex()
	if err != nil {
		return false, err
	}
	a.noteBehind(x)
	defer a.noteBehind(x)
	w := indexWork{mail: a.mail, builder: terms.NewBuilder(), attached: attached{account: a, use: extract.ToIndex, ctx: context.Background()}}
	w.scratch.Extract = w.attached.extract()
	first := x.Covered()
	last, more, err := w.collectAfter(first, between)
	if err != nil { // mail.db's
		return false, err
	}
	if last > first {
		if err = x.Add(w.builder, first, last); err == nil {
			a.backend.meters.indexed.Add(uint64(last - first))
			err = between()
		}
	}
	if err == nil && !more {
		more, err = x.Merge(a.alive, between)
	}
	if errors.Is(err, storage.ErrErased) {
		return true, nil // from the first message on
	}
	if err != nil {
		return true, a.mend(x, err)
	}
	return more, nil
}

// noteBehind notes how much there is to do, for Stats.
func (a *Account) noteBehind(x *storage.SearchIndex) {
	if last, err := a.mail.LastMessage(); err == nil {
		a.texts.behind.Store(int64(last) - int64(x.Covered()))
	}
}

// alive is the set of messages that are still there. Its errors are mail.db's: the
// index must not be erased for them.
func (a *Account) alive(first, last MessageID) (*terms.Set, error) {
	set, err := a.mail.MessagesWithin(first, last)
	if errors.Is(err, storage.ErrCorrupt) {
		err = errors.New(err.Error())
	}
	return set, err
}

// indexWork makes one segment.
type indexWork struct {
	mail     *storage.Mail
	builder  *terms.Builder
	scratch  message.Scratch
	attached attached
	messages []storage.Message
	ids      []storage.MessageID
	raw      []byte
	ends     []int
}

// collectAfter gives the builder the texts of a segment's worth of messages that follow
// on one, returns the last of them, and says whether others may follow.
func (w *indexWork) collectAfter(last MessageID, between func() error) (_ MessageID, more bool, err error) {
	for w.builder.Memory() < indexLarge && !w.attached.tired() {
		w.messages, err = w.mail.MessagesAfter(last, indexBatch, indexRead, storage.ColParts|storage.ColHeadText, w.messages)
		if err != nil || len(w.messages) == 0 {
			return last, false, err
		}
		if err := w.collect(); err != nil {
			return last, false, err
		}
		if cap(w.raw) > 2*indexRead {
			w.raw, w.scratch = nil, message.Scratch{Extract: w.scratch.Extract}
		}
		last = w.messages[len(w.messages)-1].ID
		if err := between(); err != nil {
			return last, false, err
		}
	}
	return last, true, nil
}

// collect gives the builder the texts of the messages at hand. It forgets those for
// which there is no time.
func (w *indexWork) collect() error {
	w.ids = w.ids[:0]
	for i := range w.messages {
		w.ids = append(w.ids, w.messages[i].ID)
	}
	var err error
	w.raw, w.ends, err = w.mail.AppendMessages(w.raw[:0], w.ids, w.ends[:0])
	if errors.Is(err, storage.ErrCorrupt) {
		return w.collectEach()
	}
	if err != nil {
		return err
	}
	from := 0
	for i := range w.messages {
		w.add(&w.messages[i], w.raw[from:w.ends[i]])
		if from = w.ends[i]; w.attached.tired() {
			w.messages = w.messages[:i+1]
			break
		}
	}
	return nil
}

// collectEach is collect where a message among them is damaged.
func (w *indexWork) collectEach() (err error) {
	for i := range w.messages {
		m := &w.messages[i]
		w.raw, err = w.mail.AppendBytes(w.raw[:0], m.ID, 0, int64(m.Size))
		if err != nil && !errors.Is(err, storage.ErrCorrupt) && !errors.Is(err, storage.ErrNotFound) {
			return err
		}
		w.add(m, w.raw) // a damaged one is shorter than it should be
	}
	return nil
}

// add gives the builder the texts of a message. One that cannot be read may have any
// text: searches look at it themselves, and meet what is wrong with it.
func (w *indexWork) add(m *storage.Message, raw []byte) {
	w.builder.Begin(int64(m.ID))
	root, err := message.DecodeParts(m.Parts)
	if err != nil || len(raw) != int(m.Size) {
		w.builder.Skip()
		return
	}
	w.attached.begin(m.ID)
	w.scratch.Texts(raw, &root, true, func(p message.Piece) bool {
		field := terms.Body
		if p.Header {
			field = terms.Headers
		}
		w.builder.Add(field, p.Text, p.End)
		return true
	})
	message.EachHeadText(m.HeadText, func(f message.HeadField, text []byte) {
		w.builder.Add(headFields[f], text, true)
	})
	if w.attached.err != nil {
		w.builder.Skip()
	}
}

// headFields are the index's names of the fields that have keys of their own.
var headFields = [...]terms.Field{
	message.From: terms.From, message.To: terms.To, message.Cc: terms.Cc, message.Bcc: terms.Bcc, message.Subject: terms.Subject,
}
