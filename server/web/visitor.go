package web

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/netip"
	"strings"
)

// visitor is whom a request comes from.
type visitor struct {
	front  Kind
	addr   netip.Addr // the zero Addr when it is not known
	secure bool       // nobody on the way has read along
	tls    string     // its version, such as "TLS 1.3"; "" where it is not ours
}

// text is the address for the log.
func (v visitor) text() string {
	if !v.addr.IsValid() {
		return "unknown" // the web server before us has not told it
	}
	return v.addr.String()
}

// guesser is the address that wrong passwords count for. Loopback, which backend never has wait, is no webmail here but a
// web server that has not told whom it speaks for: all its clients count as one.
func (v visitor) guesser() netip.Addr {
	if !v.addr.IsValid() || v.addr.IsLoopback() {
		return netip.IPv4Unspecified()
	}
	return v.addr
}

type visitorKey struct{}

// visitorOf is the visitor that identify found.
func visitorOf(r *http.Request) visitor {
	v, _ := r.Context().Value(visitorKey{}).(visitor)
	return v
}

// identify finds out whom a request comes from. The headers in which web servers tell of their clients are anybody's to
// write, so they count only where nobody else can connect.
func (f *Front) identify(r *http.Request) *http.Request {
	v := visitor{front: f.kind, secure: f.kind != HTTP}
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		v.addr = plainAddr(from.Addr())
	}
	if r.TLS != nil {
		v.tls = tls.VersionName(r.TLS.Version)
	}
	if f.kind == Behind {
		v.addr = forwardedFor(r.Header)
		v.secure = !strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "http")
	}
	return r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
}

// forwardedFor is the client's address as the web server saw it: the last one, for those before it are what the client
// itself has sent.
func forwardedFor(h http.Header) netip.Addr {
	all := strings.Join(h.Values("X-Forwarded-For"), ",")
	last := strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
	if addr, err := netip.ParseAddr(last); err == nil {
		return plainAddr(addr)
	}
	if from, err := netip.ParseAddrPort(last); err == nil {
		return plainAddr(from.Addr())
	}
	return netip.Addr{}
}

func plainAddr(addr netip.Addr) netip.Addr { return addr.Unmap().WithZone("") }
