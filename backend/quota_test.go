package backend

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"strings"
	"sync"
	"testing"
)

// messageOf is a message of n bytes.
func messageOf(n int) string { return "\r\n" + strings.Repeat("x", n-2) }

func mustDeliver(t *testing.T, b *Backend, to string, size int) error {
	t.Helper()
	d, err := b.NewDelivery("", "", spoolOf(t, b, messageOf(size)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	_, err = d.To(to)
	return err
}

// TestQuotaDelivery: deliveries may go beyond a limit by the grace, and what does not
// fit is refused or put off, before the message is stored and as early as Admit.
func TestQuotaDelivery(t *testing.T) {
	b := testBackend(t, "alice")
	a := accountOf(t, b, "alice")
	if err := b.SetQuotas(QuotaConfig{Limits: Usage{QuotaMessages: 10}, Grace: 20}); err != nil {
		t.Fatal(err)
	}
	for n := range 12 {
		if err := mustDeliver(t, b, "alice", 100); err != nil {
			t.Fatalf("delivery %d: %v", n, err)
		}
		if _, _, err := a.Append("INBOX", incoming(t, a, "x")); errors.Is(err, ErrOverQuota) != (n >= 9) {
			t.Fatalf("append with %d messages there: %v", n+1, err)
		} else if err == nil {
			expungeLast(t, a, 1)
		}
	}
	info, _ := b.AccountByName("alice")
	if err := mustDeliver(t, b, "alice", 100); !errors.Is(err, ErrOverQuota) || errors.Is(err, ErrDeferred) {
		t.Errorf("over the grace: %v", err)
	}
	if err := b.SetQuotas(QuotaConfig{Limits: Usage{QuotaMessages: 10}, Grace: 20, Defer: true}); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{mustDeliver(t, b, "alice", 100), b.Admit(info, 1)} {
		if !errors.Is(err, ErrOverQuota) || !errors.Is(err, ErrDeferred) {
			t.Errorf("to be tried again: %v", err)
		}
	}
	expungeLast(t, a, 1)
	if err := b.Admit(info, 1); err != nil {
		t.Errorf("with room again: %v", err)
	}
}

// expungeLast removes the last n messages of INBOX.
func expungeLast(t *testing.T, a *Account, n int) {
	t.Helper()
	v, err := a.Open("INBOX", false, func() {})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	all := v.All()
	last := uint32(all.Len())
	s, err := v.Resolve([]Range{{last - uint32(n) + 1, last}}, false)
	if err == nil {
		_, err = v.Store(s, StoreRequest{Op: StoreAdd, Flags: FlagDeleted})
	}
	if err == nil {
		err = v.Expunge(nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestQuotaBeyond: the grace of the largest limits does not turn round.
func TestQuotaBeyond(t *testing.T) {
	q := quotas{grace: 10}
	for limit, want := range map[int64]int64{NoLimit: NoLimit, 0: 0, 9: 9, 10: 11, 1000: 1100, 12345: 13579, math.MaxInt64: math.MaxInt64} {
		if got := q.beyond(limit); got != want {
			t.Errorf("%d: %d, want %d", limit, got, want)
		}
	}
}

// TestQuotaParallel: however many add at once, by appending and by delivery, no limit
// is exceeded, and all that fits is taken.
func TestQuotaParallel(t *testing.T) {
	b := testBackend(t, "alice")
	a := accountOf(t, b, "alice")
	lines := len("Return-Path: <>\r\nDelivered-To: alice\r\n")
	if err := b.SetQuotas(QuotaConfig{Limits: Usage{QuotaStorage: 20*1000 + 999}}); err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	errs := make([]error, 40)
	for i := range errs {
		if i%2 == 0 {
			in := incoming(t, a, messageOf(1000))
			work.Go(func() { _, _, errs[i] = a.Append([]string{"INBOX", "Archive"}[i/2%2], in) })
			continue
		}
		d, err := b.NewDelivery("", "", spoolOf(t, b, messageOf(1000-lines)))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(d.Close)
		work.Go(func() { _, errs[i] = d.To("alice") })
	}
	work.Wait()
	taken := 0
	for _, err := range errs {
		if err == nil {
			taken++
		} else if !errors.Is(err, ErrOverQuota) {
			t.Error(err)
		}
	}
	if u := a.Quota().Usage; taken != 20 || u[QuotaStorage] != 20*1000 || u[QuotaMessages] != 20 {
		t.Errorf("%d taken, usage %v", taken, u)
	}
}

// TestQuotaLog: the log is told once that an account nears its limit, and once that
// it is full, and again only when there has been room.
func TestQuotaLog(t *testing.T) {
	var log bytes.Buffer
	b, a := testAccountWith(t, Config{
		Data: t.TempDir(), Log: slog.New(slog.NewTextHandler(&log, nil)), Quotas: QuotaConfig{Limits: Usage{QuotaMessages: 10}},
	})
	add := func(n int) {
		for range n {
			a.Append("INBOX", incoming(t, a, "x"))
		}
	}
	told := func(near, full int) {
		t.Helper()
		if n, f := strings.Count(log.String(), "nearly used up"), strings.Count(log.String(), `"quota used up" account=test resource=messages used=10 limit=10`); n != near || f != full {
			t.Errorf("told %d times of nearly, %d of full, want %d and %d: %s", n, f, near, full, log.String())
		}
	}
	add(8)
	told(0, 0)
	add(1)
	told(1, 0)
	expungeLast(t, a, 1)
	add(1)
	told(1, 0)
	add(5)
	told(1, 1)
	expungeLast(t, a, 3)
	add(5)
	told(2, 2)
	if err := b.SetQuotas(QuotaConfig{Limits: Usage{QuotaMessages: 10}, Admins: []string{"no spaces"}}); err == nil {
		t.Error("an administrator who cannot be is taken")
	}
}

// TestQuotaUndelete: what was expunged does not count, and comes back within the limits only.
func TestQuotaUndelete(t *testing.T) {
	b, a := testAccountWith(t, Config{Data: t.TempDir()})
	for range 2 {
		if _, _, err := a.Append("INBOX", incoming(t, a, messageOf(100))); err != nil {
			t.Fatal(err)
		}
	}
	expungeLast(t, a, 2)
	if u := a.Quota().Usage; u[QuotaStorage] != 0 || u[QuotaMessages] != 0 {
		t.Errorf("usage after all was expunged: %v", u)
	}
	back := func() error {
		_, err := a.Undelete(t.Context(), ExpungedFilter{}, "", func(int, int) error { return nil })
		return err
	}
	for _, limit := range []int64{199, 200} {
		if err := b.SetQuotas(QuotaConfig{Limits: Usage{QuotaStorage: limit}}); err != nil {
			t.Fatal(err)
		}
		if err := back(); errors.Is(err, ErrOverQuota) != (limit < 200) || err != nil && limit == 200 {
			t.Errorf("with %d bytes: %v", limit, err)
		}
	}
	if u := a.Quota().Usage; u[QuotaStorage] != 200 || u[QuotaMessages] != 2 {
		t.Errorf("usage when they are back: %v", u)
	}
}
