package dns

import (
	"strings"
	"testing"

	"satchel/server/web"
)

// TestZones: the host's addresses are in the first zone that has its name, or in one of their own.
func TestZones(t *testing.T) {
	h := Host{Name: "mail.example.org", IMAP: web.Service{Host: "mail.example.org", TLS: 993}, SMTP: web.Service{Host: "mail.example.org", TLS: 465}}
	for domains, want := range map[string]string{
		"example.org":             "example.org",
		"example.net example.org": "example.net example.org",
		"example.net":             "example.org example.net",
		"bücher.example.":         "example.org xn--bcher-kva.example",
	} {
		zones, err := h.Zones(strings.Fields(domains))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		own := 0
		for _, z := range zones {
			got = append(got, z.domain)
			for _, r := range z.records {
				if r.name == h.Name {
					own++
				}
			}
		}
		if strings.Join(got, " ") != want || own != 2 {
			t.Errorf("%s: zones %v with %d records of the host; want %s with 2", domains, got, own, want)
		}
	}
	if zones, err := h.Zones([]string{"no domain"}); err == nil {
		t.Errorf("zones of no domain: %v", zones)
	}
}
