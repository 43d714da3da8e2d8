package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"

	"satchel/server/accept"
	"satchel/server/proxy"
	"satchel/server/web"
)

// openWeb opens the fronts over HTTP that are switched on. Those opened before one that fails are in f.side.
func (f *fronts) openWeb(proxies []netip.Prefix) error {
	first := len(f.side)
	for _, w := range []struct {
		kind web.Kind
		addr string
		from []netip.Prefix
	}{{web.HTTPS, f.cfg.HTTPS, proxies}, {web.HTTP, f.cfg.HTTP, proxies}, {web.Behind, f.cfg.Web, nil}} {
		listeners, err := f.listen(string(w.kind), w.addr)
		if err != nil {
			return err
		}
		for i, l := range listeners {
			listeners[i] = proxy.Listen(l, w.from, f.log)
		}
		if len(listeners) > 0 {
			f.side = append(f.side, sideFront{name: string(w.kind), listeners: listeners})
		}
		if i := slices.IndexFunc(listeners, isReachable); i >= 0 && w.kind == web.Behind { // one of systemd's: no configuration has it
			return fmt.Errorf("%s: whoever connects there is believed about whom he speaks for, and other hosts reach %s", w.kind, listeners[i].Addr())
		}
	}
	if len(f.side) == first {
		return nil
	}
	imap, smtp := f.cfg.Services()
	f.web = web.New(f.be, f, web.Config{
		Hostname: f.cfg.Hostname, Domain: f.cfg.Domain, IMAP: imap, SMTP: smtp, MTASTS: f.cfg.SenderPolicy(),
		URL: f.webURL(), TLS: f.certificates.TLSConfig(), Challenges: &f.acme, Limits: accept.Limits{Total: f.cfg.WebConnections}, Log: f.log,
	})
	for i := first; i < len(f.side); i++ {
		f.side[i].server = f.web.Front(web.Kind(f.side[i].name))
	}
	return nil
}

// isReachable reports whether other hosts can connect.
func isReachable(l net.Listener) bool {
	tcp, ok := l.Addr().(*net.TCPAddr)
	return ok && !tcp.IP.IsLoopback()
}

// webURL is where browsers find this server over TLS, its own or that of the web server before it; "" for nowhere.
func (f *fronts) webURL() string {
	addr := f.addr(string(web.HTTPS))
	if addr == "" && f.addr(string(web.Behind)) == "" {
		return ""
	}
	_, port, _ := net.SplitHostPort(addr)
	if f.cfg.ClientHTTPS != 0 {
		port = strconv.Itoa(f.cfg.ClientHTTPS)
	}
	if port == "" || port == "443" {
		return "https://" + f.cfg.Hostname
	}
	return "https://" + net.JoinHostPort(f.cfg.Hostname, port)
}
