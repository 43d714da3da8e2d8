package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"satchel/cmd/satchel/mbox"
	"satchel/server/control"
)

// fuse is a context that is cancelled when somebody has asked so many times.
type fuse struct {
	context.Context
	left int
}

func (f *fuse) Err() error {
	if f.left--; f.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestInterrupted: an import that is interrupted has kept what it brought, and the next one brings the rest.
func TestInterrupted(t *testing.T) {
	var out bytes.Buffer
	p := &program{out: &out, errOut: &out, dataFlag: t.TempDir()}
	if err := p.withAdmin(t.Context(), true, func(a control.Admin) error {
		_, err := a.AddAccount("alice", "secret")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	const total = 1300
	var file strings.Builder
	for i := range total {
		fmt.Fprintf(&file, "From MAILER-DAEMON Thu Jan  1 00:00:00 2026\nSubject: %d\n\n", i)
	}
	path := filepath.Join(t.TempDir(), "list.mbox")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	to := importTo{account: "alice"}
	err := p.importMbox(&fuse{t.Context(), 700}, path, to, mbox.RD)
	if !errors.Is(err, errInterrupted) {
		t.Fatalf("got %v", err)
	}
	out.Reset()
	if err := p.importMbox(t.Context(), path, to, mbox.RD); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "INBOX: 600 new, 700 already there") {
		t.Errorf("the second import says %s", out.String())
	}
}
