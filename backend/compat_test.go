package backend

import (
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap"
	imapbackend "github.com/emersion/go-imap/backend"
	imapclient "github.com/emersion/go-imap/client"
	imapserver "github.com/emersion/go-imap/server"
)

// stockClient is go-imap's client at go-imap's own server over a backend with the
// account alice.
func stockClient(t *testing.T) *imapclient.Client {
	t.Helper()
	b, err := Open(Config{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AddAccount("alice", "correct horse"); err != nil {
		t.Fatal(err)
	}
	srv := imapserver.New(b)
	srv.AllowInsecureAuth = true
	srv.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		srv.Serve(l)
	}()
	c, err := imapclient.Dial(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Logout()
		srv.Close()
		<-served
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// must returns a function that fails the test with an error's text.
func must(t *testing.T) func(error) {
	return func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

const stockMessage = "From: Bob <bob@example.org>\r\nSubject: lunch\r\nContent-Type: text/plain\r\n\r\nSee you at noon.\r\n"

// TestStockServer drives a stock go-imap server over the backend: what it can do
// without our frame works.
func TestStockServer(t *testing.T) {
	c, ok := stockClient(t), must(t)
	if err := c.Login("alice", "wrong"); err == nil || !strings.Contains(err.Error(), imapbackend.ErrInvalidCredentials.Error()) {
		t.Errorf("wrong password: %v", err)
	}
	ok(c.Login("alice", "correct horse"))
	ok(c.Create("Work/2026"))
	if got := stockList(t, c); !slices.Contains(got, "Work/2026") || !slices.Contains(got, "INBOX") {
		t.Errorf("LIST: %v", got)
	}
	date := time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC)
	ok(c.Append("Work/2026", []string{imap.FlaggedFlag, "$own"}, date, strings.NewReader(stockMessage)))
	status, err := c.Select("Work/2026", false)
	ok(err)
	if status.Messages != 1 || status.UidNext != 2 || status.UnseenSeqNum != 1 {
		t.Errorf("SELECT: %+v", status)
	}
	section := &imap.BodySectionName{BodyPartName: imap.BodyPartName{Specifier: imap.TextSpecifier}}
	m := stockFetch(t, c, imap.FetchUid, imap.FetchFlags, imap.FetchInternalDate, imap.FetchRFC822Size, imap.FetchEnvelope, imap.FetchBodyStructure, section.FetchItem())
	if m.Uid != 1 || m.Size != uint32(len(stockMessage)) || !m.InternalDate.Equal(date) || !slices.Equal(m.Flags, []string{imap.FlaggedFlag, "$own", imap.RecentFlag}) {
		t.Errorf("FETCH: %+v", m)
	}
	if m.Envelope.Subject != "lunch" || m.Envelope.From[0].Address() != "bob@example.org" {
		t.Errorf("ENVELOPE: %+v", m.Envelope)
	}
	if m.BodyStructure.MIMEType != "text" || m.BodyStructure.Lines != 1 {
		t.Errorf("BODYSTRUCTURE: %+v", m.BodyStructure)
	}
	text := make([]byte, 100)
	n, _ := m.GetBody(section).Read(text)
	if string(text[:n]) != "See you at noon.\r\n" {
		t.Errorf("BODY[TEXT]: %q", text[:n])
	}
}

// TestStockChanges drives STORE, SEARCH, COPY, MOVE, EXPUNGE, RENAME and DELETE.
func TestStockChanges(t *testing.T) {
	c, ok := stockClient(t), must(t)
	ok(c.Login("alice", "correct horse"))
	for range 3 {
		ok(c.Append("INBOX", nil, time.Time{}, strings.NewReader(stockMessage)))
	}
	_, err := c.Select("INBOX", false)
	ok(err)
	set := func(s string) *imap.SeqSet {
		q, err := imap.ParseSeqSet(s)
		ok(err)
		return q
	}
	ok(c.Store(set("1:2"), imap.FormatFlagsOp(imap.AddFlags, true), []interface{}{imap.SeenFlag}, nil))
	criteria := imap.NewSearchCriteria()
	criteria.WithoutFlags = []string{imap.SeenFlag}
	criteria.Header.Add("Subject", "LUNCH")
	criteria.Body = []string{"noon"}
	if got, err := c.UidSearch(criteria); err != nil || !slices.Equal(got, []uint32{3}) {
		t.Errorf("SEARCH: %v %v", got, err)
	}
	ok(c.Copy(set("1"), "Archive"))
	ok(c.UidMove(set("3"), "Archive"))
	ok(c.Store(set("1:*"), imap.FormatFlagsOp(imap.AddFlags, true), []interface{}{imap.DeletedFlag}, nil))
	ok(c.Expunge(nil))
	for name, want := range map[string]uint32{"INBOX": 0, "Archive": 2} {
		if s, err := c.Status(name, []imap.StatusItem{imap.StatusMessages}); err != nil || s.Messages != want {
			t.Errorf("%s: %+v %v, want %d messages", name, s, err, want)
		}
	}
	ok(c.Rename("Archive", "Old/Archive"))
	if err := c.Create("INBOX"); err == nil {
		t.Error("INBOX was created a second time")
	}
	ok(c.Delete("Old/Archive"))
	if got := stockList(t, c); slices.Contains(got, "Archive") || slices.Contains(got, "Old/Archive") {
		t.Errorf("LIST: %v", got)
	}
}

func stockList(t *testing.T, c *imapclient.Client) (names []string) {
	t.Helper()
	ch := make(chan *imap.MailboxInfo, 100)
	must(t)(c.List("", "*", ch))
	for m := range ch {
		names = append(names, m.Name)
	}
	return names
}

func stockFetch(t *testing.T, c *imapclient.Client, items ...imap.FetchItem) *imap.Message {
	t.Helper()
	ch := make(chan *imap.Message, 1)
	must(t)(c.Fetch(&imap.SeqSet{Set: []imap.Seq{{Start: 1, Stop: 1}}}, items, ch))
	return <-ch
}
