package maildir

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/crlf"
	"satchel/server/wire"
)

// inMemory bounds the messages that are not written twice.
const inMemory = 1 << 20

// ErrNotEmpty says that a tree was not begun because something lies in its place.
var ErrNotEmpty = errors.New("the directory is not empty")

// Writer writes a Maildir++ tree as Dovecot reads it.
type Writer struct {
	root string
	buf  []byte // a message in wire form
	file []byte // and as it goes into its file
}

// Create begins a tree in root, which must be empty or missing.
func Create(root string) (*Writer, error) {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("create maildir: %w", err)
	}
	old, err := os.ReadDir(root)
	if err != nil {
		return nil, fmt.Errorf("create maildir: %w", err)
	}
	if len(old) > 0 {
		return nil, fmt.Errorf("create maildir in %s: %w", root, ErrNotEmpty)
	}
	return &Writer{root: root}, nil
}

// FolderWriter writes one folder. Close writes the files that name its UIDs and keywords.
type FolderWriter struct {
	w        *Writer
	dir      string
	validity uint32
	next     backend.UID
	flags    flagWriter
	uids     *bufio.Writer
	uidFile  *os.File
	more     []string
}

// Folder begins a folder. UIDs are those of the validity given, the next one to be used is next.
func (w *Writer) Folder(name string, validity uint32, next backend.UID) (*FolderWriter, error) {
	dir := w.root
	if name != "INBOX" {
		dir = filepath.Join(w.root, "."+dotName(name))
	}
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("create folder %q: %w", name, err)
		}
	}
	if name != "INBOX" {
		// Maildir++ marks a directory that is a folder of another Maildir by this empty file.
		if err := os.WriteFile(filepath.Join(dir, "maildirfolder"), nil, 0o600); err != nil {
			return nil, fmt.Errorf("create folder %q: %w", name, err)
		}
	}
	f, err := os.OpenFile(filepath.Join(dir, uidlistFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create folder %q: %w", name, err)
	}
	fw := &FolderWriter{w: w, dir: dir, validity: validity, next: next, uidFile: f, uids: bufio.NewWriter(f)}
	var guid [16]byte
	rand.Read(guid[:])
	fmt.Fprintf(fw.uids, "3 V%d N%d G%x\n", validity, next, guid)
	return fw, nil
}

// Add writes one message; msg is its bytes in wire form, read to the end. UIDs come in ascending order.
func (f *FolderWriter) Add(uid backend.UID, date time.Time, flags backend.Flags, keywords []string, msg io.Reader) error {
	tmp := filepath.Join(f.dir, "tmp", fmt.Sprint(uid))
	size, wireSize, err := f.w.write(tmp, msg)
	if err != nil {
		os.Remove(tmp)
		return fmt.Errorf("write message %d: %w", uid, err)
	}
	base := fileName(date.Unix(), f.validity, uid, size, wireSize)
	letters, all := f.flags.letters(flags, keywords)
	if !all {
		f.more = append(f.more, base+" "+strings.Join(keywords, " "))
	}
	if err := os.Chtimes(tmp, date, date); err != nil {
		return fmt.Errorf("date message %d: %w", uid, err)
	}
	if err := os.Rename(tmp, filepath.Join(f.dir, "cur", base+":2,"+letters)); err != nil {
		return fmt.Errorf("write message %d: %w", uid, err)
	}
	fmt.Fprintf(f.uids, "%d :%s\n", uid, base)
	return nil
}

// write makes the file with LF line ends, or in wire form where LF would not give the same bytes back.
func (w *Writer) write(path string, msg io.Reader) (size, wireSize int64, err error) {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if w.buf == nil {
		w.buf = make([]byte, inMemory)
	}
	n, err := io.ReadFull(msg, w.buf)
	if err == nil {
		return w.writeLarge(out, io.MultiReader(bytes.NewReader(w.buf), msg))
	}
	if err != io.EOF && err != io.ErrUnexpectedEOF {
		return 0, 0, err
	}
	var check crlf.Check
	check.Write(w.buf[:n])
	w.file = w.buf[:n]
	if !check.Lossy {
		w.file = crlf.AppendFile(nil, w.buf[:n])
	}
	_, err = out.Write(w.file)
	return int64(len(w.file)), int64(n), err
}

// writeLarge leaves a message that does not fit into memory in wire form: one pass, no second copy on the disk.
func (w *Writer) writeLarge(out *os.File, msg io.Reader) (size, wireSize int64, err error) {
	n, err := io.Copy(out, msg)
	return n, n, err
}

// Close ends the folder.
func (f *FolderWriter) Close() error {
	err := errors.Join(f.uids.Flush(), f.uidFile.Close())
	if len(f.flags.names) > 0 {
		var lines []string
		for i, n := range f.flags.names {
			lines = append(lines, fmt.Sprintf("%d %s", i, n))
		}
		err = errors.Join(err, writeLines(filepath.Join(f.dir, keywordsFile), lines))
	}
	if len(f.more) > 0 {
		err = errors.Join(err, writeLines(filepath.Join(f.dir, moreKeywordsFile), f.more))
	}
	if err != nil {
		return fmt.Errorf("end folder: %w", err)
	}
	return nil
}

// Finish writes what concerns the whole tree: subscribed folders, and the special use of each that has one.
func (w *Writer) Finish(subscribed []string, specialUse map[string]string) error {
	lines := []string{"V\t2", ""}
	for _, name := range subscribed {
		lines = append(lines, strings.ReplaceAll(wire.EncodeMUTF7(name), "/", "\t"))
	}
	err := writeLines(filepath.Join(w.root, subsFile), lines)
	if len(specialUse) > 0 {
		lines = nil
		for _, name := range slices.Sorted(maps.Keys(specialUse)) {
			lines = append(lines, specialUse[name]+"\t"+name)
		}
		err = errors.Join(err, writeLines(filepath.Join(w.root, specialUseFile), lines))
	}
	if err != nil {
		return fmt.Errorf("end maildir: %w", err)
	}
	return nil
}

func writeLines(path string, lines []string) error {
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}
