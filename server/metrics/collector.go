package metrics

import (
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"satchel/backend/measure"
)

// collector reads all numbers whenever Prometheus asks.
type collector struct{ cfg Config }

// metric is one of those that collector tells.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("satchel_"+name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("satchel_"+name+"_total", help, labels, nil), prometheus.CounterValue}
}

func histogram(name, help string, labels ...string) metric {
	return metric{desc: prometheus.NewDesc("satchel_"+name, help, labels, nil)}
}

// All that is told. docs/MONITORING.md lists them.
var (
	buildInfo = gauge("build_info", "1; the version that runs.", "version", "goversion")

	sessions = gauge("sessions", "Connections that are open.", "front")
	loggedIn = gauge("sessions_logged_in", "IMAP sessions that have logged in.")
	accepted = counter("connections", "Connections taken.", "front")
	refused  = counter("connections_refused", "Connections beyond the limits.", "front")
	received = counter("received_bytes", "Bytes from clients, compressed, without TLS.", "protocol")
	sent     = counter("sent_bytes", "Bytes to clients, compressed, without TLS.", "protocol")

	commands = counter("commands", "IMAP commands by how they ended; lost: the client had gone.", "command", "result")
	unknown  = counter("unknown_commands", "What clients sent that is no command, or none in their state.")
	took     = histogram("command_duration_seconds", "Time from an IMAP command's name to its end; IDLE lasts as long as clients want.", "command")

	logins     = counter("logins", "Attempts to log in, over every front.", "method", "result")
	deliveries = counter("deliveries", "Deliveries to one recipient, by how they ended.", "result")
	delivering = histogram("delivery_duration_seconds", "Time of a delivery to one recipient, until it was on disk.")

	overQuota = counter("quota_refusals", "What was refused because an account would have had too much.", "resource")
	nearQuota = gauge("quota_near_accounts", "Open accounts that have used 90% of a limit, or more.")

	openAccounts  = gauge("open_accounts", "Accounts whose files are open.")
	openMailboxes = gauge("open_mailboxes", "Mailboxes whose index is in memory.")
	views         = gauge("selected_mailboxes", "Sessions with a mailbox selected.")
	indexBytes    = gauge("index_memory_bytes", "Memory of the indexes of mailboxes.")
	wakes         = counter("wakeups", "Sessions woken because of a change.")

	commits  = histogram("transaction_duration_seconds", "Time of a transaction of an account, until it was on disk.")
	batches  = histogram("transaction_changes", "Changes that shared a transaction.")
	failed   = counter("transactions_failed", "Transactions that were not committed.")
	logBytes = gauge("log_bytes", "Write-ahead logs of open accounts, on disk.")
	free     = gauge("disk_free_bytes", "Room on the disk of the data folder.")
	diskSize = gauge("disk_size_bytes", "Size of the disk of the data folder.")

	searches  = histogram("search_duration_seconds", "Time of a search.")
	unindexed = gauge("search_unindexed_messages", "Messages of open accounts that their search index does not have yet.")
	indexed   = counter("search_indexed_messages", "Messages put into search indexes.")

	expunged      = gauge("expunged_messages", "Expunged messages of open accounts that are kept, as of the last hour.")
	expungedBytes = gauge("expunged_bytes", "What these take.")

	backupTime   = gauge("backup_timestamp_seconds", "When satchel backup last came to its end, 0 if it never has.")
	backupFailed = gauge("backup_failed_accounts", "Accounts that this backup does not have as it should.")

	expiry = gauge("certificate_expiry_timestamp_seconds", "When a certificate ends, 0 while there is none.", "name", "source")
)

