package proof

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMigratingCommands types those of docs/MIGRATING.md that bring mail over from
// another server, with a satchel in the place of that.
func TestMigratingCommands(t *testing.T) {
	old, data := newData(t), newData(t, "alice@example.org")
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	there := start(t, old)
	instead := map[string]string{"imap": there.imaps, "--user": user, "--password-file": secret}
	typed := 0
	for _, block := range fenced(t, pages+"MIGRATING.md", "bash") {
		for line := range strings.Lines(block) {
			args := strings.Fields(line)[1:]
			for i := range args[1:] {
				if value := instead[args[i]]; value != "" {
					args[i+1] = value
				}
			}
			if !strings.Contains(line, "--password-file") {
				args = append(args, "--password-stdin") // where people are asked
			}
			out := satchel(t, password+"\n", append(args, "--ca", filepath.Join(old, "tls", "cert.pem"), "--data", data)...)
			if !strings.Contains(out, "alice@example.org: 0 new") {
				t.Errorf("%s%s", line, out)
			}
			typed++
		}
	}
	if typed < 4 {
		t.Errorf("%d commands on the page", typed)
	}
}
