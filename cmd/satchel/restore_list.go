package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"satchel/backend/message"
	"satchel/cmd/satchel/restore"
	"satchel/storage/backup"
)

// restoreList shows what a run has.
func (p *program) restoreList(ctx context.Context, repo *backup.Repository, run *backup.Run, r *restoring) error {
	w := columns(p.out)
	if r.account == "" {
		listAccounts(w, run)
		return w.Flush()
	}
	b, err := r.browse(repo, run)
	if err != nil {
		return err
	}
	defer b.Close()
	if r.picks() {
		err = listMessages(ctx, w, b, r)
	} else {
		err = listMailboxes(w, b)
	}
	return errors.Join(w.Flush(), err)
}

func listAccounts(w *tabwriter.Writer, run *backup.Run) {
	fmt.Fprintln(w, "ACCOUNT\tMESSAGES\tSIZE\t")
	for _, a := range run.Accounts {
		note := ""
		if a.Failed != "" {
			note = "could not be copied: " + a.Failed
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\n", a.Name, a.Messages, bytesText(a.Bytes), note)
	}
}

func listMailboxes(w *tabwriter.Writer, b *backup.Browser) error {
	boxes, _, err := b.Mailboxes()
	fmt.Fprintln(w, "MAILBOX\tMESSAGES\tSIZE")
	for _, box := range boxes {
		fmt.Fprintf(w, "%s\t%d\t%s\n", box.Name, box.Messages, bytesText(box.Size))
	}
	return err
}

func listMessages(ctx context.Context, w *tabwriter.Writer, b *backup.Browser, r *restoring) error {
	list, unread, err := restore.Pick(ctx, b, &r.wanted)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, "MAILBOX\tUID\tARRIVED\tSIZE\tFROM\tSUBJECT")
	for i := range list {
		for _, e := range list[i].Entries {
			from, subject := "", "(it cannot be read)"
			if header, err := b.Header(e.Message); err == nil {
				from, subject = message.Caption(header)
			}
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\t%s\n", list[i].Name, e.UID, toTheMinute(time.Unix(e.Date, 0)),
				bytesText(int64(e.Size)), orDash(shortened(from, 30)), orDash(shortened(subject, 50)))
		}
	}
	return unread
}
