// Package imapsync brings the mail of an account over from another IMAP server, again and again until the last day.
//
// It owns what that takes: which folders come and under which names, which of their messages are new, have other flags or
// have gone, in which order they are fetched, what is tried again and when a server is left alone for a while. What is
// known from earlier runs is kept with the account, so that each brings the difference and may be broken off at any time.
//
// It never changes anything at the server, which it reaches by imapclient alone, nor what was changed in the account,
// which it reaches by control alone. It holds a few bytes for each message that is to come, and no text of one. Passwords
// and terminals are its caller's: a Report is told what happens.
//
// A Source and its Plan belong to one goroutine.
package imapsync

import (
	"context"
	"fmt"

	"satchel/cmd/satchel/imapclient"
	"satchel/server/control"
)

// Server is where mail comes from.
type Server struct {
	imapclient.Config
	User  string                         // whose mail it is there
	Login func(*imapclient.Client) error // for each connection
}

// Report is told what happens.
type Report interface {
	// Line is for what somebody who watches should know at once. It is fit for a terminal.
	Line(format string, args ...any)
	// Looked says of how many folders it is known what has to be done.
	Looked(done, all int)
	// Message says that a new message came or cannot come, of so many of the bytes of Plan.Total.
	Message(bytes int64)
	// Size writes a number of bytes as it is to be read.
	Size(bytes int64) string
}

// Options say what is brought, and where it goes.
type Options struct {
	Account string
	// Name is where a folder goes that has not been brought over before and is not merged.
	Name func(folder string) string
	// Merge lets folders for sent mail, drafts and so on go into those of the account, whatever they are called there.
	Merge bool

	Folders, Exclude []string // patterns with * and ?, of folders with those below them; no Folders: all
	Delete           bool     // remove what was brought over and has been removed there since
	SkipDuplicates   bool     // a message whose Message-ID the folder here has is there
	DryRun           bool     // Prepare is not followed by Run: it renames nothing
}

// Connect reaches a server for the first time, and logs in.
func Connect(ctx context.Context, from Server, report Report) (*Source, error) {
	s := newSource(ctx, from, report)
	if err := s.try(func(*imapclient.Client) error { return nil }); err != nil {
		return nil, err
	}
	return s, nil
}

// Difference is what has to be done, of messages.
type Difference struct {
	New     int
	Bytes   int64 // of the new ones
	Present int
	Flags   int // have other flags there
	Gone    int // are to be removed
}

func (d *Difference) add(o Difference) {
	d.New += o.New
	d.Bytes += o.Bytes
	d.Present += o.Present
	d.Flags += o.Flags
	d.Gone += o.Gone
}

// Outcome is what was done.
type Outcome struct {
	control.Tally
	Changed int // messages whose flags are others now, or that were removed
}

func (o Outcome) String() string {
	text := o.Tally.String()
	if o.Changed > 0 {
		text += fmt.Sprintf(", %d changed", o.Changed)
	}
	return text
}
