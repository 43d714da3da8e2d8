package storage

import (
	"fmt"
	"math"
)

const packedHeader = 2 << 10 // bytes; a shorter header is stored as it is, for speed

// encodeHeader returns the stored form of a header.
func encodeHeader(header []byte) []byte {
	if len(header) > packedHeader {
		return pack(nil, header)
	}
	return append(append(make([]byte, 0, len(header)+1), storedPlain), header...)
}

// decodeHeader returns the header of n bytes; it may be part of stored.
func decodeHeader(stored []byte, n int) ([]byte, error) {
	return unpacked(nil, stored, n)
}

// appendHeader appends the header of n bytes.
func appendHeader(dst, stored []byte, n int) ([]byte, error) {
	if len(stored) > 0 && stored[0] == storedBase64 {
		return dst, errRuns
	}
	return unpack(dst, stored, n)
}

// checkLengths refuses those of no message, which damage has left: memory is made by them.
func checkLengths(size, headerSize int64) error {
	if headerSize < 0 || headerSize > size || size > math.MaxUint32 {
		return fmt.Errorf("%w: %d bytes, of which %d are the header", ErrCorrupt, size, headerSize)
	}
	return nil
}
