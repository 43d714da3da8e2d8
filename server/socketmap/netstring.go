package socketmap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// maxNetstring bounds a question: a line of SMTP, of which an address is a part, has 2048 bytes with Postfix.
const maxNetstring = 4096

// errNetstring says that what was read is no netstring, or too long a one.
var errNetstring = errors.New("not a netstring of at most 4096 bytes")

// readNetstring appends the contents of the next netstring, LENGTH ":" CONTENTS ",". io.EOF is the end between two.
func readNetstring(in *bufio.Reader, b []byte) ([]byte, error) {
	n, err := readLength(in)
	if err != nil {
		return b, err
	}
	at := len(b)
	b = append(b, make([]byte, n+1)...)
	if _, err := io.ReadFull(in, b[at:]); err != nil {
		return b[:at], unexpected(err)
	}
	if b[at+n] != ',' {
		return b[:at], errNetstring
	}
	return b[:at+n], nil
}

// readLength reads the digits and the colon. It gives up at the first byte that is too much.
func readLength(in *bufio.Reader) (n int, err error) {
	for digits := 0; ; digits++ {
		c, err := in.ReadByte()
		switch {
		case err != nil && digits > 0:
			return 0, unexpected(err)
		case err != nil:
			return 0, err
		case c == ':' && digits > 0:
			return n, nil
		case c < '0' || c > '9' || digits == 1 && n == 0: // a length has no leading zeros
			return 0, errNetstring
		}
		if n = 10*n + int(c-'0'); n > maxNetstring {
			return 0, errNetstring
		}
	}
}

// unexpected is the error of an end in the middle.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("read netstring: %w", io.ErrUnexpectedEOF)
	}
	return err
}

func appendNetstring(b []byte, text string) []byte {
	b = append(strconv.AppendInt(b, int64(len(text)), 10), ':')
	return append(append(b, text...), ',')
}
