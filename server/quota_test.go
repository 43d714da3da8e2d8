package server

import (
	"strings"
	"testing"

	"satchel/backend"
)

// BenchmarkGetQuotaRoot is what Thunderbird asks after every NOOP: it must not cost
// a look at the disk, nor memory.
func BenchmarkGetQuotaRoot(b *testing.B) {
	srv := startServerOver(b, backend.Config{Quotas: backend.QuotaConfig{Limits: backend.Usage{5 << 30, 100_000, 1000}}})
	s := &session{loginState: loginState{account: srv.account(b, testUser)}}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = s.appendQuotaRoot(buf[:0], "INBOX")
	}
}

// TestQuotaUnits: however usage and limits are rounded, what is within a limit looks
// so, and what has no limit is left out.
func TestQuotaUnits(t *testing.T) {
	for _, try := range []struct {
		usage  backend.Usage
		limits backend.Limits
		want   string
	}{
		{backend.Usage{1500, 3, 6}, backend.Limits{1500, backend.NoLimit, backend.NoLimit}, "(STORAGE 2 2)"},
		{backend.Usage{1501, 3, 6}, backend.Limits{2048, 4, backend.NoLimit}, "(STORAGE 2 2 MESSAGE 3 4)"},
		{backend.Usage{2049, 3, 6}, backend.Limits{2048, backend.NoLimit, 6}, "(STORAGE 3 2 MAILBOX 6 6)"},
		{backend.Usage{1 << 62, 0, 0}, backend.Limits{1<<63 - 1, backend.NoLimit, backend.NoLimit}, "(STORAGE 4503599627370496 9007199254740992)"},
		{backend.Usage{1, 1, 6}, unlimited, "()"},
	} {
		q := backend.Quota{Usage: try.usage, Limits: try.limits}
		if got := string(appendQuota(nil, "al ice", &q)); got != `* QUOTA "al ice" `+try.want+"\r\n" {
			t.Errorf("%v of %v: %s", try.usage, try.limits, got)
		}
	}
}

// TestQuotaHidden: the capabilities can be kept from a client like others; QUOTASET
// is only ever there for who may use it.
func TestQuotaHidden(t *testing.T) {
	srv := startServer(t, func(c *Config) {
		c.Hide = []HideRule{{Client: "simple", Capabilities: []string{"QUOTA", "QUOTA=RES-STORAGE", "QUOTASET"}}}
	})
	if _, err := srv.be.AddAccount("postmaster", testPassword); err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct{ id, user, want string }{
		{"other", testUser, "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE QUOTA=RES-MAILBOX"},
		{"other", "postmaster", "QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE QUOTA=RES-MAILBOX QUOTASET"},
		{"simple", "postmaster", "QUOTA=RES-MESSAGE QUOTA=RES-MAILBOX"},
	} {
		c := newClient(t, srv.dial(t, "imap"))
		if before := c.do(t, "a CAPABILITY"); strings.Contains(before, "QUOTA") {
			t.Errorf("before login: %s", before)
		}
		c.do(t, `b ID ("name" "`+try.id+`")`)
		c.do(t, "c LOGIN "+try.user+` "`+testPassword+`"`)
		var got []string
		for word := range strings.FieldsSeq(c.do(t, "d CAPABILITY")) {
			if strings.HasPrefix(word, "QUOTA") {
				got = append(got, word)
			}
		}
		if strings.Join(got, " ") != try.want {
			t.Errorf("%s as %s is offered %v, want %s", try.user, try.id, got, try.want)
		}
	}
}
