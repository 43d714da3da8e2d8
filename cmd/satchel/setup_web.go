package main

import (
	"errors"
	"fmt"
	"net"
	"syscall"
)

// Where a new server is reached over HTTP.
const (
	webOn     = "on"     // on the ports of the web
	webBehind = "behind" // by the web server that this host has already
	webOff    = "off"
)

// chooseWeb takes the ports of the web where they are free.
func (s *setup) chooseWeb() error {
	switch s.web {
	case webOn, webBehind, webOff:
	case "":
		s.web = webOn
		if !s.boxed && (taken(":443") || taken(":80")) {
			s.web = webBehind
		}
	default:
		return usageError{fmt.Errorf("--web is on, behind or off, not %q", s.web)}
	}
	return nil
}

// taken reports whether another program listens at an address. Not to be allowed to is no such sign: the server will be.
func taken(addr string) bool {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		l.Close()
	}
	return errors.Is(err, syscall.EADDRINUSE)
}

// webKeys are lines of the configuration file's section "listen", none when nothing is served.
func (s *setup) webKeys() string {
	switch s.web {
	case webOn:
		return "https = \":443\" # mail programs set themselves up, people look after their accounts\n" +
			"http = \":80\"   # leads to https\n"
	case webBehind:
		return "web = \"127.0.0.1:8143\" # for this host's web server, which has to pass requests on: docs/CLIENTS.md\n"
	}
	return ""
}
