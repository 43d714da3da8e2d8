package web

import (
	"net/http"
	"regexp"
	"testing"
)

// TestMTASTS: servers that send get the policy at the name for it of each of our domains, over TLS, and nowhere else.
func TestMTASTS(t *testing.T) {
	s := open(t)
	const url = "https://mta-sts.example.org/.well-known/mta-sts.txt"
	if r := ask(s.Front(HTTPS), "GET", url); r.StatusCode != http.StatusNotFound {
		t.Errorf("without a policy: %s", r.Status)
	}
	s.cfg.MTASTS = MTASTS{"enforce", []string{"mail.example.com", "*.example.net"}}
	const want = "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\nmax_age: 604800\r\n"
	for _, url := range []string{url, "https://MTA-STS.example.org.:443/.well-known/mta-sts.txt"} {
		r := ask(s.Front(HTTPS), "GET", url)
		if got := bodyOf(t, r); got != want || r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/plain" {
			t.Errorf("%s: %s, %q", url, r.Status, got)
		}
	}
	for _, url := range []string{
		"https://example.org/.well-known/mta-sts.txt", "https://mta-sts.example.net/.well-known/mta-sts.txt",
		"https://mta-sts.mta-sts.example.org/.well-known/mta-sts.txt", "https://mta-sts./.well-known/mta-sts.txt",
	} {
		if r := ask(s.Front(HTTPS), "GET", url); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", url, r.Status)
		}
	}
	if r := ask(s.Front(HTTP), "GET", "http"+url[5:]); r.StatusCode == http.StatusOK {
		t.Error("the policy was told in the clear")
	}
}

// TestMTASTSID: each text of a policy has an id of its own, in letters and digits.
func TestMTASTSID(t *testing.T) {
	seen := map[string]MTASTS{}
	for _, p := range []MTASTS{
		{"enforce", []string{"a.example.org"}}, {"testing", []string{"a.example.org"}}, {"none", []string{"a.example.org"}},
		{"enforce", []string{"b.example.org"}}, {"enforce", []string{"a.example.org", "b.example.org"}},
	} {
		id := p.ID()
		if other, ok := seen[id]; ok || id != p.ID() || !regexp.MustCompile(`^[0-9a-z]{1,32}$`).MatchString(id) {
			t.Errorf("%+v has the id %q (as %+v)", p, id, other)
		}
		seen[id] = p
	}
	if (MTASTS{MX: []string{"a.example.org"}}).Policy() != "" {
		t.Error("a policy without a mode")
	}
}
