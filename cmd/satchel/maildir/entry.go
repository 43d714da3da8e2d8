package maildir

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Path is the message's file.
func (e *Entry) Path() string { return e.path }

// Open gives the message's bytes in wire form, good until another entry of the folder is opened. The caller closes it.
func (e *Entry) Open() (io.ReadCloser, error) {
	f, err := os.Open(e.path)
	if err != nil {
		return nil, fmt.Errorf("open message: %w", err)
	}
	text, packed, err := unpack(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open message: %w", err)
	}
	o := &opened{text, text, f}
	if !isRaw(filepath.Base(e.path), e.Size, packed) {
		e.wire.Reset(text)
		o.Reader = e.wire
	}
	return o, nil
}

// opened reads through what a file's bytes go through, and closes all.
type opened struct {
	io.Reader
	text io.Closer
	file *os.File
}

func (o *opened) Close() error { return errors.Join(o.text.Close(), o.file.Close()) }
