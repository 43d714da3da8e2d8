package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"satchel/cmd/satchel/imapclient"
	"satchel/cmd/satchel/imapsync"
)

// imapServer settles how to reach the server.
func (p *program) imapServer(ctx context.Context, o *imapOptions) (from imapsync.Server, err error) {
	from.User = o.user
	if from.Login, err = p.imapLogin(ctx, o); err != nil {
		return from, err
	}
	host, addr := imapAddr(o)
	from.Config = imapclient.Config{Addr: addr, StartTLS: o.startTLS, Silence: imapSilence}
	if !o.insecure {
		from.TLS = &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12}
		from.TLS.RootCAs, err = roots(o.ca)
	} else if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		fmt.Fprintf(p.errOut, "warning: the password and all mail go to %s without encryption\n", host)
	}
	return from, err
}

// imapSilence is how long a server may take to say something. Large folders take some their time.
const imapSilence = 3 * time.Minute

// imapAddr splits what was given and adds the standard port.
func imapAddr(o *imapOptions) (host, addr string) {
	port := "993"
	if o.startTLS || o.insecure {
		port = "143"
	}
	host = strings.Trim(o.host, "[]")
	if h, given, err := net.SplitHostPort(o.host); err == nil {
		host, port = h, given
	}
	return host, net.JoinHostPort(host, port)
}

// roots reads a file of certificates; nil, the system's, without one.
func roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--ca: no certificate in %s", file)
	}
	return pool, nil
}

// imapLogin settles how to log in.
func (p *program) imapLogin(ctx context.Context, o *imapOptions) (func(*imapclient.Client) error, error) {
	if o.tokenFile != "" {
		token, err := secretIn(o.tokenFile)
		return func(c *imapclient.Client) error {
			if renewed, err := secretIn(o.tokenFile); err == nil { // as root it may be out of reach by now
				token = renewed
			}
			return c.LoginToken(o.user, token)
		}, err
	}
	password, err := p.imapPassword(ctx, o)
	return func(c *imapclient.Client) error { return c.Login(o.user, password) }, err
}

func (p *program) imapPassword(ctx context.Context, o *imapOptions) (string, error) {
	switch {
	case o.passwordFile != "":
		return secretIn(o.passwordFile)
	case o.passwordStdin:
		return p.readLine(ctx)
	}
	tty, err := openTerminal(ctx)
	if err != nil {
		return "", usageError{errors.New("there is no terminal to ask for the password: use --password-file or --password-stdin")}
	}
	defer tty.Close()
	return tty.secret(fmt.Sprintf("Password of %s at %s: ", o.user, o.host))
}
