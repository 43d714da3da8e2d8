package storage

import (
	"fmt"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// Chunk is 128 KiB of a body, or what is left at its end, in the form it is stored in.
type Chunk struct{ data []byte }

const (
	chunkSize = 128 << 10 // bytes of the body; all chunks but the last are full
	minPacked = 64        // bytes; shorter ones are stored as they are
)

// The first byte of a stored chunk or header.
const (
	storedPlain = 0
	storedZstd  = 1
)

// codecs are shared by all accounts: each holds as many working buffers as there are processors, made on first use.
var (
	encoder = newEncoder()
	decoder = newDecoder()
)

func newEncoder() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithLowerEncoderMem(true),
		zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(chunkSize))
	if err != nil {
		panic(err) // the options are constants
	}
	return e
}

func newDecoder() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(runtime.GOMAXPROCS(0)), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(2*chunkSize))
	if err != nil {
		panic(err) // the options are constants
	}
	return d
}

// NewChunks compresses a body into chunks.
func NewChunks(body []byte) []Chunk {
	chunks := make([]Chunk, 0, (len(body)+chunkSize-1)/chunkSize)
	for len(body) > 0 {
		n := min(len(body), chunkSize)
		chunks = append(chunks, Chunk{pack(nil, body[:n])})
		body = body[n:]
	}
	return chunks
}

// pack appends raw in its stored form: compressed where that saves a sixteenth.
func pack(dst, raw []byte) []byte {
	start := len(dst)
	if len(raw) >= minPacked {
		dst = encoder.EncodeAll(raw, append(dst, storedZstd))
		if len(dst)-start < len(raw)-len(raw)/16 {
			return dst
		}
	}
	return append(append(dst[:start], storedPlain), raw...)
}

// unpack appends the bytes of a stored form of which there are n.
func unpack(dst, stored []byte, n int) ([]byte, error) {
	if len(stored) == 0 {
		return dst, fmt.Errorf("%w: empty chunk", ErrCorrupt)
	}
	start := len(dst)
	switch stored[0] {
	case storedPlain:
		dst = append(dst, stored[1:]...)
	case storedZstd:
		var err error
		if dst, err = decoder.DecodeAll(stored[1:], dst); err != nil {
			return dst[:start], fmt.Errorf("%w: chunk: %w", ErrCorrupt, err)
		}
	default:
		return dst, fmt.Errorf("%w: chunk of kind %d", ErrCorrupt, stored[0])
	}
	if len(dst)-start != n {
		return dst[:start], fmt.Errorf("%w: chunk of %d bytes, want %d", ErrCorrupt, len(dst)-start, n)
	}
	return dst, nil
}
