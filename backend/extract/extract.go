// Package extract runs the programs that find the text in attachments. It owns what they may take, what they see, and how
// many run at once; it does not know messages, nor what a text is wanted for. Safe for concurrent use.
package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Program is one that finds the text in attachments of a media type. It gets
// an attachment on its standard input and writes the text, in UTF-8, to its standard
// output.
type Program struct {
	Type    string   // in lower case
	Command []string // the program and its arguments
}

// String is the line that Parse reads.
func (e Program) String() string { return e.Type + " " + strings.Join(e.Command, " ") }

// Parse reads lines "TYPE/SUBTYPE PROGRAM ARGUMENT ...". Blanks separate,
// and there are no quotes. The error has all that is wrong.
func Parse(lines []string) ([]Program, error) {
	list, errs := []Program{}, []error{}
	for _, line := range lines {
		e, err := parseProgram(line)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%q: %w", line, err))
		case slices.ContainsFunc(list, func(o Program) bool { return o.Type == e.Type }):
			errs = append(errs, fmt.Errorf("%s is there twice", e.Type))
		default:
			list = append(list, e)
		}
	}
	return list, errors.Join(errs...)
}

var mediaType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$`) // RFC 6838, 4.2

func parseProgram(line string) (Program, error) {
	words := strings.Fields(line)
	if len(words) < 2 || strings.ContainsRune(line, 0) {
		return Program{}, errors.New(`a media type and a command are needed, such as "application/pdf pdftotext -q - -"`)
	}
	e := Program{strings.ToLower(words[0]), words[1:]}
	main, _, _ := strings.Cut(e.Type, "/")
	switch {
	case !mediaType.MatchString(e.Type):
		return e, fmt.Errorf("%s is no media type such as application/pdf", words[0])
	case main == "text" || main == "message" || main == "multipart":
		return e, fmt.Errorf("%s is searched without a program", e.Type)
	case strings.Contains(words[1], "/") && !filepath.IsAbs(words[1]):
		return e, fmt.Errorf("%s is neither a name nor an absolute path", words[1])
	}
	return e, nil
}

// searchPath is where programs are looked for: not the environment's PATH, so that
// all of satchel's processes find the same.
const searchPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

// found reports whether the program is there.
func (e *Program) found() bool {
	if filepath.IsAbs(e.Command[0]) {
		_, err := exec.LookPath(e.Command[0])
		return err == nil
	}
	return slices.ContainsFunc(filepath.SplitList(searchPath), func(dir string) bool {
		_, err := exec.LookPath(filepath.Join(dir, e.Command[0]))
		return err == nil
	})
}

// ErrClosed says that Close was called.
var ErrClosed = errors.New("no more programs are run")

// Programs runs the programs: one at a time for the index, and one for all searches.
type Programs struct {
	commands map[string][]string // by media type
	rules    string              // what commands is made of, always in the same order
	folder   string              // for temporary files, absolute
	limits   limits
	log      *slog.Logger

	ctx   context.Context // ends with Close
	close context.CancelFunc
	turns [uses]chan struct{} // each has room for one

	mu   sync.Mutex
	told map[string]time.Time // by media type, when a failure was logged last; guarded by mu
}

// Use is who waits for a text: each has a turn of its own.
type Use int

// The uses.
const (
	ToIndex Use = iota
	ToSearch
	uses
)

// limits bounds what attachments can make programs do.
type limits struct {
	time   time.Duration // for one run
	text   int           // bytes of text; what follows does not count
	memory int           // bytes of address space for each process
	files  int           // bytes for each file written
}

var defaultLimits = limits{time: 30 * time.Second, text: 4 << 20, memory: 512 << 20, files: 64 << 20}

const tempFolders = "extract-*"

// New makes ready to run programs, each in a folder of its own below folder. Those that are not there are left out, with a
// line in the log: as if they were not configured, so that all is done when they come.
func New(list []Program, folder string, log *slog.Logger) (*Programs, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(folder, tempFolders)) // by a process that was killed
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		return nil, err
	}
	x := &Programs{commands: map[string][]string{}, folder: folder, limits: defaultLimits, log: log, told: map[string]time.Time{}}
	x.ctx, x.close = context.WithCancel(context.Background())
	for i := range x.turns {
		x.turns[i] = make(chan struct{}, 1)
	}
	for _, e := range slices.SortedFunc(slices.Values(list), func(a, b Program) int { return cmp.Compare(a.Type, b.Type) }) {
		if !e.found() {
			log.Warn("attachments are not searched: their program is not there", "type", e.Type, "program", e.Command[0])
			continue
		}
		x.commands[e.Type] = e.Command
		x.rules += "\n" + e.String()
	}
	return x, nil
}

// Any reports whether there are programs at all.
func (x *Programs) Any() bool { return len(x.commands) > 0 }

// Handles reports whether there is a program for a media type, in lower case.
func (x *Programs) Handles(media string) bool { return x.commands[media] != nil }

// Rules names the programs: texts that were found under others may be different ones.
func (x *Programs) Rules() string { return x.rules }

// Close ends the programs that run. Run fails with ErrClosed from then on.
func (x *Programs) Close() { x.close() }
