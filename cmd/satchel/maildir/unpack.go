package maildir

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that unpacking takes.
const maxWindow = 128 << 20

// packings are what Dovecot's plugins may have made of a message, by the first bytes of its file; those without open are named
// and left out.
var packings = []struct {
	name, magic string
	open        func(io.Reader) (io.ReadCloser, error)
}{
	{"gzip", "\x1f\x8b", func(r io.Reader) (io.ReadCloser, error) { return gzip.NewReader(r) }},
	{"bzip2", "BZh91AY&SY", func(r io.Reader) (io.ReadCloser, error) { return io.NopCloser(bzip2.NewReader(r)), nil }},
	{"zstd", "\x28\xb5\x2f\xfd", openZstd},
	{"xz", "\xfd7zXZ\x00", nil},
	{"LZ4", "Dovecot-LZ4\x0d\x2a\x9b\xc5", nil},
	{"mail_crypt", "CRYPTED\x03\x07", nil},
}

func openZstd(r io.Reader) (io.ReadCloser, error) {
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// unpack gives the message that a file holds, and whether it was packed.
func unpack(file io.Reader) (text io.ReadCloser, packed bool, err error) {
	in := bufio.NewReader(file)
	head, _ := in.Peek(16) // a short file is looked at as far as it goes
	for _, p := range packings {
		switch {
		case !bytes.HasPrefix(head, []byte(p.magic)):
		case p.open == nil:
			return nil, true, fmt.Errorf("it is packed by %s, which only Dovecot can undo: import it over IMAP", p.name)
		default:
			text, err = p.open(in)
			return text, true, err
		}
	}
	return io.NopCloser(in), false, nil
}
