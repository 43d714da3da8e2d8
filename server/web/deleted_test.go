package web

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"satchel/backend"
	"satchel/server/control"
)

// lose delivers a message into a mailbox of its own, and deletes that.
func lose(t *testing.T, s *Server, account, subject string) {
	t.Helper()
	info, err := s.admin.AccountByName(account)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.admin.Backend.Account(info.ID, info.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	if err := a.Create("Lost", ""); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("From: Ben <ben@example.net>\r\nSubject: %s\r\n\r\nabout %s\r\n", subject, subject)
	if _, err := s.admin.Deliver(control.Destination{Account: account, Mailbox: "Lost"}, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	if err := a.Delete("Lost"); err != nil {
		t.Fatal(err)
	}
}

// TestDeleted: what was deleted is listed and found, and comes back; to its owner alone.
func TestDeleted(t *testing.T) {
	s := open(t)
	b := newBrowser(t, s)
	b.logIn("correct horse")
	page, _ := b.get("/deleted")
	say(t, page, "Nothing was deleted lately.")
	if page, _ = b.get("/account"); strings.Contains(page, `href="/deleted"`) {
		t.Error("deleted mail is offered where there is none")
	}
	lose(t, s, "alice@example.org", "invoice <i>")
	lose(t, s, "alice@example.org", "holiday")
	page, _ = b.get("/account")
	say(t, page, `href="/deleted"`, "0 messages, 0 bytes")
	page, _ = b.get("/deleted")
	say(t, page, "<strong>invoice <i></strong>", "Ben, deleted just now from Lost", "holiday")
	if strings.Contains(page, "<i>") {
		t.Error("a subject is taken for HTML")
	}
	page, _ = b.send("/deleted", "find", "about INVOICE")
	id := regexp.MustCompile(`name="message" value="(\d+)"`).FindAllStringSubmatch(page, -1)
	if len(id) != 1 || strings.Contains(page, "holiday") {
		t.Fatalf("found: %s", page)
	}
	page, _ = b.send("/deleted", "find", "nothing like it")
	say(t, page, "Nothing that was deleted has that in it.")

	if _, err := s.admin.AddAccount("ben@example.org", "correct horse"); err != nil {
		t.Fatal(err)
	}
	ben := newBrowser(t, s)
	ben.send("/login", "user", "ben@example.org", "password", "correct horse")
	page, _ = ben.send("/deleted/back", "message", id[0][1])
	say(t, page, "They were not there any more.", "Nothing was deleted lately.")

	page, _ = b.send("/deleted/back", "message", id[0][1])
	say(t, page, "1 message is back, in Lost.", "holiday")
	if page, _ = b.get("/account"); !strings.Contains(page, "1 message, ") {
		t.Errorf("it is not there: %s", page)
	}
	page, _ = b.send("/deleted/back", "message", "x")
	say(t, page, "Choose the messages that you want back.")
}

// TestQuotaOnPage: who may have so much and no more sees how much is left.
func TestQuotaOnPage(t *testing.T) {
	s := open(t)
	b := newBrowser(t, s)
	b.logIn("correct horse")
	if page, _ := b.get("/account"); strings.Contains(page, "<meter") {
		t.Error("a limit is shown where there is none")
	}
	lose(t, s, "alice@example.org", "invoice")
	if err := s.admin.SetQuota("alice@example.org", backend.Limits{backend.QuotaStorage: 150, backend.QuotaMessages: backend.NoLimit, backend.QuotaMailboxes: backend.NoLimit}); err != nil {
		t.Fatal(err)
	}
	text := "Subject: long\r\n\r\n" + strings.Repeat("x", 70) + "\r\n"
	if _, err := s.admin.Deliver(control.Destination{Account: "alice@example.org"}, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	page, _ := b.get("/account")
	say(t, page, "1 message, 139 bytes of 150 bytes", `value="92"`, "There is little room left.")
	page, _ = b.get("/deleted")
	id := regexp.MustCompile(`name="message" value="(\d+)"`).FindStringSubmatch(page)
	page, _ = b.send("/deleted/back", "message", id[1])
	say(t, page, "There is no room for them")
}
