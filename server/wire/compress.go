package wire

import (
	"bytes"

	"satchel/server/wire/inflate"
)

// Compress writes the output (the tagged OK is the last of it), and compresses both directions from there on with
// DEFLATE, inside of TLS if that is on. What has come already behind the command is taken for compressed. An idle
// connection then holds up to 40 KiB more, most of it outside of the heap.
func (c *Conn) Compress() error {
	if err := c.Flush(); err != nil {
		return err
	}
	var ahead []byte
	if c.in != nil {
		ahead = c.in[c.r:c.w]
	}
	c.inflate = inflate.New(transport{c}, ahead)
	c.r, c.w = 0, 0
	c.deflated.Store(true)
	return nil
}

// Compressed reports whether Compress was called.
func (c *Conn) Compressed() bool { return c.inflate != nil && !c.inflate.Stopped() }

// Uncompress writes the output (the tagged OK is the last of it) and goes on without compression in both directions. The
// client's compressed stream ends with a flush, or for good, behind the command.
func (c *Conn) Uncompress() error {
	if !c.Compressed() {
		return nil
	}
	err := c.Flush()
	c.history = nil
	c.inflate.Stop()
	c.deflated.Store(false)
	if c.inflate.Drained() {
		c.dropInflater()
	}
	return err
}

// TextFollows reports whether whole lines of plain text have come behind the command. Where compressed data are due it
// tells a client that did not wait for the answer: those always have other bytes in them.
func (c *Conn) TextFollows() bool {
	if c.inflate != nil {
		return true // behind what Uncompress ended
	}
	if c.r == c.w {
		return false
	}
	rest := c.in[c.r:c.w]
	return bytes.IndexByte(rest, '\n') >= 0 && bytes.IndexFunc(rest, notText) < 0
}

func notText(r rune) bool { return r >= 0x7f || r < ' ' && r != '\r' && r != '\n' && r != '\t' }

// recv reads what the client sends, decompressed.
func (c *Conn) recv(p []byte) (int, error) {
	if c.inflate == nil {
		return transport{c}.Read(p)
	}
	n, err := c.inflate.Read(p)
	if c.inflate.Stopped() && n > 0 && c.inflate.Drained() {
		c.dropInflater()
	}
	return n, err
}

// closeInflater is for the end of the connection: what it still says is compressed.
func (c *Conn) closeInflater() {
	if c.inflate != nil {
		c.inflate.Close()
	}
}

func (c *Conn) dropInflater() {
	if c.inflate != nil {
		c.inflate.Close()
		c.inflate = nil
	}
}
