package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"satchel/cmd/satchel/imapclient"
)

// TestCure: the system's errors about the data folder come with what to do, others stay as they are.
func TestCure(t *testing.T) {
	data := t.TempDir()
	for _, c := range []struct {
		err  error
		data string
		cure string
	}{
		{fs.ErrPermission, data, "chown -R " + userName(os.Geteuid()) + " " + data},
		{fs.ErrPermission, filepath.Join(data, "missing"), "run this as root"},
		{syscall.EROFS, data, "dmesg"},
	} {
		err := &fs.PathError{Op: "open", Path: "lock", Err: c.err}
		if text := withCure(err, c.data).Error(); !strings.HasPrefix(text, err.Error()) || !strings.Contains(text, c.cure) {
			t.Error(text)
		}
	}
	_, missing := os.Stat(filepath.Join(data, "missing"))
	if err := withCure(missing, data); err != missing {
		t.Error(err)
	}
	if err := withCure(nil, data); err != nil {
		t.Error(err)
	}
}

// TestCureLogin: what Gmail says to those that it does not let in comes with what to do, and other errors as they are.
func TestCureLogin(t *testing.T) {
	for _, c := range []struct {
		code, text string
		token      bool
		want       string
	}{
		{"ALERT", "Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)", false, "an app password"},
		{"ALERT", "Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)", false, "an app password"},
		{"AUTHENTICATIONFAILED", "Invalid credentials (Failure)", false, "an app password"},
		{"AUTHENTICATIONFAILED", "Invalid credentials (Failure)", true, "not have expired"},
		{"ALERT", "Account exceeded command or bandwidth limits. (Failure)", false, "the next day"},
	} {
		said := &imapclient.StatusError{Status: imapclient.Status{Name: "NO", Code: c.code, Text: c.text}}
		if cure := cureLogin(fmt.Errorf("%w: %w", imapclient.ErrLogin, said), c.token); !strings.Contains(cure, c.want) {
			t.Errorf("%s: %q", c.text, cure)
		}
		if cure := cureLogin(fmt.Errorf("STARTTLS: %w", said), c.token); cure != cureThrottled(said) {
			t.Errorf("STARTTLS, %s: %q", c.text, cure)
		}
	}
}
