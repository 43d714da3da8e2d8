//go:build !linux

package main

import "golang.org/x/sys/unix"

// The requests by which a terminal tells and takes its settings, on the BSDs and macOS.
const getTermios, setTermios = unix.TIOCGETA, unix.TIOCSETA
