package main

import (
	"fmt"
	"io"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/config"
)

// showLost prints expunged messages as a table.
func showLost(out io.Writer, account string, page *backend.ExpungedPage) error {
	w := columns(out)
	if len(page.Messages) > 0 {
		fmt.Fprintln(w, "ID\tEXPUNGED\tHOW\tMAILBOX\tDATE\tFROM\tSUBJECT\tSIZE")
	}
	for i := range page.Messages {
		m := &page.Messages[i]
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", m.ID, toTheMinute(m.Expunged), howLost(m.Cause), m.Mailbox,
			toTheMinute(m.Date), orDash(shortened(m.From, 30)), orDash(shortened(m.Subject, 50)), bytesText(m.Size))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "%d of %d expunged messages of %s, which take %s; each is kept for %s\n",
		len(page.Messages), page.Kept, account, bytesText(page.Bytes), config.FormatDuration(page.For))
	if page.More {
		fmt.Fprintln(out, "there are more that fit: --limit shows them, other flags pick among them")
	}
	return nil
}

func howLost(c backend.Cause) string {
	switch c {
	case backend.ByReplace:
		return "replace"
	case backend.ByDeletion:
		return "delete"
	}
	return "expunge"
}

// lostMessage is an expunged message in JSON.
type lostMessage struct {
	ID             backend.MessageID `json:"id"`
	Expunged       time.Time         `json:"expunged"`
	How            string            `json:"how"`
	Mailbox        string            `json:"mailbox"`
	MailboxDeleted bool              `json:"mailbox_deleted,omitempty"`
	Date           time.Time         `json:"date"`
	From           string            `json:"from"`
	Subject        string            `json:"subject"`
	Size           int64             `json:"size"`
	Keywords       []string          `json:"keywords,omitempty"`
}

func lostList(page *backend.ExpungedPage) []lostMessage {
	list := make([]lostMessage, len(page.Messages))
	for i := range list {
		m := &page.Messages[i]
		list[i] = lostMessage{m.ID, m.Expunged, howLost(m.Cause), m.Mailbox, m.Gone, m.Date, m.From, m.Subject, m.Size, m.Keywords}
	}
	return list
}
