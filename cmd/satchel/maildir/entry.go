package maildir

import (
	"fmt"
	"io"
	"os"
)

// Path is the message's file.
func (e *Entry) Path() string { return e.path }

// Open gives the message's bytes in wire form, good until another entry of the folder is opened. The caller closes it.
func (e *Entry) Open() (io.ReadCloser, error) {
	f, err := os.Open(e.path)
	if err != nil {
		return nil, fmt.Errorf("open message: %w", err)
	}
	if e.raw {
		return f, nil
	}
	e.wire.Reset(f)
	return converted{e.wire, f}, nil
}

// converted reads through a conversion and closes the file under it.
type converted struct {
	io.Reader
	io.Closer
}
