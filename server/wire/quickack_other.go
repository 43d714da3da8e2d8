//go:build !linux

package wire

import "syscall"

// quickAck does nothing where acknowledgements cannot be hurried.
func quickAck(syscall.RawConn) {}