// all is for Describe.
var all = []metric{
	buildInfo, sessions, loggedIn, accepted, refused, received, sent, commands, unknown, took, logins, deliveries, delivering,
	overQuota, nearQuota,
	openAccounts, openMailboxes, views, indexBytes, wakes, commits, batches, failed, logBytes, free, diskSize,
	searches, unindexed, indexed, expunged, expungedBytes, backupTime, backupFailed, expiry,
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range all {
		to <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	out := output{to}
	out.value(buildInfo, 1, c.cfg.Version, runtime.Version())
	c.clients(out)
	c.mail(out)
	c.certificates(out)
	c.backup(out)
}

func (c *collector) clients(out output) {
	st := c.cfg.IMAP.Stats()
	for _, front := range slices.Sorted(maps.Keys(st.Accepted)) {
		out.value(sessions, float64(st.Sessions[front]), front)
		out.value(accepted, float64(st.Accepted[front]), front)
		out.value(refused, float64(st.Refused[front]), front)
	}
	out.value(loggedIn, float64(st.LoggedIn))
	out.value(received, float64(st.In), "imap")
	out.value(sent, float64(st.Out), "imap")
	for _, one := range st.Commands {
		out.value(commands, float64(one.OK), one.Name, "ok")
		out.value(commands, float64(one.NO), one.Name, "no")
		out.value(commands, float64(one.BAD), one.Name, "bad")
		out.value(commands, float64(one.Lost), one.Name, "lost")
		out.times(took, one.Took, one.Name)
	}
	out.value(unknown, float64(st.Unknown))
	if c.cfg.LMTP == nil {
		return
	}
	l := c.cfg.LMTP.Stats()
	out.value(sessions, float64(l.Connections), "lmtp")
	out.value(accepted, float64(l.Accepted), "lmtp")
	out.value(refused, float64(l.Refused), "lmtp")
	out.value(received, float64(l.In), "lmtp")
	out.value(sent, float64(l.Out), "lmtp")
}

func (c *collector) mail(out output) {
	st := c.cfg.Backend.Stats()
	for method, results := range st.Logins {
		for result, n := range results {
			out.value(logins, float64(n), method, result)
		}
	}
	for result, n := range st.Deliveries {
		out.value(deliveries, float64(n), result)
	}
	out.times(delivering, st.Delivering)
	for resource, n := range st.OverQuota {
		out.value(overQuota, float64(n), resource)
	}
	out.value(nearQuota, float64(st.NearQuota))
	out.value(openAccounts, float64(st.OpenAccounts))
	out.value(openMailboxes, float64(st.OpenMailboxes))
	out.value(views, float64(st.Views))
	out.value(indexBytes, float64(st.IndexBytes))
	out.value(wakes, float64(st.Wakes))
	out.times(commits, st.Commits)
	out.numbers(batches, st.Batches)
	out.value(failed, float64(st.Failed))
	out.value(logBytes, float64(st.LogBytes))
	out.times(searches, st.Searches)
	out.value(unindexed, float64(st.Unindexed))
	out.value(indexed, float64(st.Indexed))
	out.value(expunged, float64(st.Expunged))
	out.value(expungedBytes, float64(st.ExpungedBytes))
	if disk, err := c.cfg.Backend.Disk(); err == nil {
		out.value(free, float64(disk.Free))
		out.value(diskSize, float64(disk.Size))
	}
}

func (c *collector) backup(out output) {
	if c.cfg.LastBackup == nil {
		return
	}
	at, failed := c.cfg.LastBackup()
	seconds := 0.0
	if !at.IsZero() {
		seconds = float64(at.Unix())
	}
	out.value(backupTime, seconds)
	out.value(backupFailed, float64(failed))
}

// certificates tells of each by its names, which are the configuration's.
func (c *collector) certificates(out output) {
	if c.cfg.Certificates == nil {
		return
	}
	told := map[string]bool{}
	for _, s := range c.cfg.Certificates.Status() {
		name := strings.Join(s.Names, ",")
		if told[name+s.Source] {
			continue // of another kind of key
		}
		told[name+s.Source] = true
		seconds := 0.0
		if !s.NotAfter.IsZero() {
			seconds = float64(s.NotAfter.Unix())
		}
		out.value(expiry, seconds, name, s.Source)
	}
}

// output writes metrics for Prometheus.
type output struct{ to chan<- prometheus.Metric }

func (o output) value(m metric, v float64, labels ...string) {
	o.to <- prometheus.MustNewConstMetric(m.desc, m.kind, v, labels...)
}

// times writes what was counted in nanoseconds, in seconds.
func (o output) times(m metric, d measure.Distribution, labels ...string) {
	o.histogram(m, d, 1e9, labels...)
}

func (o output) numbers(m metric, d measure.Distribution, labels ...string) {
	o.histogram(m, d, 1, labels...)
}

func (o output) histogram(m metric, d measure.Distribution, per float64, labels ...string) {
	buckets := make(map[float64]uint64, len(d.Bounds))
	for i, bound := range d.Bounds {
		buckets[float64(bound)/per] = d.Counts[i]
	}
	o.to <- prometheus.MustNewConstHistogram(m.desc, d.Count, float64(d.Sum)/per, buckets, labels...)
}
