package codec

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// text is words, which become shorter when they are packed.
func text(rng *rand.Rand, n int) (b []byte) {
	for words := strings.Fields("dear sir and madam your letter of monday"); len(b) < n; {
		b = append(append(b, words[rng.IntN(len(words))]...), " \n,."[rng.IntN(4)])
	}
	return b[:n]
}

// noise is bytes that nothing makes shorter.
func noise(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// base64Lines returns data as base64 in lines of width characters, without a line end after the last.
func base64Lines(data []byte, width int) (b []byte) {
	s := base64.StdEncoding.EncodeToString(data)
	for ; len(s) > width; s = s[width:] {
		b = append(append(b, s[:width]...), "\r\n"...)
	}
	return append(b, s...)
}

// attachments are chunks of which a part is base64, or nearly.
func attachments(rng *rand.Rand) map[string][]byte {
	list := make(map[string][]byte)
	for _, width := range []int{1, 4, 39, 40, 60, 64, 74, 76, 996, 1000, 1004} {
		for _, n := range []int{100, 143, 144, 145, 1000, 36000} {
			b := base64Lines(noise(rng, n), width)
			list[fmt.Sprintf("%d in lines of %d", n, width)] = b
			list[fmt.Sprintf("%d in lines of %d, in text", n, width)] = append(append(text(rng, 300), b...), "\r\n--b--\r\n"...)
		}
	}
	long := base64Lines(noise(rng, 90000), 76)
	for cut := range 80 {
		list[fmt.Sprint("cut at ", cut)] = long[cut : cut+ChunkSize]
	}
	damaged := base64Lines(noise(rng, 45000), 76)
	for i := range 40 {
		damaged = bytes.Clone(damaged)
		damaged[rng.IntN(len(damaged))] = byte(rng.Uint32())
		list[fmt.Sprint("damaged ", i)] = damaged
	}
	list["zeros"] = base64Lines(make([]byte, 40000), 76)
	list["LF"] = bytes.ReplaceAll(base64Lines(noise(rng, 3000), 76), []byte("\r\n"), []byte("\n"))
	list["two"] = append(append(base64Lines(noise(rng, 3000), 76), "\r\n--x\r\n\r\n"...), base64Lines(text(rng, 20000), 64)...)
	for name, raw := range list {
		list[name] = raw[:min(len(raw), ChunkSize)]
	}
	return list
}

// checkChunk stores a chunk, reads it back and returns the stored form.
func checkChunk(t *testing.T, name string, raw []byte) (stored []byte) {
	t.Helper()
	if len(raw) == 0 {
		return nil
	}
	stored = NewEncoder().Chunk(raw)
	got, err := Unpack([]byte("before"), stored, len(raw))
	if err != nil || !bytes.Equal(got, append([]byte("before"), raw...)) {
		t.Fatalf("%s: %d bytes came back as %d, %v", name, len(raw), len(got)-len("before"), err)
	}
	return stored
}

func TestSplit(t *testing.T) {
	for name, raw := range attachments(rand.New(rand.NewPCG(5, 5))) {
		stored := checkChunk(t, name, raw)
		from, to := len(raw)/3, len(raw)-1
		got, err := UnpackRange(nil, stored, len(raw), from, to)
		if err != nil || !bytes.Equal(got, raw[from:to]) {
			t.Fatalf("%s: a part of it: %v", name, err)
		}
	}
}

// Base64 in lines is stored as what it stands for, wherever the chunk begins and whatever the lines' length.
func TestDecodedSize(t *testing.T) {
	data := noise(rand.New(rand.NewPCG(6, 6)), 45000)
	for _, width := range []int{40, 60, 64, 72, 76, 1000} {
		raw := base64Lines(data, width)
		for _, cut := range []int{0, 1, 3, 37, width - 5} {
			stored := checkChunk(t, fmt.Sprint(width, " cut at ", cut), raw[cut:])
			if over := len(stored) - len(data); stored[0] != storedBase64 || over > 30 {
				t.Errorf("lines of %d cut at %d: kind %d, %d bytes more than the data", width, cut, stored[0], over)
			}
		}
	}
	zeros := checkChunk(t, "zeros", base64Lines(make([]byte, 40000), 76))
	if len(zeros) > 1000 {
		t.Errorf("40000 zeros take %d bytes", len(zeros))
	}
}

func FuzzChunk(f *testing.F) {
	rng := rand.New(rand.NewPCG(7, 7))
	f.Add(base64Lines(noise(rng, 150), 76), uint16(75), uint16(5))
	f.Add(text(rng, 200), uint16(63), uint16(0))
	f.Fuzz(func(t *testing.T, raw []byte, width, cut uint16) {
		raw = raw[:min(len(raw), ChunkSize/2)]
		checkChunk(t, "as it is", raw)
		encoded := base64Lines(raw, int(width%1010)+1)
		encoded = encoded[min(int(cut), len(encoded)):]
		checkChunk(t, "as base64", encoded[:min(len(encoded), ChunkSize)])
		checkChunk(t, "both", append(encoded[:min(len(encoded), ChunkSize/2)], raw...))
	})
}

// Whatever is stored, reading it gives the bytes asked for or says that it is damaged.
func FuzzStoredChunk(f *testing.F) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, raw := range [][]byte{base64Lines(noise(rng, 900), 76), base64Lines(text(rng, 900), 60), text(rng, 500)} {
		f.Add(NewEncoder().Chunk(raw), len(raw))
	}
	f.Add([]byte{storedBase64, 1, 0, 48, 19, 19, 3, storedBase64, 0, 1, storedPlain}, 192)
	f.Add([]byte{storedBase64, 2, 0, 60, 1, 1, 0, 60, 1, 1}, 300)
	f.Fuzz(func(t *testing.T, stored []byte, n int) {
		n = min(max(n, 0), ChunkSize)
		got, err := Unpack(nil, stored, n)
		if err == nil && len(got) != n {
			t.Errorf("%d bytes, want %d", len(got), n)
		}
	})
}
