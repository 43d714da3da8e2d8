// Package maildir reads and writes Maildir trees: a directory for each folder, a file for each message, flags in the
// file's name.
//
// It owns the layouts (Maildir++ with ".Sub.Folder" beside the root, and plain directories), the names of folders and
// files, and the files that Dovecot keeps beside them: dovecot-uidlist, dovecot-keywords, subscriptions. Messages go in
// and come out in wire form (CRLF). It never changes a tree that it reads, never holds a message above 1 MiB in memory,
// and knows nothing of accounts. Values belong to one goroutine each, with all entries of a folder.
package maildir

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"satchel/server/wire"
)

// ErrFormat says that a directory is no Maildir and has none in it.
var ErrFormat = errors.New("no Maildir here: no folder with a cur or new directory")

// Names of the files that lie beside the messages.
const (
	uidlistFile  = "dovecot-uidlist"
	keywordsFile = "dovecot-keywords"
	subsFile     = "subscriptions"
	courierSubs  = "courierimapsubscribed"

	// Ours, for what Dovecot's files have no place for.
	moreKeywordsFile = "satchel-keywords"    // keywords beyond the 26 letters: name, keywords
	specialUseFile   = "satchel-special-use" // attribute, folder
)

// Bounds of a tree that is read.
const (
	maxFolders = 100_000
	maxDepth   = 50
)

// isFolder reports whether dir holds messages, as far as that can be told.
func isFolder(dir string) (bool, error) {
	cur, err := isDir(filepath.Join(dir, "cur"))
	if cur {
		return true, nil
	}
	unread, errNew := isDir(filepath.Join(dir, "new"))
	if unread {
		return true, nil // reading it will tell of cur
	}
	return false, cmp.Or(err, errNew)
}

// isDir does not know what cannot be looked at, such as where a link leads that leads nowhere.
func isDir(path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, gone := os.Lstat(path); gone != nil {
			return false, nil
		}
	}
	return err == nil && info.IsDir(), err
}

// dotName writes a folder's name as Maildir++ has it: levels separated by ".", letters beyond ASCII in modified
// UTF-7, a "." within a level as its modified UTF-7 sequence.
func dotName(name string) string {
	levels := strings.Split(name, "/")
	for i, l := range levels {
		levels[i] = strings.ReplaceAll(wire.EncodeMUTF7(l), ".", "&AC4-")
	}
	return strings.Join(levels, ".")
}

// folderName turns levels as they stand on the disk into a name. A level that is not modified UTF-7 is taken as UTF-8.
func folderName(levels []string) string {
	names := make([]string, len(levels))
	for i, l := range levels {
		names[i] = levelName(l)
	}
	name := strings.Join(names, "/")
	if strings.EqualFold(name, "INBOX") {
		return "INBOX"
	}
	return name
}

func levelName(level string) string {
	dots := strings.Split(level, "&AC4-")
	for i, part := range dots {
		if decoded, err := wire.DecodeMUTF7(part); err == nil {
			dots[i] = decoded
		}
	}
	return strings.ReplaceAll(strings.Join(dots, "."), "/", "_")
}
