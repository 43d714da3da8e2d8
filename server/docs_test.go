package server

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"satchel/backend"
)

// documented are the cells of the tables of docs/EXTENSIONS.md, by column.
func documented(t *testing.T) map[string][]string {
	t.Helper()
	page, err := os.ReadFile("../docs/EXTENSIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string][]string{}
	var columns []string
	for line := range strings.Lines(string(page)) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case !strings.HasPrefix(line, "|"):
			columns = nil
		case strings.HasPrefix(line, "|--"):
		case columns == nil:
			for _, name := range row {
				columns = append(columns, strings.TrimSuffix(strings.TrimSpace(name), "s"))
			}
		case len(row) != len(columns):
			t.Errorf("%d columns, want %d: %s", len(row), len(columns), line)
		default:
			for i, cell := range row {
				for part := range strings.SplitSeq(cell, ",") {
					cells[columns[i]] = append(cells[columns[i]], strings.TrimSpace(part))
				}
			}
		}
	}
	return cells
}

func set(list []string) map[string]bool {
	m := map[string]bool{}
	for _, s := range list {
		m[s] = true
	}
	return m
}

// TestExtensionsPage holds docs/EXTENSIONS.md against the code: every command
// of the table, every capability that is ever offered, every file and every
// transcript, and nothing that does not exist.
func TestExtensionsPage(t *testing.T) {
	page := documented(t)
	commands := set(page["command"])
	for _, row := range commandTable() {
		if !commands[row.name] {
			t.Errorf("command %s is not on the page", row.name)
		}
		delete(commands, row.name)
	}
	for name := range commands {
		if name != "" {
			t.Errorf("the page tells of a command %s that is not in the table", name)
		}
	}
	compareCapabilities(t, set(page["capability"]), page["left out"])
	for _, file := range page["file"] {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			t.Errorf("the page names a file: %v", err)
		}
	}
	compareTranscripts(t, page["transcript"])
}

// compareCapabilities: APPENDLIMIT and AUTH come with a value.
func compareCapabilities(t *testing.T, page map[string]bool, leftOut []string) {
	t.Helper()
	code := map[string]bool{}
	for _, row := range capabilityTable() {
		code[row.name] = true
	}
	for _, mechanism := range backend.AllMechanisms() {
		code["AUTH="+mechanism] = true
	}
	for _, name := range leftOut {
		if code[name] {
			t.Errorf("%s is said to be left out", name)
		}
	}
	for name := range code {
		if name = strings.TrimSuffix(name, "="); !page[name] {
			t.Errorf("capability %s is not on the page", name)
		}
	}
	for name := range page {
		if name != "" && !code[name] && !code[name+"="] {
			t.Errorf("the page tells of a capability %s that is never offered", name)
		}
	}
}

var transcriptName = regexp.MustCompile(`^[a-z0-9_]+$`)

func compareTranscripts(t *testing.T, page []string) {
	t.Helper()
	named := set(page)
	for _, name := range page {
		if !transcriptName.MatchString(name) {
			continue // a remark
		}
		if _, err := os.Stat(filepath.Join("testdata/transcripts", name+".txt")); err != nil {
			t.Errorf("the page names a transcript: %v", err)
		}
	}
	files, _ := filepath.Glob("testdata/transcripts/*.txt")
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".txt"); !named[name] {
			t.Errorf("transcript %s is not on the page", name)
		}
	}
}
