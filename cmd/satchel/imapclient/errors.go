package imapclient

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"satchel/server/printable"
)

// ErrProtocol says that a server does not speak IMAP as it should; the connection is of no more use.
var ErrProtocol = errors.New("the server's answer cannot be understood")

// ErrTooLarge says that a message is larger than the limit; the connection is of no more use, for it would have to be read.
var ErrTooLarge = errors.New("the message is larger than the limit")

// ErrUnfit says that there is something about one folder for which it cannot be read; the connection is good for others.
var ErrUnfit = errors.New("the folder cannot be read")

// ErrUnsure says that a server does not say the same in two ways of asking.
var ErrUnsure = errors.New("the server contradicts itself")

// Status is what a server said of a command, of itself or of the connection.
type Status struct {
	Name string // OK, NO, BAD, BYE or PREAUTH
	Code string // of the response code, in capitals; "" for none
	Args string // what follows it in the brackets
	Text string // for people, without control characters
}

// StatusError is a command that failed, or a server that says goodbye.
type StatusError struct{ Status }

func (e *StatusError) Error() string {
	if e.Text == "" {
		return "the server says " + e.Name
	}
	return "the server says: " + e.Text
}

// Goodbye reports that the server ends the connection.
func (e *StatusError) Goodbye() bool { return e.Name == "BYE" }

// suggested is what Exchange says when it throttles: "Suggested Backoff Time: 92415 milliseconds".
var suggested = regexp.MustCompile(`(?i)backoff time: (\d{1,9}) milliseconds`)

// Throttled reports that the server has had enough for now. wait is how long it wants to be left alone, 0 when it does not
// say. RFC 5530 has LIMIT, INUSE and UNAVAILABLE; Gmail says OVERQUOTA, others have words of their own.
func (e *StatusError) Throttled() (wait time.Duration, ok bool) {
	if m := suggested.FindStringSubmatch(e.Text); m != nil {
		ms, _ := strconv.Atoi(m[1]) // at most nine digits
		return time.Duration(ms) * time.Millisecond, true
	}
	switch e.Code {
	case "LIMIT", "INUSE", "UNAVAILABLE", "OVERQUOTA", "THROTTLED":
		return 0, true
	}
	return 0, e.says("throttl", "bandwidth", "too many", "rate limit", "try again later")
}

// Busy reports that the server cannot do now what it was asked, and is there for other things, as far as it says: one folder
// may be in use or out of reach. It has not had enough then, though Throttled reports so.
func (e *StatusError) Busy() bool {
	wait, throttled := e.Throttled()
	one := e.Code == "INUSE" || e.Code == "UNAVAILABLE" || e.Code == ""
	return throttled && one && wait == 0 && !e.Goodbye() && !e.says("throttl", "bandwidth", "too many", "rate limit")
}

// says looks for words in the text.
func (e *StatusError) says(any ...string) bool {
	text := strings.ToLower(e.Text)
	return slices.ContainsFunc(any, func(words string) bool { return strings.Contains(text, words) })
}

// maxText bounds what is shown of what a server says.
const maxText = 300

// Printable makes text of a server fit for a terminal.
func Printable(s string) string { return printable.Text(s, maxText) }

// trouble notes why the connection is of no more use.
func (r *reader) trouble(what string) error {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrProtocol, what)
	}
	return r.err
}
