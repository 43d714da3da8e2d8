package inflate

import (
	"bytes"
	"compress/flate"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

// deflated compresses with Go's own package, cut into pieces that each end with Z_SYNC_FLUSH.
func deflated(t testing.TB, level int, pieces ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pieces {
		w.Write(p)
		w.Flush()
	}
	w.Close()
	return b.Bytes()
}

// trickle hands out its pieces, and fails when asked for more than was put in: the reader waited too early.
type trickle struct{ rest []byte }

var errWaits = errors.New("waits for more input")

func (r *trickle) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, errWaits
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// phone is what zlib makes of four commands when the client flushes each with Z_PARTIAL_FLUSH, as iOS does.
var phone = []struct{ sent, says string }{
	{"3254f07451d050ca4bcc4d555250ca0cc8c8cf4b55f04dcccc01f2ca528b8a33f3f3802c2323377333209d5f0c52e41f0c66ea22e40d2df44c1534c0aa3481dcd4b2d4bc1290018939a5a9c50a4989c9d9ba699939394a9abc5c0001",
		`1 ID ("name" "iPhone Mail" "version" "22F76" "os" "iOS" "os-version" "18.5 (22F76)" "event" "values back-fill")`},
	{"381c831c8441208a5e65967501a92426c61d1d3e2d4aa119a68b6abcff35c46e5f7ede7f8ef6fe18a1bcd0f5711b471a4e90fddc281585149f83579044be3b675b7a83a61a0ebb01afcf021f203626e4d06838976d9f9e60a5287525adc44c2b5af3334c570b220485f1f71bc1960fa3f5f2ed313f01",
		`2 UID FETCH 1:500 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE SUBJECT FROM TO CC MESSAGE-ID REFERENCES IN-REPLY-TO)])`},
	{"648ce4185303432b438381750f40",
		`3 UID FETCH 501:1000 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (DATE SUBJECT FROM TO CC MESSAGE-ID REFERENCES IN-REPLY-TO)])`},
	{"009928f8f9fb07f0720104", "4 NOOP"},
}

// TestInflatePartialFlush: what was flushed in whatever way comes out at once, whether it arrives in a packet or byte by
// byte. Go's own inflater waits here.
func TestInflatePartialFlush(t *testing.T) {
	for _, bytewise := range []bool{false, true} {
		source := &trickle{}
		z := New(source, nil)
		if bytewise {
			z.from = iotest.OneByteReader(source)
		}
		for _, command := range phone {
			sent, _ := hex.DecodeString(command.sent)
			source.rest = append(source.rest, sent...)
			got := make([]byte, len(command.says)+2)
			if n, err := io.ReadFull(z, got); err != nil || string(got) != command.says+"\r\n" {
				t.Fatalf("bytewise %v: got %q, %v", bytewise, got[:n], err)
			}
		}
		if n, err := z.Read(make([]byte, 10)); n != 0 || err != errWaits {
			t.Errorf("%d bytes and %v when nothing more was sent", n, err)
		}
	}
}

// TestInflateSyncFlush: each piece comes out when its flush has come in, whatever the level, the reads and the network.
func TestInflateSyncFlush(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 100_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	pieces := [][]byte{[]byte("a NOOP\r\n"), {}, []byte("b NOOP\r\n"), noise, bytes.Repeat([]byte("c FETCH 1:* FLAGS\r\n"), 5000),
		[]byte(strings.Repeat("x", 70_000)), noise[50_000:], []byte("d LOGOUT\r\n")}
	for _, level := range []int{flate.HuffmanOnly, flate.NoCompression, 1, 6, 9} {
		for _, size := range []int{1, 7, 4096, 1 << 20} {
			z := New(bytes.NewReader(deflated(t, level, pieces...)), nil)
			want := bytes.Join(pieces, nil)
			got := make([]byte, 0, len(want))
			buf := make([]byte, size)
			for {
				n, err := z.Read(buf)
				got = append(got, buf[:n]...)
				if err != nil {
					break
				}
			}
			if !bytes.Equal(got, want) {
				t.Errorf("level %d, reads of %d: %d bytes, want %d", level, size, len(got), len(want))
			}
			if z.buf != nil || z.codes != nil || len(z.window) != windowSize {
				t.Errorf("level %d: holds %v, %v and a window of %d", level, z.buf != nil, z.codes != nil, len(z.window))
			}
		}
	}
}

// TestInflateBomb: a small input that stands for a large output is decoded as far as it is asked for.
func TestInflateBomb(t *testing.T) {
	bomb := deflated(t, 9, make([]byte, 64<<20))
	if len(bomb) > 100<<10 {
		t.Fatalf("%d bytes are no bomb", len(bomb))
	}
	z := New(bytes.NewReader(bomb), nil)
	if n, err := z.Read(make([]byte, 4096)); n > 4096 || err != nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if cap(z.window) > windowSize {
		t.Errorf("a window of %d bytes", cap(z.window))
	}
}

// endlessBlock is a block whose code has no word for its end.
const endlessBlock = "\x04\xc0\x83\x01\x00 \x10\x00\xc0Y\xb322\xdaX#0"

func TestInflateDamaged(t *testing.T) {
	for name, sent := range map[string]string{
		"block of no kind":       "07",
		"stored length":          "0001000000",
		"before the beginning":   "030200",
		"too many literal codes": "fdff03",
		"codes that overlap":     "0400fe3f0000",
		"no end of a block":      hex.EncodeToString([]byte(endlessBlock)),
		"after the end":          "0300616263",
		"plain text":             "6e204c4f47494e20616c69636520736563726574207365637265740d0a",
	} {
		b, err := hex.DecodeString(sent)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(New(bytes.NewReader(b), nil)); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzInflate compares with Go's inflater: what that one finds, this one has found too, and both like the same streams.
func FuzzInflate(f *testing.F) {
	f.Add(deflated(f, 9, []byte("a NOOP\r\n"), []byte("b NOOP\r\n")))
	f.Add(deflated(f, flate.NoCompression, []byte("a NOOP\r\n")))
	f.Add(deflated(f, flate.HuffmanOnly, bytes.Repeat([]byte("abcdefghijklmnopqrstuvwxyz"), 20)))
	f.Add(deflated(f, 6, bytes.Repeat([]byte("a FETCH 1:* (FLAGS BODY[1.2.MIME])\r\n"), 2000)))
	for _, command := range phone {
		b, _ := hex.DecodeString(command.sent)
		f.Add(b)
	}
	f.Add([]byte(endlessBlock))
	f.Fuzz(func(t *testing.T, input []byte) {
		const most = 1 << 20
		theirs, theirErr := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(input)), most))
		ours, ourErr := io.ReadAll(io.LimitReader(New(bytes.NewReader(input), nil), most))
		if errors.Is(ourErr, errEndless) {
			theirs, theirErr = theirs[:min(len(ours), len(theirs))], ourErr
		}
		if !bytes.HasPrefix(ours, theirs) {
			t.Fatalf("found %q, Go's found %q", ours, theirs)
		}
		if theirErr == nil && len(ours) != len(theirs) {
			t.Fatalf("found %d bytes, Go's %d", len(ours), len(theirs))
		}
		bytewise, err := io.ReadAll(io.LimitReader(New(iotest.OneByteReader(bytes.NewReader(input)), nil), most))
		if !bytes.Equal(bytewise, ours) || (err == nil) != (ourErr == nil) {
			t.Fatalf("byte by byte %q, %v; at once %q, %v", bytewise, err, ours, ourErr)
		}
	})
}

func BenchmarkInflate(b *testing.B) {
	text := bytes.Repeat([]byte("* 23 FETCH (UID 4711 FLAGS (\\Seen) BODY[HEADER] {3} abc)\r\nTWFuIGlzIGRpc3Rpbmd1aXNoZWQ\r\n"), 2000)
	for i := range text {
		text[i] ^= byte(i * i % 5)
	}
	sent := deflated(b, 6, text)
	buf := make([]byte, 4096)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		z := New(bytes.NewReader(sent), nil)
		for {
			if _, err := z.Read(buf); err != nil {
				break
			}
		}
	}
}
