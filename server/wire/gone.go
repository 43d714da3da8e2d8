package wire

import (
	"errors"
	"os"
	"time"
)

// glance is how long Gone may wait for the rest of a TLS record.
const glance = time.Millisecond

// Gone is why a client can no longer hear the answer to the command under way, nil as long as nothing says so. It is for
// commands that take long and have been read to the end, and does not block. What the client has sent meanwhile is kept; one
// that has sent its next command already is taken for present, since it may have closed its side only.
func (c *Conn) Gone() error {
	if c.r == c.w && !c.Broken() && readable(c.ctl) {
		c.raw.SetReadDeadline(time.Now().Add(glance))
		if n, err := c.listen(false); !errors.Is(err, os.ErrDeadlineExceeded) {
			c.received(n, err)
		}
	}
	return errors.Join(c.inErr, c.outErr)
}
