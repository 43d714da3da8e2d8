package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"satchel/server/web"
)

func isPort(get func(*Config) int) func(*Config) error {
	return func(c *Config) error {
		if v := get(c); v < 0 || v > 65535 {
			return fmt.Errorf("%d is not a port", v)
		}
		return nil
	}
}

func checkAddress(get func(*Config) string) func(*Config) error {
	return func(c *Config) error { return validAddress(get(c)) }
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
func checkLocal(get func(*Config) string) func(*Config) error {
	return func(c *Config) error { return validLocal(get(c)) }
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
func checkWeb(c *Config) error {
	err := validLocal(c.Web)
	if err != nil || c.Web == "" || strings.HasPrefix(c.Web, "unix:") {
		return err
	}
	host, _, _ := net.SplitHostPort(c.Web)
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("%q is not an address of this host alone, such as 127.0.0.1:8143", c.Web)
}

func checkProxies(c *Config) error {
	_, err := c.ProxyNetworks()
	return err
}

// ProxyNetworks reads the networks, or single addresses, of load balancers.
func (c *Config) ProxyNetworks() (list []netip.Prefix, err error) {
	for _, text := range c.proxies {
		network, err := ParseNetwork(text)
		if err != nil {
			return nil, err
		}
		list = append(list, network)
	}
	return list, nil
}

// ParseNetwork reads a network or a single address.
func ParseNetwork(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return network, fmt.Errorf(`%q is no address, nor a network such as "10.0.0.0/8"`, text)
	}
	return network, nil
}

// Fronts are all fronts, in the order in which they are shown.
var Fronts = []string{"imap", "imaps", "lmtp", "auth", "socketmap", "https", "http", "web", "metrics"}

// shared finds two fronts at one address.
func (c *Config) shared() error {
	used := map[string]string{}
	for _, name := range Fronts {
		addr := c.Address(name)
		if other, taken := used[addr]; taken && addr != "" && !strings.HasSuffix(addr, ":0") {
			return fmt.Errorf("listen.%s and listen.%s are both %q: each needs an address of its own", other, name, addr)
		}
		used[addr] = name
	}
	return nil
}

// Address is where a front is to listen, "" for nowhere.
func (c *Config) Address(front string) string {
	return map[string]string{"imap": c.IMAP, "imaps": c.IMAPS, "lmtp": c.LMTP, "auth": c.Auth, "socketmap": c.Socketmap,
		"https": c.HTTPS, "http": c.HTTP, "web": c.Web, "metrics": c.Metrics}[front]
}

// CheckFronts looks at what flags may have brought, which the file's checks have not seen.
func (c *Config) CheckFronts() error {
	errs := []error{validAddress(c.IMAP), validAddress(c.IMAPS), validLocal(c.LMTP), validAddress(c.HTTPS), validAddress(c.HTTP)}
	errs = append(errs, c.shared())
	if (c.cert == "") != (c.key == "") {
		errs = append(errs, errors.New("tls.cert and tls.key go together: one is missing"))
	}
	return errors.Join(errs...)
}

// Services are where mail programs find this server, and the MTA.
func (c *Config) Services() (imap, smtp web.Service) {
	imap, smtp = c.clientIMAP, c.clientSMTP
	imap.Host, smtp.Host = cmp.Or(imap.Host, c.Hostname), cmp.Or(smtp.Host, c.Hostname)
	return imap, smtp
}
