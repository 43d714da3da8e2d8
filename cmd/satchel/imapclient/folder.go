package imapclient

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"satchel/backend"
	"satchel/server/wire"
)

// State is what a server says of a folder when it is opened.
type State struct {
	Messages      uint32
	UIDValidity   uint32
	UIDNext       backend.UID
	HighestModSeq uint64 // 0 when the folder has no mod-sequences
}

// Open opens a folder for reading only. ErrUnfit when that cannot be, though the connection is good for others.
func (c *Client) Open(f *Folder) (State, error) {
	if strings.ContainsAny(f.Raw, "\r\n\x00") {
		return State{}, fmt.Errorf("%w: its name cannot be said", ErrUnfit)
	}
	c.exists = 0
	var st State
	parts := []string{"EXAMINE", string(wire.AppendQuoted(nil, f.Raw))}
	if c.Has("CONDSTORE") {
		parts = append(parts, "(CONDSTORE)")
	}
	err := c.command(func(name string, _ uint32) bool {
		if name != "OK" {
			return false
		}
		st.take(c.status(name))
		return true
	}, parts...)
	if err == nil && st.UIDValidity == 0 {
		err = fmt.Errorf("%w: the server gives it no UIDVALIDITY", ErrUnfit)
	}
	st.Messages = c.exists
	return st, err
}

func (st *State) take(s Status) {
	n, err := strconv.ParseUint(s.Args, 10, 63)
	if err != nil {
		return
	}
	switch s.Code {
	case "UIDVALIDITY":
		st.UIDValidity = uint32(n)
	case "UIDNEXT":
		st.UIDNext = backend.UID(n)
	case "HIGHESTMODSEQ":
		st.HighestModSeq = n
	}
}

// maxMessages bounds how many messages of a folder are looked at.
const maxMessages = 5_000_000

// Wanted says what List tells of each message beside its UID, flags and size.
type Wanted struct {
	ChangedSince uint64 // only messages that have changed since, or are new; 0: all
	Labels       bool   // Gmail's
	MessageID    bool
	NoSize       bool // leave the size out, for which some servers read each message, and fail at one
}

// List tells what is in the open folder. The Message is each's until it returns. A server may tell of messages twice, in any
// order. ErrUnsure when it does not tell of as many as there are: each has got those that it does tell of.
func (c *Client) List(w Wanted, each func(*Message)) error {
	if c.exists == 0 {
		return nil
	}
	items := "(UID FLAGS"
	if !w.NoSize {
		items += " RFC822.SIZE"
	}
	if w.Labels {
		items += " X-GM-LABELS"
	}
	if w.MessageID {
		items += " BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"
	}
	parts := []string{"UID FETCH 1:*", items + ")"}
	if w.ChangedSince > 0 {
		parts = append(parts, fmt.Sprintf("(CHANGEDSINCE %d)", w.ChangedSince))
	}
	var m Message
	n, told, before := 0, uint32(0), c.exists
	err := c.command(func(name string, _ uint32) bool {
		if name != "FETCH" {
			return false
		}
		m.reset()
		c.items(&m, nil)
		if n++; n > maxMessages {
			c.trouble("too many messages in a folder")
		}
		if m.UID != 0 && m.HasFlags && c.err == nil {
			told++
			each(&m)
		}
		return true
	}, parts...)
	// What has come since was not asked for, and what has gone since need not be told of.
	if there := min(before, c.exists); err == nil && w.ChangedSince == 0 && told < there {
		err = fmt.Errorf("%w: %d messages by EXISTS, %d by FETCH", ErrUnsure, there, told)
	}
	return err
}

// UIDs tells the UIDs of all messages in the open folder, ascending. ErrUnsure when they are not as many as there are: who
// removes messages by it must not err.
func (c *Client) UIDs() (list []backend.UID, err error) {
	if c.exists == 0 {
		return nil, nil
	}
	err = c.command(func(name string, _ uint32) bool {
		if name != "SEARCH" {
			return false
		}
		for c.begin(); c.peek() >= '0' && c.peek() <= '9' && len(list) < maxMessages; c.space() {
			list = append(list, backend.UID(c.number32()))
			c.begin() // a long line, of bounded count
		}
		c.eol()
		return true
	}, "UID SEARCH ALL")
	slices.Sort(list)
	list = slices.Compact(list)
	if err == nil && len(list) != int(c.exists) {
		err = fmt.Errorf("%w: %d messages by EXISTS, %d by SEARCH", ErrUnsure, c.exists, len(list))
	}
	return list, err
}
