package backend

import (
	"testing"

	"satchel/storage"
)

// oldMessage stores a message as a program before previews and sort keys would
// have, and commits a turn.
func oldMessage(t *testing.T, a *Account, header, body string) {
	t.Helper()
	m, err := a.mailbox("INBOX")
	if err != nil {
		t.Fatal(err)
	}
	n, err := storage.NewBody([]byte(header+"\r\n"), []byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var e storage.Entry
	err = a.write(&change{
		run:   func(tx *storage.Tx) (err error) { e, err = tx.Append(m.id, n); return err },
		apply: func() { m.added([]storage.Entry{e}) },
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestOldRows: what came before previews and threads has both when somebody asks.
func TestOldRows(t *testing.T) {
	_, a := testAccount(t)
	oldMessage(t, a, "Message-ID: <1@x>\r\nSubject: x\r\n", "hello\r\n")
	oldMessage(t, a, "In-Reply-To: <1@x>\r\nSubject: Re: x\r\n", "")
	oldMessage(t, a, "Subject: x\r\n", "")
	v := open(t, a, "INBOX", false)
	rows := v.Rows(v.All(), 0, MaxBatch, nil)
	threads := make([]MessageID, len(rows))
	for range 2 {
		if err := v.Threads(rows, threads); err != nil || threads[0] == 0 || threads[1] != threads[0] || threads[2] != rows[2].Message {
			t.Fatalf("threads %v, %v", threads, err)
		}
	}
	stored, err := v.Messages(rows, ColPreview|ColSent, nil)
	if err != nil || stored[0].HasPreview {
		t.Fatalf("%+v, %v", stored, err)
	}
	text, err := v.MakePreview(&rows[0])
	if err != nil || text != "hello" {
		t.Fatalf("made %q, %v", text, err)
	}
	if err := v.KeepPreviews(map[MessageID]string{rows[0].Message: text, rows[1].Message: ""}); err != nil {
		t.Fatal(err)
	}
	stored, err = v.Messages(rows, ColPreview, stored)
	if err != nil || stored[0].Preview != "hello" || !stored[1].HasPreview || stored[1].Preview != "" || stored[2].HasPreview {
		t.Fatalf("%+v, %v", stored, err)
	}
}

// TestThreadsStay: a message that joins two threads gets the older one, and the
// others keep what they had.
func TestThreadsStay(t *testing.T) {
	_, a := testAccount(t)
	v := open(t, a, "INBOX", false)
	threads := func() []MessageID {
		v.Pull(true)
		rows := v.Rows(v.All(), 0, MaxBatch, nil)
		list := make([]MessageID, len(rows))
		if err := v.Threads(rows, list); err != nil {
			t.Fatal(err)
		}
		return list
	}
	oldMessage(t, a, "Message-ID: <1@x>\r\n", "")
	oldMessage(t, a, "Message-ID: <2@x>\r\n", "")
	before := threads()
	oldMessage(t, a, "Message-ID: <3@x>\r\nReferences: <2@x> <1@x>\r\n", "")
	oldMessage(t, a, "In-Reply-To: <2@x>\r\n", "")
	after := threads()
	if after[0] != before[0] || after[1] != before[1] || after[2] != before[0] || after[3] != before[1] {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestObjectNumber(t *testing.T) {
	_, a := testAccount(t)
	id := string(a.AppendObjectID(nil, EmailObject, 123456789))
	if len(id) > 32 || a.ObjectNumber(EmailObject, id) != 123456789 || a.ObjectNumber(ThreadObject, id) != 0 {
		t.Errorf("%q", id)
	}
	for _, text := range []string{"", "M", "M-1", id + "0 ", "m" + id[1:], id[:len(id)-5] + "-+1"} {
		if n := a.ObjectNumber(EmailObject, text); n != 0 {
			t.Errorf("%q: %d", text, n)
		}
	}
}
