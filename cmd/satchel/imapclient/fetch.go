package imapclient

import (
	"errors"
	"io"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// Fetching says what Fetch does with what comes.
type Fetching struct {
	Limit int64 // how large a message may be, in bytes

	// Each gets a message that has come as a whole, with its body, which is good until Each returns; nil when the server
	// has none for it, or an empty one in spite of its size. An error ends it all: the connection is of no more use.
	Each func(m *Message, body io.Reader) error
	// Done is called after each batch. why tells that the server would not fetch it, or not whole.
	Done func(batch []backend.UID, why *StatusError)
}

// Fetch fetches messages of the open folder, a command for each batch of ascending UIDs, one after the other: given two at
// once, Dovecot mixes its answers, and messages whose UIDs do not ascend cannot keep them. ErrTooLarge when a message is
// above the limit; a StatusError when the server has had enough for now.
func (c *Client) Fetch(batches [][]backend.UID, do Fetching) error {
	f := &fetcher{Client: c, Fetching: do}
	defer f.spool.close()
	for _, batch := range batches {
		set := string(wire.AppendSet(nil, batch))
		err := c.command(f.response, "UID FETCH", set, "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")
		var no *StatusError
		if err != nil && !c.Refused(err) {
			return err
		}
		if errors.As(err, &no) {
			if _, throttled := no.Throttled(); throttled {
				return no // nothing is wrong with the messages
			}
		}
		do.Done(batch, no)
	}
	return nil
}

// fetcher is a Fetch under way.
type fetcher struct {
	*Client
	Fetching
	m     Message
	spool spool
}

// response takes a FETCH response. One without a body tells of flags that others have changed.
func (f *fetcher) response(name string, _ uint32) bool {
	if name != "FETCH" {
		return false
	}
	f.m.reset()
	came, body, size := false, io.Reader(nil), int64(0)
	f.items(&f.m, func() {
		came = true
		body, size = f.body()
	})
	if size == 0 && f.m.Size > 0 {
		body = nil
	}
	if came && f.err == nil && f.m.UID != 0 {
		if err := f.Each(&f.m, body); err != nil {
			f.fail(err)
		}
	}
	return true
}

// body spools the body of a message, which may come before all that goes with it: a literal as a rule, a string or NIL
// from some servers.
func (f *fetcher) body() (body io.Reader, size int64) {
	switch f.peek() {
	case '{', '~':
		n := f.literal()
		if n > f.Limit {
			f.fail(ErrTooLarge)
		}
		if f.err != nil {
			return nil, 0
		}
		body, err := f.spool.fill(f.in, n)
		if err != nil {
			f.fail(err)
		}
		return body, n
	case '"':
		s := f.quoted()
		return strings.NewReader(s), int64(len(s))
	}
	f.value(1)
	return nil, 0
}
