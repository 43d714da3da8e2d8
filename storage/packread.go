package storage

import (
	"context"
	"fmt"
)

// Pack is a finished pack, or what has the tables of one. Used by one goroutine.
type Pack struct{ c *conn }

// OpenPack opens the pack at path for reading.
func OpenPack(path string) (*Pack, error) {
	c, err := openFrozen(path)
	if err != nil {
		return nil, err
	}
	return &Pack{c}, nil
}

// Close gives the file back.
func (p *Pack) Close() error { return p.c.close() }

// AppendBytes is Mail.AppendBytes for a message of the pack.
func (p *Pack) AppendBytes(dst []byte, id MessageID, from, to int64) ([]byte, error) {
	return p.c.appendBytes(dst, id, from, to, nil)
}

// Headers returns the messages of ids, in their order, with their headers; those that the pack does not have give a
// Message with ID 0. Meant for a few hundred ascending ids a call.
func (p *Pack) Headers(ids []MessageID, into []Message) ([]Message, error) {
	into = sized(into, len(ids))
	if len(ids) == 0 {
		return into, nil
	}
	err := readMessages(p.c, ids, 0, into)
	if err == nil {
		err = readHeaders(p.c, ids, into)
	}
	if err != nil {
		return nil, fmt.Errorf("read headers: %w", err)
	}
	return into, nil
}

// Check looks for damage: SQLite's own check, and with deep every byte. It returns at most 1000 problems; the error is for
// what kept it from looking.
func (p *Pack) Check(deep bool) ([]Problem, error) {
	var found problems
	err := found.sound(p.c, deep)
	if err == nil && deep {
		err = found.readAll(context.Background(), p.c)
	}
	return found, err
}
