package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"satchel/cmd/satchel/restore"
)

// filter is the flags that pick messages of a backup.
type filter struct {
	uids, since, before string
	messageIDs          []string
	subject, from, to   string
	text                string
}

func (f *filter) flags(set *pflag.FlagSet) {
	set.StringVar(&f.uids, "uid", "", "messages with these `UIDS` in the mailbox, such as 12,15:20")
	set.StringArrayVar(&f.messageIDs, "message-id", nil, "the message with this Message-`ID`; can be repeated")
	set.StringVar(&f.subject, "subject", "", "messages with this `TEXT` in the subject")
	set.StringVar(&f.from, "from", "", "with this `TEXT` in the sender's name or address")
	set.StringVar(&f.to, "to", "", "with this `TEXT` in the recipients' names or addresses")
	set.StringVar(&f.text, "text", "", "with this `TEXT` anywhere")
	set.StringVar(&f.since, "since", "", "that arrived since this `TIME`: a time ago such as \"3d\", or a date such as 2026-01-31")
	set.StringVar(&f.before, "before", "", "that arrived before this `TIME`")
}

// given reports whether there is anything to pick by.
func (f *filter) given() bool {
	return f.uids+f.since+f.before+f.subject+f.from+f.to+f.text != "" || len(f.messageIDs) > 0
}

// wanted reads what the flags say.
func (f *filter) wanted() (w restore.Wanted, err error) {
	w = restore.Wanted{MessageIDs: f.messageIDs, Subject: f.subject, From: f.from, To: f.to, Text: f.text}
	if w.UIDs, err = restore.ParseUIDs(f.uids); err != nil {
		return w, fmt.Errorf("--uid: %w", err)
	}
	now := time.Now()
	for _, t := range []struct {
		flag, text string
		to         *time.Time
	}{{"--since", f.since, &w.NotBefore}, {"--before", f.before, &w.Before}} {
		if t.text == "" {
			continue
		}
		if *t.to, err = parseSince(t.text, now); err != nil {
			return w, fmt.Errorf("%s: %w", t.flag, err)
		}
	}
	return w, nil
}
