package main

import (
	"net"
	"os"
)

// notify tells systemd how the service is doing, where it asked to be told (Type=notify, sd_notify(3)). Nobody to tell
// is an ordinary state.
func notify(state string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if path == "" {
		return
	}
	conn, err := net.Dial("unixgram", path)
	if err != nil {
		return
	}
	defer conn.Close()
	conn.Write([]byte(state))
}
