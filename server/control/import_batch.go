package control

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"satchel/backend"
)

// Bounds of the messages that share a commit.
const (
	batchMessages = 512
	batchBytes    = 4 << 20
)

// Add implements Import.
func (i *localImport) Add(m *Message, body io.Reader) error {
	if err := i.failure(); err != nil {
		return err
	}
	spool := i.newSpool()
	spool.Grow(m.Size)
	src := &source{r: body}
	_, err := spool.ReadFrom(src)
	if err != nil || src.err != nil {
		spool.Close()
		if src.err == nil && !errors.Is(err, backend.ErrTooBig) {
			return fmt.Errorf("import: %w", err)
		}
		i.bad.AddBad(m.Name, errors.Join(src.err, err).Error())
		return nil
	}
	in := &backend.Incoming{Flags: m.Flags, Keywords: atoms(m.Keywords), Date: m.Date, Body: spool, UID: m.UID, ImportKey: m.Key}
	if i.feed != nil {
		in.ImportKey, in.ImportState = i.feed.Key(m.UID), backend.SourceState(m.Flags, m.Keywords)
	}
	if i.batch == nil {
		i.batch = &backend.Batch{From: i.from}
	}
	i.batch.Add(in)
	i.msgs, i.bytes = append(i.msgs, in), i.bytes+spool.Size()
	if len(i.msgs) < batchMessages && i.bytes < batchBytes {
		return nil
	}
	i.send()
	return nil
}

// atoms gives the keywords that IMAP can say (RFC 3501, 9: flag-keyword is an atom); others are left out.
func atoms(keywords []string) []string {
	odd := func(k string) bool {
		return k == "" || strings.ContainsFunc(k, func(r rune) bool {
			return r <= ' ' || r >= 0x7f || strings.ContainsRune(`(){%*"\]`, r)
		})
	}
	if !slices.ContainsFunc(keywords, odd) {
		return keywords
	}
	return slices.DeleteFunc(slices.Clone(keywords), odd)
}

// source remembers that it was reading the message, not writing it, that failed.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
		err = io.EOF
	}
	return n, err
}

func (i *localImport) send() {
	if i.batch != nil {
		i.read <- filledBatch{i.batch, i.msgs}
		i.batch, i.msgs, i.bytes = nil, nil, 0
	}
}

type filledBatch struct {
	*backend.Batch
	msgs []*backend.Incoming
}

// commit stores the batches.
func (i *localImport) commit() {
	defer close(i.done)
	for b := range i.read {
		if i.failure() == nil {
			i.store(b)
		}
		b.Close()
	}
}

func (i *localImport) store(b filledBatch) {
	stripped := 0
	uids, err := i.account.AppendBatch(i.mailbox, b.Batch)
	if errors.Is(err, backend.ErrLimit) {
		stripped = strip(b.msgs)
		uids, err = i.account.AppendBatch(i.mailbox, b.Batch)
	}
	if err != nil {
		i.fail(err)
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.tally.Stripped += stripped
	for n, uid := range uids {
		if uid == 0 {
			i.tally.Present++
			continue
		}
		i.tally.New++
		i.tally.Bytes += b.msgs[n].Body.Size()
	}
}

// strip takes the keywords of messages away, where the mailbox has as many as it can have. It counts those that had any.
func strip(msgs []*backend.Incoming) (n int) {
	for _, m := range msgs {
		if len(m.Keywords) > 0 {
			n++
		}
		m.Keywords = nil
	}
	return n
}

func (i *localImport) fail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.err == nil {
		i.err = err
	}
}

func (i *localImport) failure() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.err
}
