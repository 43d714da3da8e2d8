package wire

import "errors"

// SyntaxError is a mistake in the text of a command. The answer is a tagged BAD with Text, which never holds bytes of the
// client, and with the response code Code when that is not empty.
type SyntaxError struct{ Code, Text string }

// Error returns the text.
func (e *SyntaxError) Error() string { return e.Text }

// ErrMailbox is returned by Mailbox for a name that cannot be decoded. It has been read like any other.
var ErrMailbox = &SyntaxError{Text: "invalid mailbox name"}

// ErrUTF8 is returned for a quoted string that is not in UTF-8 where it must be. It has been read like any other.
var ErrUTF8 = &SyntaxError{Text: "quoted string is not UTF-8"}

// ErrShutdown is returned by Wait after Shutdown: the handler returns, and the frame says BYE.
var ErrShutdown = errors.New("server is shutting down")

// errHangup ends a connection whose last words are in the output already.
var errHangup = errors.New("connection is to be closed")

// errIdle ends a connection whose client said nothing for too long.
var errIdle = errors.New("client was idle for too long")

var (
	errEnd       = &SyntaxError{Text: "unexpected end of command"}
	errLine      = &SyntaxError{Text: "command is too long"}
	errTooBig    = &SyntaxError{Code: "TOOBIG", Text: "literal is too large"}
	errLiterals  = &SyntaxError{Text: "too many literals"}
	errDepth     = &SyntaxError{Text: "parentheses are nested too deeply"}
	errUnread    = &SyntaxError{Text: "literal was not read"}
	errLiteral   = &SyntaxError{Text: "invalid literal"}
	errAtom      = &SyntaxError{Text: "expected an atom"}
	errString    = &SyntaxError{Text: "expected a string"}
	errQuoted    = &SyntaxError{Text: "invalid quoted string"}
	errNumber    = &SyntaxError{Text: "expected a number"}
	errSet       = &SyntaxError{Text: "invalid message set"}
	errFlag      = &SyntaxError{Text: "invalid flag"}
	errDate      = &SyntaxError{Text: "invalid date"}
	errTrailing  = &SyntaxError{Text: "unexpected text at the end of the command"}
	errSpace     = &SyntaxError{Text: "expected a space"}
	errDelimiter = &SyntaxError{Text: "unexpected character"}
)
