//go:build !linux

package inflate

// wholeWindow gives z a window of the full size.
func (z *Reader) wholeWindow() []byte { return make([]byte, windowSize) }
