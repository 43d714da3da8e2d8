package codec

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// packedZstd is raw in a form that is not written any more.
func packedZstd(t *testing.T, raw []byte) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return e.EncodeAll(raw, []byte{storedZstd})
}

// Forms that were written once are still read.
func TestZstd(t *testing.T) {
	raw := text(rand.New(rand.NewPCG(1, 1)), ChunkSize)
	got, err := UnpackRange([]byte("x"), packedZstd(t, raw), len(raw), 1, len(raw)-1)
	if err != nil || !bytes.Equal(got[1:], raw[1:len(raw)-1]) {
		t.Errorf("%d bytes, %v", len(got)-1, err)
	}
}

func TestDamaged(t *testing.T) {
	packed := packedZstd(t, bytes.Repeat([]byte("text "), 10000))
	fast := Pack(nil, bytes.Repeat([]byte("text "), 100))
	for name, c := range map[string]struct {
		stored []byte
		n      int
	}{
		"empty": {nil, 0}, "kind": {[]byte{9, 1}, 1}, "long": {[]byte{storedPlain, 1, 2}, 1}, "zstd cut": {packed[:20], 50000},
		"zstd size": {packed, 49999}, "s2 cut": {fast[:5], 500}, "s2 size": {fast, 499},
	} {
		dst, err := UnpackRange([]byte("x"), c.stored, c.n, 0, c.n)
		if err == nil || string(dst) != "x" {
			t.Errorf("%s: %q, %v", name, dst, err)
		}
	}
}

// What Unpacked returns is what was packed, whether its memory is that of the form, of the buffer or new, and never
// comes from runs, which only chunks have.
func TestUnpacked(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	buf := make([]byte, 0, 1000)
	for _, n := range []int{0, 1, minPacked - 1, minPacked, 1000, 1001, ChunkSize, 3 * ChunkSize} {
		for _, raw := range [][]byte{text(rng, n), noise(rng, n)} {
			for _, stored := range [][]byte{Plain(raw), Pack(nil, raw)} {
				if got, err := Unpacked(buf, stored, n); err != nil || !bytes.Equal(got, raw) {
					t.Errorf("%d bytes: %d, %v", n, len(got), err)
				}
			}
		}
	}
	lines := base64Lines(noise(rng, 900), 76)
	if _, err := Unpacked(nil, NewEncoder().Chunk(lines), len(lines)); err != errRuns {
		t.Errorf("runs: %v", err)
	}
}
