package codec

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"testing"

	"golang.org/x/sys/cpu"
)

// encodedRun is what a run is to become, by another encoder.
func encodedRun(r base64Run, data []byte) (b []byte) {
	s := base64.StdEncoding.EncodeToString(data[:3*r.groups])
	for width := 4 * r.first; len(s) > width; width = 4 * r.line {
		b = append(append(b, s[:width]...), "\r\n"...)
		s = s[width:]
	}
	return append(b, s...)
}

// TestRuns makes runs of all shapes, with vectors and without, in memory that goes on after them.
func TestRuns(t *testing.T) {
	defer func(has bool) { cpu.X86.HasAVX2 = has }(cpu.X86.HasAVX2)
	rng := rand.New(rand.NewPCG(12, 12))
	for i := range 20_000 {
		cpu.X86.HasAVX2 = cpu.X86.HasAVX2 && i < 10_000
		r := base64Run{groups: 1 + rng.IntN(300), line: 1 + rng.IntN(80)}
		r.first = 1 + rng.IntN(r.line)
		data := noise(rng, 3*r.groups+rng.IntN(3))
		want := encodedRun(r, data)
		if len(want) != r.size() {
			t.Fatalf("%+v: %d bytes, want %d", r, r.size(), len(want))
		}
		memory := bytes.Repeat([]byte("~"), len(want)+100)
		dst, rest := r.append(memory[:7], data)
		if !bytes.Equal(dst[7:], want) || !bytes.Equal(rest, data[3*r.groups:]) {
			t.Fatalf("%+v, vectors %v: %q, want %q", r, cpu.X86.HasAVX2, dst[7:], want)
		}
		if n := bytes.Count(memory, []byte("~")); n != 7+93 {
			t.Fatalf("%+v: wrote beyond its %d bytes", r, len(want))
		}
	}
}

func BenchmarkRun64K(b *testing.B) {
	r := base64Run{groups: 15_700, first: 19, line: 19}
	data := noise(rand.New(rand.NewPCG(13, 13)), 3*r.groups)
	dst := make([]byte, 0, r.size())
	b.SetBytes(int64(r.size()))
	for b.Loop() {
		r.append(dst, data)
	}
}
