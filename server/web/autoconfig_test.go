package web

import (
	"net/http"
	"strings"
	"testing"
)

const wantAutoconfig = `<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="example.org">
    <domain>example.org</domain>
    <displayName>example.org</displayName>
    <displayShortName>example.org</displayShortName>
    <incomingServer type="imap">
      <hostname>imap.example.com</hostname>
      <port>993</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <incomingServer type="imap">
      <hostname>imap.example.com</hostname>
      <port>143</port>
      <socketType>STARTTLS</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.example.com</hostname>
      <port>465</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
    <outgoingServer type="smtp">
      <hostname>smtp.example.com</hostname>
      <port>587</port>
      <socketType>STARTTLS</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
  </emailProvider>
</clientConfig>
`

// TestAutoconfig: the settings of our domains, in the clear too, and the same for every address there might be.
func TestAutoconfig(t *testing.T) {
	s := open(t)
	for _, url := range []string{
		"https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=alice@example.org",
		"https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=nobody%40EXAMPLE.org",
		"http://autoconfig.example.org:8080/mail/config-v1.1.xml",
		"http://example.org/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=%25EMAILADDRESS%25",
		"http://203.0.113.1/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=alice@example.org.",
	} {
		kind := HTTPS
		if strings.HasPrefix(url, "http:") {
			kind = HTTP
		}
		r := ask(s.Front(kind), "GET", url)
		if got := bodyOf(t, r); got != wantAutoconfig || r.Header.Get("Content-Type") != "text/xml; charset=utf-8" {
			t.Errorf("%s: %s\n%s", url, r.Status, got)
		}
	}
	for _, url := range []string{
		"https://autoconfig.example.net/mail/config-v1.1.xml",
		"https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=alice@example.net",
		"https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=" + strings.Repeat("a", 300) + "@example.org",
		"https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=@",
	} {
		if r := ask(s.Front(HTTPS), "GET", url); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", url, r.Status)
		}
	}
}
