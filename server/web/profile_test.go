package web

import (
	"crypto/x509"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/smallstep/pkcs7"
)

// texts are the values of a profile, by their keys.
func texts(t *testing.T, profile []byte) map[string]string {
	t.Helper()
	found, key, in := map[string]string{}, "", ""
	for d := xml.NewDecoder(strings.NewReader(string(profile))); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%v in %s", err, profile)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if in = e.Name.Local; in == "true" || in == "false" {
				found[key] = in
			}
		case xml.EndElement:
			in = ""
		case xml.CharData:
			switch in {
			case "key":
				key = string(e)
			case "string", "integer":
				found[key] += string(e)
			}
		}
	}
}

// TestProfile: Apple's Mail is set up for an address, and the profile bears the server's signature.
func TestProfile(t *testing.T) {
	s := open(t)
	get := func(address string) *http.Response {
		return ask(s.Front(HTTPS), "GET", "https://example.com/profile.mobileconfig?emailaddress="+address)
	}
	r := get("n%26b@example.org")
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/x-apple-aspen-config" ||
		r.Header.Get("Content-Disposition") != "attachment; filename*=UTF-8''n&b@example.org.mobileconfig" {
		t.Fatal(r.Status, r.Header)
	}
	envelope, err := pkcs7.Parse([]byte(bodyOf(t, r)))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.cfg.TLS.Certificates[0].Leaf)
	if err := envelope.VerifyWithChain(roots); err != nil {
		t.Error(err)
	}
	got := texts(t, envelope.Content)
	for key, want := range map[string]string{
		"EmailAddress": "n&b@example.org", "IncomingMailServerUsername": "n&b@example.org", "OutgoingMailServerUsername": "n&b@example.org",
		"IncomingMailServerHostName": "imap.example.com", "IncomingMailServerPortNumber": "993", "IncomingMailServerUseSSL": "true",
		"OutgoingMailServerHostName": "smtp.example.com", "OutgoingMailServerPortNumber": "465", "OutgoingMailServerUseSSL": "true",
		"OutgoingPasswordSameAsIncomingPassword": "true", "EmailAccountType": "EmailTypeIMAP", "IncomingPassword": "",
	} {
		if got[key] != want {
			t.Errorf("%s: %q, want %q", key, got[key], want)
		}
	}
	if r := get("alice@example.net"); r.StatusCode != http.StatusNotFound {
		t.Errorf("for another's address: %s", r.Status)
	}
	if got := texts(t, s.profile(person{login: "alice", address: "alice@example.org", password: "s<cret"}))["IncomingPassword"]; got != "s<cret" {
		t.Errorf("password %q", got)
	}
	s.cfg.SMTP = Service{}
	if r := get("alice@example.org"); r.StatusCode != http.StatusNotFound {
		t.Errorf("without an MTA: %s", r.Status)
	}
}

// TestProfileUnsigned: without a certificate for our name a profile is still one.
func TestProfileUnsigned(t *testing.T) {
	s := open(t)
	s.cfg.Hostname = "elsewhere.example"
	r := ask(s.Front(HTTPS), "GET", "https://elsewhere.example/profile.mobileconfig?emailaddress=alice@example.org")
	if got := texts(t, []byte(bodyOf(t, r)))["EmailAddress"]; got != "alice@example.org" {
		t.Errorf("%s: %q", r.Status, got)
	}
}
