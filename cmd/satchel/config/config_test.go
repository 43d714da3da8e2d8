package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// load reads a file with this text.
func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "satchel.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Hostname = "mail.example.org" // whatever this host is called
	return c, c.Load(path)
}

// FuzzLoad: what is wrong with a file is told, and a file that is taken says the same when it is written and read again.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"", "hostname = \"mail.example.org\"\n[limits]\nmessage = \"50 MiB\"\n", "data = \"\\u0007\\u000b\\u0001\\u007f\\t\\\"\\\\ä\\U0001f600\"\n",
		"[acme]\nemail = \"a@example.org\"\ndomains = [\"Mail.example.org.\"]\n", "[[hide]]\nclient = \"*\"\ncapabilities = [\"move\"]\n",
		"[acme]\nemail = \"a@example.org\"\ndomains = [\"mail.example..\"]\n", "[acme]\nemail = \"a@example.org\"\ndomains = [\"1.2.3.4..\"]\n",
		"[storage]\nkeep_expunged = \"100000d12h\"\n", "[hide]\nclient = \"*\"\n",
		"[mta_sts]\nmx = [\"mail.example.org\"]\nmode = \"testing\"\n[listen]\nhttps = \":443\"\n",
		"[[tls.certificate]]\ncert = \"a\"\nkey = \"b\"\n", "[quota]\nstorage = 10_000_000_000\n", "[quota]\nstorage = 9223372036854774784\n", "[quota]\ngrace = \"5%\"\n[storage]\nkeep_expunged = \"1d12h\"\n",
		"hostname = mail.example.org\n", "limits.mesage = 1\n[[hide]]\nx = 1\n", "listen:\n  imap", "[log]\nlevel = \"DEBUG+1\"\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := load(t, text)
		if err != nil {
			return
		}
		var written strings.Builder
		if err := c.Write(&written); err != nil {
			t.Fatal(err)
		}
		again, err := load(t, written.String())
		if err != nil {
			t.Fatalf("written as a file that is refused: %v\n%s", err, written.String())
		}
		if got, want := again.Keys(), c.Keys(); !slices.Equal(got, want) {
			t.Errorf("read again:\n%q\nwant\n%q", got, want)
		}
	})
}
