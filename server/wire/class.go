package wire

// class is a set of bytes.
type class [256]bool

// RFC 3501, 9: the classes of its grammar. An astring and a list pattern may also hold 8-bit bytes here, since clients
// send mailbox names and passwords so.
var (
	atomChar    = printable("(){%*\"\\]")
	astringChar = printable("(){%*\"\\").with8bit()
	listChar    = printable("(){\"\\").with8bit()
	tagChar     = printable("(){%*\"\\+")
	textChar    = quotable()
	digit       = only("0123456789")
	wordChar    = only("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.")
)

// printable is ASCII without controls, space and the bytes in except.
func printable(except string) *class {
	var c class
	for b := '!'; b <= '~'; b++ {
		c[b] = true
	}
	for _, b := range []byte(except) {
		c[b] = false
	}
	return &c
}

// quotable is what a quoted string may hold unescaped. NUL is out; 8-bit bytes are in, as they come.
func quotable() *class {
	var c class
	for b := 1; b < 256; b++ {
		c[b] = b != '\r' && b != '\n' && b != '"' && b != '\\'
	}
	return &c
}

func only(bytes string) *class {
	var c class
	for _, b := range []byte(bytes) {
		c[b] = true
	}
	return &c
}

func (c *class) with8bit() *class {
	for b := 0x80; b < 256; b++ {
		c[b] = true
	}
	return c
}
