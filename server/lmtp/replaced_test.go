package lmtp

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-smtp"

	"satchel/backend"
)

// TestReplacedMail: mail for an account whose file was taken away while it was open is put off, whenever that was, and
// arrives once there is a file again.
func TestReplacedMail(t *testing.T) {
	h := open(t, "tcp", "127.0.0.1:0", Config{})
	m := h.greeted(t)
	m.deliver("Subject: one\r\n\r\n.\r\n")
	m.expect("250 2.1.5")
	info, err := h.be.AccountByName("alice@example.org")
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(h.data, "accounts", info.ID))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	home, away := found[0], found[0]+".away"
	m.send("MAIL FROM:<carol@example.net>\r\nRCPT TO:<alice@example.org>\r\nDATA\r\n")
	m.expect("250 2.0.0", "250 2.0.0", "354 ")
	if err := os.Rename(home, away); err != nil {
		t.Fatal(err)
	}
	m.send("Subject: two\r\n\r\n.\r\n")
	m.expect("451 4.3.0")
	m.deliver("Subject: two again\r\n\r\n.\r\n")
	m.expect("451 4.3.0")
	if err := os.Rename(away, home); err != nil {
		t.Fatal(err)
	}
	m.deliver("Subject: three\r\n\r\n.\r\n")
	m.expect("250 2.1.5")
	if got := h.messages(t, "alice@example.org"); len(got) != 2 || got[1] != "Subject: three\r\n\r\n" {
		t.Errorf("arrived: %q", got)
	}
}

// TestReplacedAmidADelivery: so is mail that was being stored at that moment.
func TestReplacedAmidADelivery(t *testing.T) {
	var refusal *smtp.SMTPError
	if err := answer(fmt.Errorf("deliver: %w", backend.ErrReplaced)); !errors.As(err, &refusal) || refusal.Code != 451 {
		t.Errorf("answered with %v", err)
	}
}
