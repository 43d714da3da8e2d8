//go:build !linux

package wire

import "syscall"

// readable is false where one cannot find out without reading.
func readable(syscall.RawConn) bool { return false }
