package proof

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const pages = "../../../docs/"

// textOf reads a page.
func textOf(t *testing.T, page string) string {
	t.Helper()
	b, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fenced returns the blocks of a page that are marked with a language.
func fenced(t *testing.T, page, language string) []string {
	t.Helper()
	var blocks []string
	for _, part := range strings.Split(textOf(t, page), "\n```"+language+"\n")[1:] {
		block, _, _ := strings.Cut(part, "\n```")
		blocks = append(blocks, block)
	}
	if len(blocks) == 0 {
		t.Fatalf("%s has no block of %s", page, language)
	}
	return blocks
}

// TestPagesReferences: what a page says another one has is there, the section too.
func TestPagesReferences(t *testing.T) {
	link := regexp.MustCompile(`\]\(([\w/]+\.md)\)`)
	section := regexp.MustCompile(`([A-Z]+\.md)(?:\]\([\w/.]+\))?,\s"([^"]+)"`)
	files, err := filepath.Glob(pages + "*.md")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	seen := 0
	for _, file := range append(files, pages+"../README.md") {
		for _, m := range link.FindAllStringSubmatch(textOf(t, file), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), m[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		for _, m := range section.FindAllStringSubmatch(textOf(t, file), -1) {
			seen++
			if title := strings.Join(strings.Fields(m[2]), " "); !regexp.MustCompile(`(?m)^#+ ` + regexp.QuoteMeta(title) + `$`).MatchString(textOf(t, pages+m[1])) {
				t.Errorf("%s: %s has no section %q", file, m[1], title)
			}
		}
	}
	if seen < 10 {
		t.Errorf("%d sections are named", seen)
	}
}

// TestPagesCommands types what these pages tell people to type, in order, with a
// configuration file of its own.
func TestPagesCommands(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "satchel.toml")
	if err := os.WriteFile(config, []byte("data = "+quote(filepath.Join(dir, "data"))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, "Maildir", sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "old.mbox"), mboxOf(odd[:1]), 0o600); err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, page := range []string{"OPERATIONS.md", "CLIENTS.md", "MIGRATING.md", "TROUBLESHOOTING.md"} {
		blocks = append(blocks, fenced(t, pages+page, "sh")...)
	}
	for _, block := range blocks {
		for line := range strings.Lines(block) {
			args := strings.Fields(line)
			c := exec.Command(binary, append(args[1:], "--config", config)...)
			c.Dir = dir
			c.Stdin = strings.NewReader(password + "\n")
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s%v\n%s", line, err, out)
			}
		}
	}
}

// TestMonitoringCommands types those of docs/MONITORING.md, which ask a running server.
func TestMonitoringCommands(t *testing.T) {
	data := newData(t, "alice@example.org")
	start(t, data)
	for _, block := range fenced(t, pages+"MONITORING.md", "sh") {
		for line := range strings.Lines(block) {
			satchel(t, "", append(strings.Fields(line)[1:], "--data", data)...)
		}
	}
}

// TestBackupCommands types what docs/BACKUP.md tells people to type, with a folder
// of its own in the place of /mnt.
func TestBackupCommands(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "satchel.toml")
	if err := os.WriteFile(config, []byte("data = "+quote(filepath.Join(dir, "data"))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	satchel(t, password+"\n", "account", "add", "alice@example.org", "--config", config, "--password-stdin")
	for id := range 12 { // the page picks UID 12, and one of these
		satchel(t, letter(fmt.Sprintf("%d@example.org", 1230+id)), "deliver", "alice@example.org", "--config", config)
	}
	typed := 0
	for _, block := range fenced(t, pages+"BACKUP.md", "sh") {
		for line := range strings.Lines(block) {
			line = strings.ReplaceAll(strings.TrimSpace(line), "/mnt", dir)
			c := exec.Command("sh", "-c", strings.Replace(line, "satchel", binary, 1)+" --config "+config)
			c.Dir = dir
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", line, err, out)
			}
			typed++
		}
	}
	if typed < 10 {
		t.Errorf("%d commands on the page", typed)
	}
}

