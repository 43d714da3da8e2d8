package wire

import "syscall"

// quickAck sends the acknowledgement that the kernel holds back for up to 40 ms in the hope of data to go with it.
func quickAck(ctl syscall.RawConn) {
	if ctl != nil {
		ctl.Control(setQuickAck)
	}
}

func setQuickAck(fd uintptr) {
	syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1)
}
