package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"rsc.io/qr"
)

// code is a QR code to be drawn: a path over squares of size 1.
type code struct {
	Size int
	Path string
}

// quiet is how many squares around a code are left white (ISO/IEC 18004).
const quiet = 4

// setupCode is what Thunderbird for Android and K-9 Mail read to set an account up, nil where it cannot be said.
func (s *Server) setupCode(p person) *code {
	if strings.ContainsFunc(p.address, func(r rune) bool { return r >= 0x80 }) {
		return nil
	}
	text, err := thunderbirdCode(p, s.cfg.IMAP.ways()[0], s.cfg.SMTP.ways()[0])
	if err != nil {
		return nil
	}
	c, err := qr.Encode(text, qr.L)
	if err != nil {
		return nil // too long
	}
	return drawn(c)
}

// thunderbirdCode is an account in the form that Thunderbird exports to phones, version 1.
func thunderbirdCode(p person, in, out access) (string, error) {
	const passwordCleartext = 1
	name := p.name
	if name == "" {
		name, _, _ = strings.Cut(p.address, "@")
	}
	security := func(a access) int {
		if a.tls {
			return 3
		}
		return 2
	}
	type list []any
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(list{
		1,          // the version
		list{1, 1}, // the first code of one
		list{0, in.host, in.port, security(in), passwordCleartext, p.login, p.address, p.password},
		list{list{
			list{0, out.host, out.port, security(out), passwordCleartext, p.login, p.password},
			list{p.address, name},
		}},
	})
	return strings.TrimSpace(b.String()), err
}

// drawn draws the dark squares, row by row.
func drawn(c *qr.Code) *code {
	var path strings.Builder
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if n := x - from; n > 0 {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, n, n)
			}
		}
	}
	return &code{c.Size + 2*quiet, path.String()}
}
