package codec

import "encoding/binary"

// Base64 in groups: four characters of RFC 4648's alphabet, without padding, for three bytes. Any such characters come
// from some bytes and from no others, so a run of whole groups comes back as it was from what it decodes to. It is done
// by tables that fit into the nearest cache, at several times the speed of encoding/base64, which a body needs that is
// read from there each time.

const base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

const notBase64 = 1 << 31

var (
	base64Bits  = newBase64Bits()  // by place in the group and character: its bits, in place, or notBase64
	base64Chars = newBase64Chars() // by twelve bits: their two characters, the first one in the upper byte
)

func newBase64Bits() *[4][256]uint32 {
	var t [4][256]uint32
	for place := range t {
		for c := range t[place] {
			t[place][c] = notBase64
		}
		for bits := range uint32(64) {
			t[place][base64Alphabet[bits]] = bits << (18 - 6*place)
		}
	}
	return &t
}

func newBase64Chars() *[1 << 12]uint16 {
	var t [1 << 12]uint16
	for bits := range t {
		t[bits] = uint16(base64Alphabet[bits>>6])<<8 | uint16(base64Alphabet[bits&63])
	}
	return &t
}

// decodeGroups decodes up to n groups from the start of src into dst and returns how many there were. dst must have room
// for n and two bytes more.
func decodeGroups(dst, src []byte, n int) (done int) {
	t := base64Bits
	for ; done+2 <= n && len(src) >= 8; done += 2 {
		c := binary.LittleEndian.Uint64(src)
		a := t[0][c&0xff] | t[1][c>>8&0xff] | t[2][c>>16&0xff] | t[3][c>>24&0xff]
		b := t[0][c>>32&0xff] | t[1][c>>40&0xff] | t[2][c>>48&0xff] | t[3][c>>56]
		if (a|b)&notBase64 != 0 {
			break
		}
		binary.BigEndian.PutUint64(dst, uint64(a)<<40|uint64(b)<<16)
		dst, src = dst[6:], src[8:]
	}
	for ; done < n && len(src) >= 4; done++ {
		a := t[0][src[0]] | t[1][src[1]] | t[2][src[2]] | t[3][src[3]]
		if a&notBase64 != 0 {
			break
		}
		dst[0], dst[1], dst[2] = byte(a>>16), byte(a>>8), byte(a)
		dst, src = dst[3:], src[4:]
	}
	return done
}

// encodeGroups encodes n groups from the start of src, which has them, into dst, which has room for them.
func encodeGroups(dst, src []byte, n int) {
	t := base64Chars
	for ; n >= 2 && len(src) >= 8; n -= 2 {
		v := binary.BigEndian.Uint64(src)
		binary.BigEndian.PutUint64(dst, uint64(t[v>>52])<<48|uint64(t[v>>40&0xfff])<<32|
			uint64(t[v>>28&0xfff])<<16|uint64(t[v>>16&0xfff]))
		dst, src = dst[8:], src[6:]
	}
	for ; n > 0; n-- {
		v := uint32(src[0])<<16 | uint32(src[1])<<8 | uint32(src[2])
		binary.BigEndian.PutUint32(dst, uint32(t[v>>12])<<16|uint32(t[v&0xfff]))
		dst, src = dst[4:], src[3:]
	}
}
