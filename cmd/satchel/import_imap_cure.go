package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// cureConnect says what to do where another server cannot be reached as it was asked for.
func cureConnect(err error) string {
	var (
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		lookup    *net.DNSError
		record    tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &authority):
		return "; where the certificate is the server's own, or of an authority of your own, --ca FILE names it"
	case errors.As(err, &name):
		return "; name the server as its certificate does"
	case errors.As(err, &record):
		return "; the port is one without TLS: use port 993, or --starttls with port 143"
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return "; the server's name is needed, such as imap.example.net, alone or with :PORT"
	}
	return ""
}
