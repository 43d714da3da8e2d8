package wire

import "syscall"

// readable reports whether a read would not wait: bytes have come, or the end.
func readable(ctl syscall.RawConn) bool {
	if ctl == nil {
		return false
	}
	var err error
	peek := func(fd uintptr) {
		var b [1]byte
		_, _, err = syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	}
	return ctl.Control(peek) != nil || err != syscall.EAGAIN && err != syscall.EINTR
}
