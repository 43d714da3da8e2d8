package main

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"satchel/backend"
	"satchel/server"
)

// set stores a value of the file into a field.
func set(field, v any) error {
	switch f := field.(type) {
	case *string:
		return setText(f, v, func(s string) (string, error) { return s, nil })
	case *[]string:
		return setTexts(f, v)
	case *int:
		n, ok := v.(int64)
		if !ok {
			return errors.New("a number is needed")
		}
		*f = int(n)
		return nil
	case *bool:
		b, ok := v.(bool)
		if !ok {
			return errors.New("true or false is needed")
		}
		*f = b
		return nil
	case *size:
		if n, ok := v.(int64); ok {
			*f = size(n)
			return nil
		}
		return setText(f, v, parseSize)
	case *share:
		return setText(f, v, parseShare)
	case *time.Duration:
		return setText(f, v, parseDuration)
	case *[]server.HideRule:
		return setHide(f, v)
	case *[]server.KeyPair:
		return setKeyPairs(f, v)
	case *[]backend.Extractor:
		return setExtractors(f, v)
	case *slog.Level:
		return setText(f, v, func(s string) (l slog.Level, err error) {
			if l.UnmarshalText([]byte(s)) != nil {
				return 0, fmt.Errorf("%q is none of debug, info, warn, error", s)
			}
			return l, nil
		})
	}
	return fmt.Errorf("a field of type %T cannot be set", field)
}

func setTexts(field *[]string, v any) error {
	list, ok := v.([]any)
	texts := make([]string, len(list))
	for i := 0; ok && i < len(list); i++ {
		texts[i], ok = list[i].(string)
	}
	if !ok {
		return errors.New("a list of texts is needed")
	}
	*field = texts
	return nil
}

func setText[T any](field *T, v any, parse func(string) (T, error)) error {
	s, ok := v.(string)
	if !ok {
		return errors.New("a text in quotes is needed")
	}
	parsed, err := parse(s)
	if err == nil {
		*field = parsed
	}
	return err
}

// parseSize reads "50 MiB", "50M" and the like; units are powers of 1024.
func parseSize(s string) (size, error) {
	digits := strings.TrimRight(s, "KMGTiBkmgtb ")
	unit := strings.ToUpper(strings.TrimSpace(s[len(digits):]))
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I")
	n, err := strconv.ParseInt(digits, 10, 64)
	shift := strings.Index("KMGT", unit)
	if err != nil || n < 0 || len(unit) > 1 || shift < 0 || n > 1<<22 && unit != "" {
		return 0, fmt.Errorf(`%q is not a size such as "50 MiB"`, s)
	}
	if unit == "" {
		return size(n), nil
	}
	return size(n << (10 * (shift + 1))), nil
}

// String writes a size the way parseSize reads it.
func (s size) String() string {
	for i, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if b := size(1) << (10 * (4 - i)); s >= b && s%b == 0 {
			return fmt.Sprintf("%d %s", s/b, unit)
		}
	}
	return fmt.Sprintf("%d B", int64(s))
}

// unknownKey names the key that was probably meant.
func unknownKey(table []option, key string) error {
	best, near := "", len(key)/2+2
	for _, o := range table {
		if d := distance(key, o.key); d < near {
			best, near = o.key, d
		}
		// The right name in the wrong section is nearer than any misspelling.
		if lastPart(o.key) == lastPart(key) && near > 0 {
			best, near = o.key, 0
		}
	}
	if best == "" {
		return fmt.Errorf(`unknown key %q ("satchel config" shows all)`, key)
	}
	return fmt.Errorf("unknown key %q: did you mean %q?", key, best)
}

func lastPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

// distance counts the letters to insert, delete or change between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func atLeast[T cmp.Ordered](get func(*config) T, least T) func(*config) error {
	return func(c *config) error {
		if v := get(c); v < least {
			return fmt.Errorf("%v is too little, at least %v is needed", v, least)
		}
		return nil
	}
}

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
		return fmt.Errorf("%q is not HOST:PORT", addr)
	}
	return nil
}

// checkLocal wants HOST:PORT or unix:PATH.
func checkLocal(get func(*config) string) func(*config) error {
	return func(c *config) error { return validLocal(get(c)) }
}

func validLocal(addr string) error {
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
		return network, fmt.Errorf(`%q is not a network such as "10.0.0.0/8"`, text)
	}
	return network, nil
}

// checkMetadata wants "/shared/NAME VALUE".
func checkMetadata(c *config) error {
	for _, line := range c.metadata {
		entry, value, _ := strings.Cut(line, " ")
		if !strings.HasPrefix(strings.ToLower(entry), "/shared/") || !server.ValidEntry(entry) || value == "" {
			return fmt.Errorf("%q is not /shared/NAME VALUE", line)
		}
	}
	return nil
}

func checkFormat(c *config) error {
	if c.logFormat != "text" && c.logFormat != "json" {
		return fmt.Errorf("%q is neither text nor json", c.logFormat)
	}
	return nil
}
