package main

import "golang.org/x/sys/unix"

// The requests by which a terminal tells and takes its settings.
const getTermios, setTermios = unix.TCGETS, unix.TCSETS
