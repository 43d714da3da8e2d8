package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long one question to the DNS may take, and how many are asked at once.
const (
	lookupPatience = 10 * time.Second
	lookupsAtOnce  = 8
)

// Checked is what the DNS has of a record.
type Checked struct {
	State   string `json:"state"` // OK, Needed, Useful or Unknown
	Name    string `json:"name"`
	Type    string `json:"type"`
	Found   string `json:"found"`             // "" when there is none
	Trouble string `json:"trouble,omitempty"` // why it is Unknown
}

// States of a record: Needed and Useful ones are missing or wrong, and mail does not work without those that are Needed.
// Those that are Unknown could not be looked up.
const (
	OK      = "ok"
	Needed  = "needed"
	Useful  = "useful"
	Unknown = "unknown"
)

// Check compares the records with what the DNS has. It asks a name server, HOST or HOST:PORT, or this system's when that is
// "". An error says that not one record could be looked up.
func Check(ctx context.Context, zones []Zone, nameserver string) ([]Checked, error) {
	var records []record
	for _, z := range zones {
		for _, r := range z.records {
			if len(r.values) > 0 || r.needed { // else it is an address that this host may not have
				records = append(records, r)
			}
		}
	}
	list, errs := make([]Checked, len(records)), make([]error, len(records))
	ask := resolver(nameserver)
	var asking sync.WaitGroup
	turns := make(chan struct{}, lookupsAtOnce)
	for i, r := range records {
		turns <- struct{}{}
		asking.Go(func() {
			list[i], errs[i] = r.check(ctx, ask)
			<-turns
		})
	}
	asking.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 || slices.ContainsFunc(list, func(c Checked) bool { return c.State != Unknown }) {
		return list, nil
	}
	var failed *net.DNSError
	if errors.As(errs[0], &failed) && nameserver != "" {
		failed.Server = nameserver // the resolver names the system's, though it did not ask there
	}
	return nil, errs[0]
}

// check asks for one record. The error is why it is Unknown.
func (r record) check(ctx context.Context, ask *net.Resolver) (Checked, error) {
	ok, found, err := checkRecord(ctx, ask, r)
	c := Checked{State: Useful, Name: r.name, Type: r.kind, Found: found}
	var failed *net.DNSError
	switch {
	case errors.As(err, &failed):
		c.State, c.Trouble = Unknown, failed.Err
	case err != nil:
		c.State, c.Trouble = Unknown, err.Error()
	case ok:
		c.State = OK
	case r.needed:
		c.State = Needed
	}
	return c, err
}

// resolver asks a name server, "" for this system's.
func resolver(nameserver string) *net.Resolver {
	if nameserver == "" {
		return &net.Resolver{}
	}
	if _, _, err := net.SplitHostPort(nameserver); err != nil {
		nameserver = net.JoinHostPort(nameserver, "53")
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, nameserver)
	}}
}

// checkRecord says whether the DNS has what a record wants, and what it has, "" for nothing. An error is one of the
// network.
func checkRecord(ctx context.Context, ask *net.Resolver, r record) (ok bool, found string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	have, err := lookUp(ctx, ask, r)
	switch {
	case isNotFound(err):
		return false, "", nil
	case err != nil:
		return false, "", err
	}
	among := func(list []string) func(string) bool {
		return func(value string) bool { return slices.Contains(list, value) }
	}
	switch r.kind {
	case "A", "AAAA":
		ok = len(have) > 0 && len(r.values) == 0 || slices.ContainsFunc(have, among(r.values))
	case "CNAME":
		want, err := lookUp(ctx, ask, record{name: r.values[0], kind: r.kind})
		if err != nil && !isNotFound(err) {
			return false, "", err
		}
		ok = slices.ContainsFunc(have, among(want))
	case "TXT":
		// Policies are their owner's to choose: there has to be one.
		policy := strings.FieldsFunc(r.values[0], func(c rune) bool { return c == ' ' || c == ';' })[0]
		have = slices.DeleteFunc(have, func(text string) bool { return !strings.HasPrefix(text, policy) })
		ok = len(have) == 1 && (policy != "v=STSv1" || stsID(have[0]) == stsID(r.values[0]))
	default:
		ok = slices.ContainsFunc(r.values, among(have))
	}
	return ok, strings.Join(have, ", "), nil
}

// isNotFound reports whether the DNS said that it has nothing.
func isNotFound(err error) bool {
	var failed *net.DNSError
	return errors.As(err, &failed) && failed.IsNotFound
}

// stsID is the id in a record of MTA-STS (RFC 8461, 3.1).
func stsID(text string) string {
	for field := range strings.SplitSeq(text, ";") {
		if name, id, ok := strings.Cut(strings.TrimSpace(field), "="); ok && strings.TrimSpace(name) == "id" {
			return strings.TrimSpace(id)
		}
	}
	return ""
}

// lookUp finds what is under the record's name, spelled as in a record; in place of a CNAME the addresses.
func lookUp(ctx context.Context, ask *net.Resolver, r record) (values []string, err error) {
	name := r.name + "." // whole: this host's search list has no say
	switch r.kind {
	case "MX":
		list, err := ask.LookupMX(ctx, name)
		for _, mx := range list {
			values = append(values, fmt.Sprintf("%d %s", mx.Pref, plainName(mx.Host)))
		}
		return values, err
	case "SRV":
		_, list, err := ask.LookupSRV(ctx, "", "", name)
		for _, s := range list {
			values = append(values, fmt.Sprintf("%d %d %d %s", s.Priority, s.Weight, s.Port, plainName(s.Target)))
		}
		return values, err
	case "TXT":
		return ask.LookupTXT(ctx, name)
	}
	network := map[string]string{"A": "ip4", "AAAA": "ip6", "CNAME": "ip"}[r.kind]
	list, err := ask.LookupNetIP(ctx, network, name)
	for _, addr := range list {
		values = append(values, addr.Unmap().String())
	}
	slices.Sort(values)
	return values, err
}

func plainName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
