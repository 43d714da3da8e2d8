package wire

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"satchel/server/wire/inflate"
)

// TestDeflate: pieces of every size, each of which refers to those before, are what Go's inflater makes of them, and short
// ones that say what was said before shrink.
func TestDeflate(t *testing.T) {
	c, client := pipe(t)
	c.inflate = inflate.New(c.sock, nil)
	in := flate.NewReader(client)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 400 {
		var piece []byte
		for len(piece) < 1<<random.IntN(18) {
			if piece = fmt.Appendf(piece, "* %d FETCH (UID %d FLAGS (\\Seen))\r\n", i, i*7); random.IntN(4) == 0 {
				piece = append(piece, byte(random.Uint32()))
			}
		}
		piece = piece[:1+random.IntN(len(piece))]
		sent := make(chan error, 1)
		go func() {
			c.Write(piece)
			sent <- c.Flush()
		}()
		got := make([]byte, len(piece))
		if _, err := io.ReadFull(in, got); err != nil || !bytes.Equal(got, piece) {
			t.Fatalf("piece %d of %d bytes: %v", i, len(piece), err)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
	line := []byte("* 4711 FETCH (UID 815 FLAGS (\\Seen \\Answered))\r\n")
	if n := len(appendDeflated(nil, line, bytes.Repeat(line, 3))); n > len(line)/2 {
		t.Errorf("%d bytes for a line of %d that was said before", n, len(line))
	}
}
