package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"satchel/cmd/satchel/config"
	"satchel/server/control"
)

// Status implements control.Fronts.
func (f *fronts) Status() (control.Status, error) {
	imap, mail := f.imap.Stats(), f.be.Stats()
	s := control.Status{
		Version: version(), PID: os.Getpid(), Since: f.since, Listening: map[string]string{},
		Sessions: imap.Sessions, LoggedIn: imap.LoggedIn, SessionLimit: imap.Limit,
		OpenAccounts: mail.OpenAccounts, OpenMailboxes: mail.OpenMailboxes, IndexMemory: mail.IndexBytes, Memory: memory(),
		Data: f.cfg.Data, DataSize: folderSize(f.cfg.Data),
		SearchIndex: f.cfg.Index, Unindexed: mail.Unindexed, Expunged: mail.Expunged, ExpungedBytes: mail.ExpungedBytes,
		Logged: f.logged.read(),
	}
	for _, name := range config.Fronts {
		if addr := f.addr(name); addr != "" {
			s.Listening[name] = addr
		}
	}
	if f.lmtp != nil {
		s.Sessions["lmtp"] = f.lmtp.Stats().Connections
	}
	for _, c := range f.certificates.Status() {
		s.Certificates = append(s.Certificates, control.Certificate{
			Names: c.Names, Source: c.Source, Until: c.NotAfter, Expiring: c.Expiring, Trouble: c.Trouble,
		})
	}
	accounts, err := f.be.Accounts()
	if err != nil {
		return s, err
	}
	s.Accounts, s.PolicyHosts = len(accounts), f.withoutPolicy(accounts)
	for _, a := range accounts {
		if a.Disabled {
			s.Disabled++
		}
	}
	if s.Backup, err = lastBackup(f.cfg.Data); err != nil {
		return s, err
	}
	disk, err := f.be.Disk()
	s.DiskFree, s.DiskSize = disk.Free, disk.Size
	s.Trouble = troubles(&s, time.Now())
	return s, err
}

// memory is what the process takes of the machine's, as far as the system tells: SQLite's share is outside of Go's.
func memory() int64 {
	var total, resident int64
	text, err := os.ReadFile("/proc/self/statm")
	if err == nil {
		_, err = fmt.Sscan(string(text), &total, &resident)
	}
	if err != nil {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.Sys)
	}
	return resident * int64(os.Getpagesize())
}

// folderSize adds up the files in a folder. Those that go away meanwhile do not count.
func folderSize(dir string) (sum int64) {
	filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return sum
}

// When there is trouble with the disk, in bytes and as a part of it, how long an error in the log is news, and when a
// backup is old: one a week is made a day late.
const (
	diskLow, diskLowPart     = 1 << 30, 20
	diskEmpty, diskEmptyPart = 100 << 20, 100
	errorNews                = 24 * time.Hour
	backupOld                = 8 * 24 * time.Hour
)

// troubles finds what somebody should look after, the worst first.
func troubles(s *control.Status, now time.Time) []control.Trouble {
	list := []control.Trouble{}
	add := func(urgent bool, format string, args ...any) {
		list = append(list, control.Trouble{Text: fmt.Sprintf(format, args...), Urgent: urgent})
	}
	for _, c := range s.Certificates {
		names := strings.Join(c.Names, ", ")
		switch {
		case !c.Until.IsZero() && now.After(c.Until):
			add(true, "the certificate for %s has expired", names)
		case c.Expiring:
			add(false, "the certificate for %s expires in %s", names, age(c.Until, now))
		case c.Until.IsZero():
			add(false, "there is no certificate for %s yet", names)
		}
		if c.Trouble != "" {
			add(false, "the certificate for %s: %s", names, c.Trouble)
		}
	}
	if len(s.PolicyHosts) > 0 {
		add(false, "no certificate is for %s: servers that send mail cannot fetch the policy of MTA-STS there (mta_sts.mode)", someOf(s.PolicyHosts))
	}
	switch free := s.DiskFree; {
	case free < min(diskEmpty, s.DiskSize/diskEmptyPart):
		add(true, "the disk of %s is full: %s are free", s.Data, bytesText(int64(free)))
	case free < min(diskLow, s.DiskSize/diskLowPart):
		add(false, "the disk of %s is almost full: %s are free", s.Data, bytesText(int64(free)))
	}
	if s.Accounts == 0 {
		add(true, "there are no accounts in %s: mail is put off until there are; the disk may not be mounted (\"satchel account add\" makes one)", s.Data)
	}
	if open := s.Sessions["imap"] + s.Sessions["imaps"]; open >= s.SessionLimit-s.SessionLimit/10 {
		add(open >= s.SessionLimit, "%d of %d IMAP connections are in use (limits.connections)", open, s.SessionLimit)
	}
	if b := s.Backup; b != nil {
		if now.Sub(b.At) > backupOld {
			add(false, "the last backup, in %s, is %s old", b.Folder, age(now, b.At))
		}
		if b.Failed > 0 {
			add(false, "the last backup, in %s, lacks something of %d accounts: satchel backup says what", b.Folder, b.Failed)
		}
	}
	if e := s.Logged.LastAt; !e.IsZero() && now.Sub(e) < errorNews {
		add(false, "an error was logged %s ago: %s", age(now, e), s.Logged.LastError)
	}
	slices.SortStableFunc(list, func(a, b control.Trouble) int {
		switch {
		case a.Urgent == b.Urgent:
			return 0
		case a.Urgent:
			return -1
		}
		return 1
	})
	return list
}
