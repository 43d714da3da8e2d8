package inflate

// windowSize is how far back DEFLATE may refer. An inflater begins with less, and has this much once that many bytes
// went through it.
const (
	windowSize  = 32 << 10
	windowStart = 1 << 10
)

// remember puts decoded bytes into the window.
func (z *Reader) remember(p []byte) {
	for _, b := range p {
		z.put(b)
	}
}

func (z *Reader) put(b byte) {
	if z.total >= len(z.window) && len(z.window) < windowSize {
		z.grow()
	}
	z.window[z.total&(len(z.window)-1)] = b
	z.total++
}

// grow doubles the window, which is full and has not come round yet.
func (z *Reader) grow() {
	size := max(windowStart, 2*len(z.window))
	var wider []byte
	if size == windowSize {
		wider = z.wholeWindow()
	} else {
		wider = make([]byte, size)
	}
	copy(wider, z.window)
	z.window = wider
}

// match copies what is left of a match, as far as it fits.
func (z *Reader) match(p []byte) int {
	n := min(len(p), z.left)
	for i := range p[:n] {
		b := z.window[(z.total-z.dist)&(len(z.window)-1)]
		p[i] = b
		z.put(b)
	}
	if z.left -= n; z.left == 0 {
		z.state = inBlock
	}
	return n
}
