package main

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/net/dns/dnsmessage"
)

// nameserver answers from a zone, as it stands in a file.
type nameserver struct {
	records []dnsmessage.Resource
	broken  map[string]bool // names that it fails at
}

// cmdNameserver: nameserver NAME FILE serves a zone file on loopback until the script ends, and puts the address into $NAME.
func cmdNameserver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: nameserver NAME FILE")
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { conn.Close() })
	ts.Setenv(args[0], conn.LocalAddr().String())
	n := &nameserver{broken: map[string]bool{}}
	for line := range strings.Lines(ts.ReadFile(args[1])) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, ";") {
			n.add(ts, line)
		}
	}
	go n.serve(conn)
}

// add reads "NAME KIND VALUE ...", or "NAME SERVFAIL".
func (n *nameserver) add(ts *testscript.TestScript, line string) {
	f := strings.Fields(line)
	number := func(s string) uint16 {
		v, err := strconv.ParseUint(s, 10, 16)
		ts.Check(err)
		return uint16(v)
	}
	if f[1] == "SERVFAIL" {
		n.broken[f[0]] = true
		return
	}
	var body dnsmessage.ResourceBody
	switch last := f[len(f)-1]; f[1] {
	case "A":
		body = &dnsmessage.AResource{A: netip.MustParseAddr(last).As4()}
	case "AAAA":
		body = &dnsmessage.AAAAResource{AAAA: netip.MustParseAddr(last).As16()}
	case "MX":
		body = &dnsmessage.MXResource{Pref: number(f[2]), MX: dnsmessage.MustNewName(last)}
	case "SRV":
		body = &dnsmessage.SRVResource{Priority: number(f[2]), Weight: number(f[3]), Port: number(f[4]), Target: dnsmessage.MustNewName(last)}
	case "CNAME":
		body = &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(last)}
	case "TXT":
		text, err := strconv.Unquote(line[strings.IndexByte(line, '"'):])
		ts.Check(err)
		body = &dnsmessage.TXTResource{TXT: []string{text}}
	default:
		ts.Fatalf("a zone with %q", line)
	}
	types := map[string]dnsmessage.Type{"A": dnsmessage.TypeA, "AAAA": dnsmessage.TypeAAAA, "MX": dnsmessage.TypeMX,
		"SRV": dnsmessage.TypeSRV, "CNAME": dnsmessage.TypeCNAME, "TXT": dnsmessage.TypeTXT}
	n.records = append(n.records, dnsmessage.Resource{Body: body,
		Header: dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(f[0]), Type: types[f[1]], Class: dnsmessage.ClassINET}})
}

func (n *nameserver) serve(conn net.PacketConn) {
	b := make([]byte, 512)
	for {
		size, from, err := conn.ReadFrom(b)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(b[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		m.Response, m.Authoritative, m.Additionals = true, true, nil
		if m.Answers = n.find(m.Questions[0]); len(m.Answers) == 0 {
			m.RCode = dnsmessage.RCodeNameError
		}
		if n.broken[m.Questions[0].Name.String()] {
			m.RCode, m.Answers = dnsmessage.RCodeServerFailure, nil
		}
		if answer, err := m.Pack(); err == nil {
			conn.WriteTo(answer, from)
		}
	}
}

// find follows a CNAME.
func (n *nameserver) find(q dnsmessage.Question) (answers []dnsmessage.Resource) {
	for _, r := range n.records {
		if !strings.EqualFold(r.Header.Name.String(), q.Name.String()) {
			continue
		}
		alias, ok := r.Body.(*dnsmessage.CNAMEResource)
		switch {
		case r.Header.Type == q.Type:
			answers = append(answers, r)
		case ok:
			q.Name = alias.CNAME
			answers = append(append(answers, r), n.find(q)...)
		}
	}
	return answers
}
