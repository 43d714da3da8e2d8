package dns

import (
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/idna"

	"satchel/server"
)

// Zone is what the zone of a domain needs.
type Zone struct {
	domain  string
	records []record
}

// Zones are those of the domains. The host's own records are in the first that has its name, or else before all. The error
// names what is no domain.
func (h Host) Zones(domains []string) (zones []Zone, err error) {
	own := h.ownRecords()
	for _, domain := range domains {
		ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
		if err != nil || !server.IsHostName(ascii) {
			return nil, fmt.Errorf("%q is not a domain", domain)
		}
		z := Zone{domain: ascii}
		if strings.HasSuffix("."+h.Name, "."+ascii) {
			z.records, own = own, nil
		}
		z.records = append(z.records, h.records(ascii)...)
		zones = append(zones, z)
	}
	if len(own) > 0 {
		_, above, _ := strings.Cut(h.Name, ".")
		zones = append([]Zone{{above, own}}, zones...)
	}
	return zones, nil
}

// Write writes zone files.
func Write(out io.Writer, zones []Zone) error {
	var b strings.Builder
	for i, z := range zones {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "; In the zone of %s\n", z.domain)
		widest := 0
		for _, r := range z.records {
			widest = max(widest, len(r.name)+1)
		}
		for _, r := range z.records {
			r.write(&b, widest)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// write writes a record's lines, names in a column so wide.
func (r record) write(w io.Writer, width int) {
	if r.why != "" {
		fmt.Fprintf(w, "; %s\n", r.why)
	}
	for _, value := range r.values {
		switch r.kind {
		case "A", "AAAA":
		case "TXT":
			value = `"` + value + `"`
		default:
			value += "."
		}
		fmt.Fprintf(w, "%-*s  %-5s  %s\n", width, r.name+".", r.kind, value)
	}
}
