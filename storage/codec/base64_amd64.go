package codec

/*
#include <immintrin.h>
#include <stddef.h>

// block encodes 24 bytes of the 28 at src, by the way of Mula and Lemire ("Faster Base64 Encoding and Decoding using AVX2
// Instructions", 2018): spread groups of three bytes over four, move each six bits into a byte of their own, and add
// to each byte what lies between its value and its character.
__attribute__((target("avx2"))) static inline void block(unsigned char *dst, const unsigned char *src) {
	const __m256i spread = _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,
		1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
	const __m256i offsets = _mm256_setr_epi8('A', 'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 0, 0,
		'A', 'a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
		'0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 0, 0);
	__m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)src)),
		_mm_loadu_si128((const __m128i *)(src + 12)), 1);
	v = _mm256_shuffle_epi8(v, spread);
	__m256i even = _mm256_mulhi_epu16(_mm256_and_si256(v, _mm256_set1_epi32(0x0fc0fc00)), _mm256_set1_epi32(0x04000040));
	__m256i odd = _mm256_mullo_epi16(_mm256_and_si256(v, _mm256_set1_epi32(0x003f03f0)), _mm256_set1_epi32(0x01000010));
	v = _mm256_or_si256(even, odd);
	// 0 for capitals, 1 for small letters, 2 to 11 for digits, 12 and 13 for the signs
	__m256i range = _mm256_sub_epi8(_mm256_subs_epu8(v, _mm256_set1_epi8(51)), _mm256_cmpgt_epi8(v, _mm256_set1_epi8(25)));
	_mm256_storeu_si256((__m256i *)dst, _mm256_add_epi8(v, _mm256_shuffle_epi8(offsets, range)));
}

// encode_lines encodes lines of so many groups, with their line ends, as long as whole blocks fit: the last block of a
// line goes beyond it in src and in dst, where the next line is written over it. It returns how many lines it has done.
__attribute__((target("avx2"))) static ptrdiff_t encode_lines(unsigned char *dst, ptrdiff_t room,
	const unsigned char *src, ptrdiff_t size, ptrdiff_t first, ptrdiff_t line) {
	ptrdiff_t done = 0;
	for (ptrdiff_t width = first;; width = line, done++) {
		ptrdiff_t blocks = (width + 7) / 8;
		if (room < 32 * blocks + 2 || size < 24 * blocks + 4)
			return done;
		for (ptrdiff_t i = 0; i < blocks; i++)
			block(dst + 32 * i, src + 24 * i);
		dst[4 * width] = '\r';
		dst[4 * width + 1] = '\n';
		dst += 4 * width + 2, room -= 4 * width + 2;
		src += 3 * width, size -= 3 * width;
	}
}
*/
import "C"

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// appendLines appends the run's first lines, as many as can be made in vectors, and returns the run of all others.
func (r base64Run) appendLines(dst, data []byte) (_, rest []byte, others base64Run) {
	if !cpu.X86.HasAVX2 {
		return dst, data, r
	}
	size := r.size()
	room := dst[len(dst) : len(dst)+size]
	n := int(C.encode_lines((*C.uchar)(unsafe.SliceData(room)), C.ptrdiff_t(size),
		(*C.uchar)(unsafe.SliceData(data)), C.ptrdiff_t(3*r.groups), C.ptrdiff_t(r.first), C.ptrdiff_t(r.line)))
	if n == 0 {
		return dst, data, r
	}
	groups := r.first + (n-1)*r.line
	r.groups -= groups
	r.first = r.line
	return dst[:len(dst)+4*groups+2*n], data[3*groups:], r
}
