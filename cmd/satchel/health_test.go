package main

import (
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"satchel/cmd/satchel/config"
	"satchel/server/control"
)

// TestTroubles: each is found by itself, with how urgent it is, and the urgent ones come first.
func TestTroubles(t *testing.T) {
	now := time.Date(2026, 1, 5, 10, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	well := func() *control.Status {
		return &control.Status{
			Data: "/data", Accounts: 3, DiskFree: 10 << 30, DiskSize: 50 << 30, SessionLimit: 100, Sessions: map[string]int{"imap": 40, "imaps": 40},
			Certificates: []control.Certificate{{Names: []string{"mail.example.org"}, Until: now.Add(60 * day)}},
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*control.Status)
		want   string
	}{
		{"nothing", func(*control.Status) {}, ""},
		{"small disk", func(s *control.Status) { s.DiskFree, s.DiskSize = 90<<20, 1<<30 }, ""},
		{"disk low", func(s *control.Status) { s.DiskFree = 900 << 20 }, "the disk of /data is almost full: 900.0 MiB are free"},
		{"disk full", func(s *control.Status) { s.DiskFree = 1 << 20 }, "! the disk of /data is full: 1.0 MiB are free"},
		{"nobody", func(s *control.Status) { s.Accounts = 0 }, "! there are no accounts in /data: mail is put off until there are; " +
			`the disk may not be mounted ("satchel account add" makes one)`},
		{"expiring", func(s *control.Status) {
			s.Certificates[0].Until, s.Certificates[0].Expiring = now.Add(5*day), true
		}, "the certificate for mail.example.org expires in 5d"},
		{"expired", func(s *control.Status) {
			s.Certificates[0].Until, s.Certificates[0].Expiring, s.Certificates[0].Trouble = now.Add(-day), true, "port 80 is closed"
		}, "! the certificate for mail.example.org has expired; the certificate for mail.example.org: port 80 is closed"},
		{"awaited", func(s *control.Status) { s.Certificates[0].Until = time.Time{} }, "there is no certificate for mail.example.org yet"},
		{"policy", func(s *control.Status) { s.PolicyHosts = []string{"mta-sts.a.org", "mta-sts.b.org"} }, "no certificate is for " +
			"mta-sts.a.org, mta-sts.b.org: servers that send mail cannot fetch the policy of MTA-STS there (mta_sts.mode)"},
		{"policies", func(s *control.Status) { s.PolicyHosts = []string{"a", "b", "c", "d", "e"} }, "no certificate is for " +
			"a, b, c and 2 more: servers that send mail cannot fetch the policy of MTA-STS there (mta_sts.mode)"},
		{"many", func(s *control.Status) { s.Sessions["imaps"] = 50 }, "90 of 100 IMAP connections are in use (limits.connections)"},
		{"error", func(s *control.Status) {
			s.Logged = control.Logged{LastError: "index messages: disk full", LastAt: now.Add(-time.Hour)}
		}, "an error was logged 1h00m ago: index messages: disk full"},
		{"old error", func(s *control.Status) { s.Logged = control.Logged{LastError: "x", LastAt: now.Add(-2 * day)} }, ""},
		{"backup", func(s *control.Status) { s.Backup = &control.Backup{At: now.Add(-7 * day), Folder: "/mnt"} }, ""},
		{"old backup", func(s *control.Status) {
			s.Backup = &control.Backup{At: now.Add(-9 * day), Folder: "/mnt", Failed: 2}
		}, "the last backup, in /mnt, is 9d old; the last backup, in /mnt, lacks something of 2 accounts: satchel backup says what"},
		{"worst first", func(s *control.Status) {
			s.Certificates[0].Until, s.DiskFree = time.Time{}, 0
		}, "! the disk of /data is full: 0 bytes are free; there is no certificate for mail.example.org yet"},
	} {
		s := well()
		tt.change(s)
		s.Trouble = troubles(s, now)
		var words []string
		for _, one := range s.Trouble {
			if one.Urgent {
				one.Text = "! " + one.Text
			}
			words = append(words, one.Text)
		}
		if got := strings.Join(words, "; "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		code, want := (&program{errOut: io.Discard}).exitCode(verdict(s)), exitOK
		switch {
		case strings.HasPrefix(tt.want, "!"):
			want = exitUrgent
		case tt.want != "":
			want = exitWarning
		}
		if code != want {
			t.Errorf("%s: exit status %d, want %d", tt.name, code, want)
		}
	}
}

// TestLogged: warnings and errors are counted whatever made the logger, and the last error is kept without what could
// command a terminal.
func TestLogged(t *testing.T) {
	var level slog.LevelVar
	log, count := newLog(config.Default(), &level, io.Discard)
	log.Info("hello")
	log.With("rip", "192.0.2.1").Warn("login failed", "error", "no matter")
	log.WithGroup("g").Error("first")
	log.With("account", "alice").Error("index messages", "account", "alice", "error", errors.New("bad \x1b[2J name"))
	got := count.read()
	if got.Warnings != 1 || got.Errors != 2 || got.LastError != "index messages: bad ?[2J name" || got.LastAt.IsZero() {
		t.Errorf("%+v", got)
	}
}
