package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

func isPort(get func(*config) int) func(*config) error {
	return func(c *config) error {
		if v := get(c); v < 0 || v > 65535 {
			return fmt.Errorf("%d is not a port", v)
		}
		return nil
	}
}

func checkAddress(get func(*config) string) func(*config) error {
	return func(c *config) error { return validAddress(get(c)) }
}

func validAddress(addr string) error {
	if addr == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return fmt.Errorf(`%q is not HOST:PORT, such as ":993" or "127.0.0.1:24"`, addr)
	}
	return nil
}

// checkLocal wants HOST:PORT or unix:PATH.
func checkLocal(get func(*config) string) func(*config) error {
	return func(c *config) error { return validLocal(get(c)) }
}

func validLocal(addr string) error {
	if strings.HasPrefix(addr, "/") {
		return fmt.Errorf(`%q is not HOST:PORT; a unix socket is written "unix:%s"`, addr, addr)
	}
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		if path == "" {
			return errors.New(`"unix:" needs a path`)
		}
		return nil
	}
	return validAddress(addr)
}

// checkWeb wants a socket that only this host reaches: whoever connects is believed about whom he speaks for.
func checkWeb(c *config) error {
	err := validLocal(c.web)
	if err != nil || c.web == "" || strings.HasPrefix(c.web, "unix:") {
		return err
	}
	host, _, _ := net.SplitHostPort(c.web)
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%q is not an address of this host alone, such as 127.0.0.1:8143", c.web)
}

func checkProxies(c *config) error {
	_, err := c.proxyNetworks()
	return err
}

// proxyNetworks reads the networks, or single addresses, of load balancers.
func (c *config) proxyNetworks() (list []netip.Prefix, err error) {
	for _, text := range c.proxies {
		network, err := parseNetwork(text)
		if err != nil {
			return nil, err
		}
		list = append(list, network)
	}
	return list, nil
}

// parseNetwork reads a network or a single address.
func parseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return network, fmt.Errorf(`%q is no address, nor a network such as "10.0.0.0/8"`, text)
	}
	return network, nil
}

// shared finds two fronts at one address.
func (c *config) shared() error {
	used := map[string]string{}
	for _, name := range frontNames {
		addr := c.address(name)
		if other, taken := used[addr]; taken && addr != "" && !strings.HasSuffix(addr, ":0") {
			return fmt.Errorf("listen.%s and listen.%s are both %q: each needs an address of its own", other, name, addr)
		}
		used[addr] = name
	}
	return nil
}

// address is where a front is to listen, "" for nowhere.
func (c *config) address(front string) string {
	return map[string]string{"imap": c.imap, "imaps": c.imaps, "lmtp": c.lmtp, "auth": c.auth, "socketmap": c.socketmap,
		"https": c.https, "http": c.http, "web": c.web, "metrics": c.metrics}[front]
}
