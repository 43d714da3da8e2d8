package backend

import "satchel/backend/measure"

// Stats are numbers of what a backend holds now and has done since it was opened.
type Stats struct {
	OpenAccounts  int
	OpenMailboxes int   // whose index is in memory
	Views         int   // sessions that have a mailbox selected
	IndexBytes    int64 // of the indexes in memory, and of what sorting needs
	LogBytes      int64 // of the write-ahead logs of open accounts, on disk
	NearQuota     int   // open accounts that have used up most of a limit, or all
	Unindexed     int64 // messages of open accounts that their search index does not have, as of when it was last worked on

	Expunged      int   // messages of open accounts that are kept, as of the last hour
	ExpungedBytes int64 // what these take

	Logins     map[string]map[string]uint64 // by method, then by result: "ok", or as FailureReason says it in one word
	Deliveries map[string]uint64            // by result
	Delivering measure.Distribution         // ns
	Commits    measure.Distribution         // ns: transactions until they were on disk
	Batches    measure.Distribution         // changes in each of them
	Failed     uint64                       // transactions that were not committed
	OverQuota  map[string]uint64            // what was refused, by resource: "storage", "messages" or "mailboxes"
	Searches   measure.Distribution         // ns
	Wakes      uint64                       // of sessions that a change concerned
	Indexed    uint64                       // messages
}

// Stats reads the numbers. It takes no lock for longer than a lookup in memory, and waits for no disk but for the sizes
// of files.
func (b *Backend) Stats() Stats {
	m := b.meters
	s := Stats{
		Logins: make(map[string]map[string]uint64, len(m.logins)), Deliveries: m.deliveries.read(), Delivering: m.delivering.Read(),
		Commits: m.commits.Read(), Batches: m.batches.Read(), Failed: m.failed.Load(), Searches: m.searches.Read(),
		OverQuota: m.overQuota.read(), Wakes: m.wakes.Load(), Indexed: m.indexed.Load(),
	}
	for method, results := range m.logins {
		s.Logins[method] = results.read()
	}
	for _, a := range b.opened() {
		s.OpenAccounts++
		s.LogBytes += a.mail.LogSize()
		if q := a.Quota(); q.near() {
			s.NearQuota++
		}
		s.Unindexed += max(a.texts.behind.Load(), 0)
		s.Expunged += int(a.expunged.Load())
		s.ExpungedBytes += a.expungedBytes.Load()
		for _, box := range a.mailboxes() {
			box.count(&s)
		}
	}
	return s
}

// count adds what the mailbox holds.
func (m *mailbox) count(s *Stats) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s.Views += len(m.views)
	if m.idx != nil {
		s.OpenMailboxes++
		s.IndexBytes += m.idx.bytes()
	}
	if m.sort != nil {
		s.IndexBytes += m.sort.bytes.Load()
	}
}
