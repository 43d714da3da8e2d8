package storage

import (
	"slices"
	"testing"
	"time"
)

// A message is expired by the clock and by how long the server has run. Only the latter counts of what was expunged when
// the clock was ahead.
func TestExpired(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rows := fillBox(t, m, box, 6)
	now := time.Unix(1_700_000_000, 0)
	expunge := func(i int, at time.Time, served int64) {
		m.SetServed(served)
		commit(t, m, func(tx *Tx) {
			tx.now = at.Unix()
			ok[ModSeq](t)(tx.Expunge(box, rows[i:i+1]))
		})
	}
	expunge(0, now.Add(-time.Hour), 1000)
	expunge(1, time.Unix(0, 0), 8000) // the clock was behind
	expunge(2, now.Add(1000*time.Hour), 1000)
	expunge(3, now.Add(-time.Minute), 9000)
	expunge(4, now.Add(-time.Minute), 1000) // the server has run for long within a minute
	expunge(5, now.Add(-time.Hour), 999_999)
	for _, c := range []struct {
		served int64
		kept   time.Duration
		want   []MessageID
	}{
		{500, time.Minute / 2, nil},
		{1001, 10 * time.Minute, []MessageID{1, 3}},
		{8001, 10 * time.Minute, []MessageID{1, 2, 3}},
		{9001, time.Minute / 2, []MessageID{1, 2, 3, 4, 5}},
	} {
		if got := ok[[]MessageID](t)(m.Expired(c.served, now.Add(-c.kept), now, 10)); !slices.Equal(got, c.want) {
			t.Errorf("%d s served, kept for %v: expired %d, want %d", c.served, c.kept, got, c.want)
		}
	}
	if got := ok[[]MessageID](t)(m.Expired(9001, now.Add(-time.Minute/2), now, 2)); !slices.Equal(got, []MessageID{1, 2}) {
		t.Errorf("two at most: %d", got)
	}
	m.SetServed(500)
	commit(t, m, func(tx *Tx) { must(t, tx.BoundServed()) })
	if got := ok[[]MessageID](t)(m.Expired(501, now.Add(-time.Minute/2), now, 10)); len(got) != 6 {
		t.Errorf("in another data folder %d expire", got)
	}
}
