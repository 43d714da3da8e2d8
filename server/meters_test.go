package server

import (
	"maps"
	"strings"
	"testing"
)

// TestStats: commands are counted by how they ended, connections by their front, bytes
// also when the client has gone.
func TestStats(t *testing.T) {
	srv := startServer(t, func(c *Config) { c.MaxConnections = 2 })
	c := loginClient(t, srv, "imap")
	c.say(t, "a NOOP\r\nb SELECT nowhere\r\nc NOOP x\r\nd XYZZY\r\ne FETCH 1 FLAGS")
	c.want(t, "e BAD ")
	newClient(t, srv.dial(t, "imaps"))
	refused := srv.dial(t, "imap")
	if _, err := refused.Read(make([]byte, 99)); err != nil {
		t.Fatal(err)
	}
	c.say(t, "f NOOP")
	c.want(t, "f OK ")
	before := srv.Stats()
	if want := map[string]uint64{"imap": 1, "imaps": 1}; !maps.Equal(before.Accepted, want) {
		t.Errorf("accepted %v", before.Accepted)
	}
	if want := map[string]uint64{"imap": 1, "imaps": 0}; !maps.Equal(before.Refused, want) {
		t.Errorf("refused %v", before.Refused)
	}
	if want := map[string]int{"imap": 1, "imaps": 1}; !maps.Equal(before.Sessions, want) || before.LoggedIn != 1 {
		t.Errorf("sessions %v, %d logged in", before.Sessions, before.LoggedIn)
	}
	if before.Unknown != 2 {
		t.Errorf("%d unknown commands", before.Unknown)
	}
	counts := map[string][4]uint64{}
	for _, c := range before.Commands {
		counts[c.Name] = [4]uint64{c.OK, c.NO, c.BAD, c.Lost}
		if c.Took.Count != c.OK+c.NO+c.BAD+c.Lost {
			t.Errorf("%s took %+v", c.Name, c.Took)
		}
	}
	if want := map[string][4]uint64{"LOGIN": {1}, "NOOP": {2, 0, 1}, "SELECT": {0, 1}}; !maps.Equal(counts, want) {
		t.Errorf("commands %v", counts)
	}
	c.say(t, "g LOGOUT")
	for { // until the connection has been given up
		if _, err := c.in.ReadByte(); err != nil {
			break
		}
	}
	after := srv.Stats()
	if before.In == 0 || before.Out == 0 || after.In <= before.In || after.Out <= before.Out {
		t.Errorf("bytes: %d, %d, then %d, %d", before.In, before.Out, after.In, after.Out)
	}
}

// BenchmarkNoop is what the frame around a command costs, with what it counts: a
// client sends a hundred at a time.
func BenchmarkNoop(b *testing.B) {
	srv := startServer(b)
	c := loginClient(b, srv, "imap")
	const together = 100
	commands := strings.Repeat("a NOOP\r\n", together-1) + "last NOOP"
	b.ReportAllocs()
	for b.Loop() {
		c.say(b, commands)
		c.want(b, "last OK ")
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/together, "ns/command")
}
