package main

import (
	"bufio"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// What an export to mbox files writes beside them, for mbox has no place for it.
const (
	subscriptionsNote = "subscriptions"       // a folder's name on each line
	specialUseNote    = "satchel-special-use" // attribute, tab, folder
)

// hiddenDot stands for a dot at the beginning of a level, which would hide the file.
const hiddenDot = "&AC4-"

// folderNotes is what the notes say.
type folderNotes struct {
	subscribed []string
	specialUse map[string]string
}

// readFolderNotes reads what there is.
func readFolderNotes(dir string) folderNotes {
	n := folderNotes{subscribed: noteLines(filepath.Join(dir, subscriptionsNote)), specialUse: map[string]string{}}
	for _, line := range noteLines(filepath.Join(dir, specialUseNote)) {
		if use, name, ok := strings.Cut(line, "\t"); ok {
			n.specialUse[name] = use
		}
	}
	return n
}

func noteLines(path string) (lines []string) {
	f, err := os.Open(path)
	if err != nil {
		return nil // not an export of satchel's
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for in.Scan() {
		if line := strings.TrimSpace(in.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// write puts the notes into dir.
func (n folderNotes) write(dir string) error {
	err := writeNote(filepath.Join(dir, subscriptionsNote), n.subscribed)
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(n.specialUse)) {
		lines = append(lines, n.specialUse[name]+"\t"+name)
	}
	return errors.Join(err, writeNote(filepath.Join(dir, specialUseNote), lines))
}

func writeNote(path string, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}
