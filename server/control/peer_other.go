//go:build !linux

package control

import (
	"net"
	"os"
)

// peerUID trusts the socket's mode where the system is not asked who is at the other end.
func peerUID(*net.UnixConn) (uid int, err error) { return os.Geteuid(), nil }
