package backend

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/secure/precis"
)

// Limits of RFC 5321, 4.5.3.1, in bytes of UTF-8.
const (
	maxLocalPart = 64
	maxAddress   = 254
)

// catchAll begins the address that stands for whatever else a domain receives.
const catchAll = "@"

var errAddress = errors.New("not a valid address")

// splitAddress parts an address at its last '@'. A name without one has no
// domain.
func splitAddress(address string) (local, domain string, hasDomain bool) {
	if i := strings.LastIndexByte(address, '@'); i >= 0 {
		return address[:i], address[i+1:], true
	}
	return address, "", false
}

// canonicalAddress gives every spelling of an address the one form under which
// it is stored and looked up: local@domain, a local part alone, or @domain. Case
// does not count, width and composition of letters neither (RFC 8265, 3.3), and a
// domain in its ASCII form is the domain (RFC 5890).
func canonicalAddress(address string) (string, error) {
	local, domain, hasDomain := splitAddress(address)
	if len(address) > maxAddress || local == "" && !hasDomain {
		return "", fmt.Errorf("%w: it must have 1 to %d bytes", errAddress, maxAddress)
	}
	var err error
	if local != "" {
		if local, err = canonicalLocal(local); err != nil {
			return "", err
		}
	}
	if !hasDomain {
		return local, nil
	}
	if domain, err = canonicalDomain(domain); err != nil {
		return "", err
	}
	if len(local)+1+len(domain) > maxAddress {
		return "", fmt.Errorf("%w: longer than %d bytes", errAddress, maxAddress)
	}
	return local + "@" + domain, nil
}

// canonicalLocal folds the part before the '@'. It takes what RFC 5321 and 6531
// call a dot-string: no blanks and no quoting.
func canonicalLocal(local string) (string, error) {
	folded, err := precis.UsernameCaseMapped.String(local)
	if err != nil {
		return "", fmt.Errorf("%w: %q has a character that no name may have", errAddress, local)
	}
	switch {
	case len(folded) > maxLocalPart:
		return "", fmt.Errorf("%w: more than %d bytes before the @", errAddress, maxLocalPart)
	case strings.ContainsAny(folded, `"(),:;<>@[\]`):
		return "", fmt.Errorf("%w: %q has one of \"(),:;<>@[\\]", errAddress, local)
	case folded[0] == '.' || folded[len(folded)-1] == '.' || strings.Contains(folded, ".."):
		return "", fmt.Errorf("%w: a dot in %q stands first, last or beside another", errAddress, local)
	}
	return folded, nil
}

// canonicalDomain folds a domain to lower-case Unicode. An address literal such
// as [192.0.2.1] only has its case folded.
func canonicalDomain(domain string) (string, error) {
	domain = strings.TrimSuffix(domain, ".")
	lower := strings.ToLower(domain)
	if len(lower) > 2 && lower[0] == '[' && lower[len(lower)-1] == ']' && isHostText(lower[1:len(lower)-1]) {
		return lower, nil
	}
	if !isASCII(lower) || strings.Contains(lower, "xn--") {
		unicode, err := idna.Lookup.ToUnicode(domain)
		if err != nil {
			return "", fmt.Errorf("%w: domain %q: %v", errAddress, domain, err)
		}
		return unicode, nil
	}
	if !isHostText(lower) || lower[0] == '.' || strings.Contains(lower, "..") {
		return "", fmt.Errorf("%w: %q is not a domain", errAddress, domain)
	}
	return lower, nil
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}

// isHostText accepts the characters of host names and address literals.
func isHostText(s string) bool {
	other := func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune("-_.:", r))
	}
	return s != "" && !strings.ContainsFunc(s, other)
}

// canonicalAccountName is canonicalAddress for the name of an account, which is
// an address of its own and must stay usable on a command line, in a list of
// rights (RFC 4314, 2: "anyone", "-name") and beside a +detail.
func canonicalAccountName(name string) (string, error) {
	canonical, err := canonicalAddress(name)
	if err != nil {
		return "", fmt.Errorf("account name %q: %w", name, err)
	}
	local, _, _ := splitAddress(canonical)
	switch {
	case local == "":
		return "", fmt.Errorf("account name %q: %w: nothing before the @", name, errAddress)
	case strings.ContainsAny(local, "+*%/'`$&!|{}?#^~="):
		return "", fmt.Errorf("account name %q: %w: letters, digits and . _ - only", name, errAddress)
	case local[0] == '-':
		return "", fmt.Errorf("account name %q: %w: it begins with a hyphen", name, errAddress)
	case canonical == "anyone" || canonical == "anonymous":
		return "", fmt.Errorf("account name %q: %w: the name is reserved", name, errAddress)
	}
	return canonical, nil
}

// loginNames lists the addresses, in canonical form and the best first, by
// which user may mean an account: as written, with the default domain when none
// is written, and without the domain.
func loginNames(user, defaultDomain string) []string {
	canonical, err := canonicalAddress(user)
	local, _, hasDomain := splitAddress(canonical)
	switch {
	case err != nil || local == "":
		return nil
	case hasDomain:
		return []string{canonical, local}
	case defaultDomain != "":
		return []string{canonical, local + "@" + defaultDomain}
	}
	return []string{canonical}
}

// deliveryAddress is one address that may stand for a recipient, with the part
// of the recipient's local part that is left over.
type deliveryAddress struct{ address, detail string }

// deliveryAddresses lists what may stand for a recipient, the best first: the
// address itself, without its +detail, both without the domain, and the domain's
// catch-all. RFC 5233, 1 calls what follows the first '+' the detail.
func deliveryAddresses(canonical, defaultDomain string) []deliveryAddress {
	local, domain, hasDomain := splitAddress(canonical)
	if !hasDomain {
		domain = defaultDomain
	}
	user, detail, hasDetail := strings.Cut(local, "+")
	if user == "" {
		hasDetail, detail = false, ""
	}
	var list []deliveryAddress
	at := func(suffix string) {
		list = append(list, deliveryAddress{local + suffix, ""})
		if hasDetail {
			list = append(list, deliveryAddress{user + suffix, detail})
		}
	}
	if hasDomain {
		at("@" + domain)
	}
	at("")
	if !hasDomain && domain != "" {
		at("@" + domain)
	}
	if domain != "" {
		list = append(list, deliveryAddress{catchAll + domain, detail})
	}
	return list
}
