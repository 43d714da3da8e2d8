package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"satchel/backend/message"
	"satchel/cmd/satchel/restore"
	"satchel/storage/backup"
)

// restoreList shows what a run has.
func (p *program) restoreList(ctx context.Context, repo *backup.Repository, run *backup.Run, r *restoring) error {
	if r.account == "" {
		return show(p.out, r.asJSON, savedAccounts(run), "ACCOUNT\tMESSAGES\tSIZE\t", (*savedAccount).row)
	}
	b, err := r.browse(repo, run)
	if err != nil {
		return err
	}
	defer b.Close()
	if !r.picks() {
		list, err := savedMailboxes(b)
		return errors.Join(show(p.out, r.asJSON, list, "MAILBOX\tMESSAGES\tSIZE", (*savedMailbox).row), err)
	}
	list, unread, err := savedMessages(ctx, b, r)
	if err != nil {
		return err
	}
	return errors.Join(show(p.out, r.asJSON, list, "MAILBOX\tUID\tARRIVED\tSIZE\tFROM\tSUBJECT", (*savedMessage).row), unread)
}

func (a *savedAccount) row() string {
	note := ""
	if a.Failed != "" {
		note = "could not be copied: " + a.Failed
	}
	return fmt.Sprintf("%s\t%d\t%s\t%s", a.Name, a.Messages, bytesText(a.Bytes), note)
}

// savedMailbox is a folder in a backup, as --json prints it.
type savedMailbox struct {
	Mailbox  string `json:"mailbox"`
	Messages uint32 `json:"messages"`
	Bytes    int64  `json:"bytes"`
}

func savedMailboxes(b *backup.Browser) (list []savedMailbox, err error) {
	boxes, _, err := b.Mailboxes()
	for _, box := range boxes {
		list = append(list, savedMailbox{box.Name, box.Messages, box.Size})
	}
	return list, err
}

func (m *savedMailbox) row() string {
	return fmt.Sprintf("%s\t%d\t%s", m.Mailbox, m.Messages, bytesText(m.Bytes))
}

// savedMessage is a message in a backup, likewise.
type savedMessage struct {
	Mailbox    string    `json:"mailbox"`
	UID        uint32    `json:"uid"`
	Date       time.Time `json:"date"`
	From       string    `json:"from"`
	Subject    string    `json:"subject"`
	Size       int64     `json:"size"`
	Unreadable bool      `json:"unreadable,omitempty"` // its header is damaged
}

// savedMessages are those asked for. unread tells of messages that would have to be read for that, and cannot be.
func savedMessages(ctx context.Context, b *backup.Browser, r *restoring) (list []savedMessage, unread, err error) {
	picked, unread, err := restore.Pick(ctx, b, &r.wanted)
	for i := range picked {
		for _, e := range picked[i].Entries {
			m := savedMessage{Mailbox: picked[i].Name, UID: uint32(e.UID), Date: time.Unix(e.Date, 0), Size: int64(e.Size)}
			header, err := b.Header(e.Message)
			if m.Unreadable = err != nil; err == nil {
				m.From, m.Subject = message.Caption(header)
			}
			list = append(list, m)
		}
	}
	return list, unread, err
}

func (m *savedMessage) row() string {
	subject := m.Subject
	if m.Unreadable {
		subject = "(it cannot be read)"
	}
	return fmt.Sprintf("%s\t%d\t%s\t%s\t%s\t%s", m.Mailbox, m.UID, toTheMinute(m.Date), bytesText(m.Size),
		orDash(shortened(m.From, 30)), orDash(shortened(subject, 50)))
}