// TestInstallCommands does the same for the commands of satchel's own in
// docs/INSTALL.md; make debtest types the others.
func TestInstallCommands(t *testing.T) {
	dir, typed := t.TempDir(), 0
	for _, block := range fenced(t, pages+"INSTALL.md", "bash") {
		for line := range strings.Lines(block) {
			line, _, _ = strings.Cut(line, " | sh") // what is printed for a shell is for a machine with Postfix
			args := strings.Fields(line)
			if args[0] != "satchel" {
				continue
			}
			typed++
			if args[1] == "setup" {
				args = append(args, "--user", "root", "--data", filepath.Join(dir, "data"))
			}
			satchel(t, password+"\n", append(args[1:], "--config", filepath.Join(dir, "satchel.toml"))...)
		}
	}
	if typed < 3 {
		t.Errorf("%d commands on the page", typed)
	}
}

func quote(s string) string { return `"` + s + `"` }

var (
	shownKey = regexp.MustCompile(`(?m)^([a-z_]+) = `)
	section  = regexp.MustCompile(`(?m)^\[([a-z_]+)\]$`)
)

// TestConfigurationKeys: the table of docs/CONFIGURATION.md has every key of the
// configuration, and the example is a valid file.
func TestConfigurationKeys(t *testing.T) {
	example := filepath.Join(t.TempDir(), "satchel.toml")
	if err := os.WriteFile(example, []byte(fenced(t, pages+"CONFIGURATION.md", "toml")[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(pages + "CONFIGURATION.md")
	if err != nil {
		t.Fatal(err)
	}
	prefix := ""
	for line := range strings.Lines(satchel(t, "", "config", "--config", example)) {
		if m := section.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			prefix = m[1] + "."
		}
		if m := shownKey.FindStringSubmatch(line); m != nil {
			if key := prefix + m[1]; !regexp.MustCompile(`(?m)^\|[^|]*\b` + regexp.QuoteMeta(key) + `\b`).Match(page) {
				t.Errorf("%s is not in the table", key)
			}
		}
	}
}

// TestCertificatesPage: the examples of docs/CERTIFICATES.md are valid files, and its hook does what the page says.
func TestCertificatesPage(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "satchel.toml")
	for _, example := range fenced(t, pages+"CERTIFICATES.md", "toml") {
		if !strings.Contains(example, "hostname") {
			example = "hostname = \"mail.example.org\"\n" + example
		}
		if err := os.WriteFile(file, []byte(example), 0o600); err != nil {
			t.Fatal(err)
		}
		satchel(t, "", "config", "--config", file)
	}
	update := filepath.Join(dir, "nsupdate")
	if err := os.WriteFile(update, []byte("#!/bin/sh\necho \"$@\"; cat\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for action, change := range map[string]string{
		"present": `update add _acme-challenge.example.org. 60 TXT "text"`, "cleanup": `update delete _acme-challenge.example.org. TXT "text"`,
	} {
		c := exec.Command("sh", "-c", fenced(t, pages+"CERTIFICATES.md", "hook")[0], "dns-hook", action, "_acme-challenge.example.org.", "text")
		c.Env = []string{"PATH=" + dir + ":" + os.Getenv("PATH")}
		out, err := c.CombinedOutput()
		if want := "-k /etc/satchel/dns.key\nserver ns1.example.org\n" + change + "\nsend\n"; err != nil || string(out) != want {
			t.Errorf("%s: %v\n%s\nwant\n%s", action, err, out, want)
		}
	}
}

// TestManPage: docs/satchel.1 is what the program says of itself, with what the help of each command shows to type.
func TestManPage(t *testing.T) {
	page, err := os.ReadFile("../../../docs/satchel.1")
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != satchel(t, "", "man") {
		t.Error("docs/satchel.1 is not up to date: run make man")
	}
	if !strings.Contains(string(page), `satchel dns example.org \-\-check \-\-server ns1.example.org`) {
		t.Error("docs/satchel.1 lacks the examples")
	}
}
