package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"

	"satchel/cmd/satchel/imapclient"
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

// cureLogin says what to do where another server lets nobody in, with a token or a password.
func cureLogin(err error, token bool) string {
	noWay, refused := errors.Is(err, imapclient.ErrNoLogin), errors.Is(err, imapclient.ErrLogin)
	switch {
	case noWay && token:
		return "; it may take a password, without --token-file"
	case noWay:
		return "; it may take one when the connection is encrypted, or a token, by --token-file"
	case !refused || hasEnough(err):
		return cureThrottled(err)
	case token:
		return "; the token must be one for IMAP and for this --user, and not have expired"
	}
	return "; is --user right? Gmail, iCloud, Fastmail and others take no password but an app password, which is made in the settings of the account there"
}

// cureThrottled says what to do where another server has had enough, and did not let anybody on after hours of pauses.
func cureThrottled(err error) string {
	if !hasEnough(err) {
		return ""
	}
	return "; it was waited for in vain: the same command goes on from here later, the next day if it is a limit for each day"
}

func hasEnough(err error) bool {
	var said *imapclient.StatusError
	if !errors.As(err, &said) {
		return false
	}
	_, yes := said.Throttled()
	return yes
}
