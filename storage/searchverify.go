package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Verify looks whether the file still is the index that is known here: somebody may have removed or replaced it. It does
// not read the blocks, which are verified whenever they are read. ErrCorrupt when it is not.
func (x *SearchIndex) Verify() error {
	x.using.RLock()
	defer x.using.RUnlock()
	c, err := openConn(x.path, x.options)
	if err != nil {
		return x.spoiled(err)
	}
	defer c.close()
	return verify(c, x.segments)
}

// spoiled adds ErrCorrupt to an error if the file is of no use or gone.
func (x *SearchIndex) spoiled(err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) {
		return err
	}
	if _, gone := os.Stat(x.path); useless(err) || errors.Is(gone, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}

// verify makes sure that the file has segments.
func verify(c *conn, segments []segment) error {
	for i := range segments {
		if err := segments[i].verify(c); err != nil {
			return err
		}
	}
	return nil
}

// verify makes sure that the file has the segment in use.
func (s *segment) verify(c *conn) error {
	n, err := c.queryInt("SELECT count(*) FROM segment WHERE id = ? AND state = ? AND sum = ?",
		s.id, int64(segmentInUse), s.sum())
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if n != 1 {
		return fmt.Errorf("%s: %w: it is not the file that it was", c.path, ErrCorrupt)
	}
	return nil
}
