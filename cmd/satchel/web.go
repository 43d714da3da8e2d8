package main

import (
	"net"
	"net/netip"

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
	}{{web.HTTPS, f.cfg.https, proxies}, {web.HTTP, f.cfg.http, proxies}, {web.Behind, f.cfg.web, nil}} {
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
	}
	if len(f.side) == first {
		return nil
	}
	srv := web.New(web.Config{
		URL: f.webURL(), TLS: f.certificates.TLSConfig(), Limits: accept.Limits{Total: f.cfg.webConns}, Log: f.log,
	})
	for i := first; i < len(f.side); i++ {
		f.side[i].server = srv.Front(web.Kind(f.side[i].name))
	}
	return nil
}

// webURL is where browsers find this server over TLS, its own or that of the web server before it; "" for nowhere.
func (f *fronts) webURL() string {
	addr := f.addr(string(web.HTTPS))
	switch _, port, _ := net.SplitHostPort(addr); {
	case addr == "" && f.addr(string(web.Behind)) == "":
		return ""
	case addr == "" || port == "443":
		return "https://" + f.cfg.hostname
	default:
		return "https://" + net.JoinHostPort(f.cfg.hostname, port)
	}
}
