package inflate

import (
	"runtime"
	"syscall"
)

// wholeWindow gives z a window of the full size outside of the heap: thousands of connections have one, and in the heap
// each would cost two thirds more, the room that the garbage collector needs. It ends with z, or with z.Close.
func (z *Reader) wholeWindow() []byte {
	w, err := syscall.Mmap(-1, 0, windowSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make([]byte, windowSize)
	}
	cleanup := runtime.AddCleanup(z, unmap, w)
	z.unmap = func() {
		cleanup.Stop()
		unmap(w)
	}
	return w
}

func unmap(w []byte) { syscall.Munmap(w) }
