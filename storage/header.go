package storage

import (
	"fmt"
	"math"

	"satchel/storage/codec"
)

const packedHeader = 2 << 10 // bytes; a shorter header is stored as it is, for speed

// encodeHeader returns the stored form of a header.
func encodeHeader(header []byte) []byte {
	if len(header) > packedHeader {
		return codec.Pack(nil, header)
	}
	return codec.Plain(header)
}

// decodeHeader returns the header of n bytes; it may be part of stored.
func decodeHeader(stored []byte, n int) ([]byte, error) {
	header, err := codec.Unpacked(nil, stored, n)
	return header, corrupt(err)
}

// appendHeader appends the header of n bytes.
func appendHeader(dst, stored []byte, n int) ([]byte, error) {
	header, err := codec.Unpacked(dst[len(dst):], stored, n)
	return append(dst, header...), corrupt(err)
}

// corrupt says of an error of codec that what is stored is damaged.
func corrupt(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrCorrupt, err)
}

// checkLengths refuses lengths that no message has, which damage may have left in a row: memory is allocated by them.
func checkLengths(size, headerSize int64) error {
	if headerSize < 0 || headerSize > size || size > math.MaxUint32 {
		return fmt.Errorf("%w: %d bytes, of which %d are the header", ErrCorrupt, size, headerSize)
	}
	return nil
}
