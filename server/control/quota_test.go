package control

import (
	"errors"
	"strings"
	"testing"

	"satchel/backend"
)

func TestQuota(t *testing.T) {
	both(t, func(t *testing.T, a Admin) {
		must[backend.AccountInfo](t)(a.AddAccount("alice@example.org", "secret"))
		own := backend.Limits{100, backend.Configured, backend.NoLimit}
		ok(t, a.SetQuota("alice@example.org", own))
		must[backend.Receipt](t)(a.Deliver(Destination{Account: "alice@example.org"}, strings.NewReader("A: b\r\n\r\n")))
		q := must[backend.AccountQuota](t)(a.AccountQuota("Alice@example.org"))
		if q.Account != "alice@example.org" || q.Own != own || q.Limits != (backend.Limits{100, backend.NoLimit, backend.NoLimit}) ||
			q.Usage[backend.QuotaStorage] == 0 || q.Usage[backend.QuotaMessages] != 1 || q.Usage[backend.QuotaMailboxes] != 6 {
			t.Errorf("quota %+v", q)
		}
		_, err := a.Deliver(Destination{Address: "alice@example.org"}, strings.NewReader(strings.Repeat("x", 200)))
		if !errors.Is(err, backend.ErrOverQuota) || errors.Is(err, backend.ErrDeferred) {
			t.Errorf("over it: %v", err)
		}
		for _, err := range []error{a.SetQuota("dora", own), func() error { _, err := a.AccountQuota("dora"); return err }()} {
			if !errors.Is(err, backend.ErrNotFound) {
				t.Errorf("nobody's: %v", err)
			}
		}
	})
}
