package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"

	"satchel/cmd/satchel/config"
	"satchel/server/accept"
	"satchel/server/lmtp"
	"satchel/server/proxy"
	"satchel/server/saslauth"
	"satchel/server/socketmap"
)

// sideFront is a front beside IMAP: its open sockets, and what serves them.
type sideFront struct {
	name      string
	listeners []net.Listener
	server    interface {
		Serve(net.Listener) error
		Shutdown(context.Context)
	}
}

// openLocal opens the fronts for programs of this host, the MTA above all, which brings mail and asks about accounts.
// Those opened before one that fails are in f.side.
func (f *fronts) openLocal(proxies []netip.Prefix) (err error) {
	cfg := f.cfg
	mail, err := f.listen("lmtp", cfg.LMTP)
	if err != nil {
		return err
	}
	if len(mail) > 0 {
		f.lmtp = lmtp.New(f.be, lmtp.Config{Hostname: cfg.Hostname, MaxConnections: cfg.LMTPConnections, MaxRecipients: cfg.Recipients, Log: f.log})
		for i, l := range mail {
			mail[i] = proxy.Listen(l, proxies, f.log)
		}
		f.side = append(f.side, sideFront{"lmtp", mail, f.lmtp})
	}
	auth, err := f.listen("auth", cfg.Auth)
	if err != nil {
		return err
	}
	if len(auth) > 0 {
		f.side = append(f.side, sideFront{"auth", auth, saslauth.New(f.be, saslauth.Config{Config: accept.Config{Log: f.log}})})
	}
	maps, err := f.listen("socketmap", cfg.Socketmap)
	if len(maps) > 0 {
		f.side = append(f.side, sideFront{"socketmap", maps, socketmap.New(f.be, accept.Config{Log: f.log})})
	}
	return err
}

// listen takes a front's sockets from systemd, or opens the one at its address; none when it is switched off.
func (f *fronts) listen(name, addr string) ([]net.Listener, error) {
	if passed := f.sockets[name]; len(passed) > 0 || addr == "" {
		return passed, nil
	}
	l, err := listenLocal(addr)
	if err != nil {
		return nil, fmt.Errorf("%s: %w%s", name, err, cureListen(name, err))
	}
	return []net.Listener{l}, nil
}

func (front sideFront) close() {
	for _, l := range front.listeners {
		l.Close()
	}
}

// readyLine says where all fronts listen. Those that few use are named only where they are switched on.
func (f *fronts) readyLine() string {
	line := fmt.Sprintf("ready pid=%d imap=%s imaps=%s lmtp=%s", os.Getpid(), f.addr("imap"), f.addr("imaps"), f.addr("lmtp"))
	for _, name := range config.Fronts[3:] {
		if addr := f.addr(name); addr != "" {
			line += fmt.Sprintf(" %s=%s", name, addr)
		}
	}
	return line
}

// addr is where a front listens, the first place if there are several; "" when it is switched off.
func (f *fronts) addr(name string) string {
	a := f.imap.Addr(name)
	for _, front := range f.side {
		if front.name == name {
			a = front.listeners[0].Addr()
		}
	}
	switch {
	case a == nil:
		return ""
	case a.Network() == "unix":
		return "unix:" + a.String()
	}
	return a.String()
}
