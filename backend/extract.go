package backend

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

// Extractor is a program that finds the text in attachments of a media type. It gets
// an attachment on its standard input and writes the text, in UTF-8, to its standard
// output.
type Extractor struct {
	Type    string   // in lower case
	Command []string // the program and its arguments
}

// String is the line that ParseExtractors reads.
func (e Extractor) String() string { return e.Type + " " + strings.Join(e.Command, " ") }

// ParseExtractors reads lines "TYPE/SUBTYPE PROGRAM ARGUMENT ...". Blanks separate,
// and there are no quotes. The error has all that is wrong.
func ParseExtractors(lines []string) ([]Extractor, error) {
	list, errs := []Extractor{}, []error{}
	for _, line := range lines {
		e, err := parseExtractor(line)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%q: %w", line, err))
		case slices.ContainsFunc(list, func(o Extractor) bool { return o.Type == e.Type }):
			errs = append(errs, fmt.Errorf("%s is there twice", e.Type))
		default:
			list = append(list, e)
		}
	}
	return list, errors.Join(errs...)
}

var extractedType = regexp.MustCompile(`^[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*$`) // RFC 6838, 4.2

func parseExtractor(line string) (Extractor, error) {
	words := strings.Fields(line)
	if len(words) < 2 || strings.ContainsRune(line, 0) {
		return Extractor{}, errors.New(`a media type and a command are needed, such as "application/pdf pdftotext -q - -"`)
	}
	e := Extractor{strings.ToLower(words[0]), words[1:]}
	main, _, _ := strings.Cut(e.Type, "/")
	switch {
	case !extractedType.MatchString(e.Type):
		return e, fmt.Errorf("%s is no media type such as application/pdf", words[0])
	case main == "text" || main == "message" || main == "multipart":
		return e, fmt.Errorf("%s is searched without a program", e.Type)
	case strings.Contains(words[1], "/") && !filepath.IsAbs(words[1]):
		return e, fmt.Errorf("%s is neither a name nor an absolute path", words[1])
	}
	return e, nil
}

// extractPath is where programs are looked for: not the environment's PATH, so that
// all of satchel's processes find the same.
const extractPath = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"

// found reports whether the program is there.
func (e *Extractor) found() bool {
	if filepath.IsAbs(e.Command[0]) {
		_, err := exec.LookPath(e.Command[0])
		return err == nil
	}
	return slices.ContainsFunc(filepath.SplitList(extractPath), func(dir string) bool {
		_, err := exec.LookPath(filepath.Join(dir, e.Command[0]))
		return err == nil
	})
}

// extractors runs the programs: one at a time for the index, and one for all searches.
type extractors struct {
	commands map[string][]string // by media type
	lines    string              // what commands is made of, always in the same order
	folder   string              // for temporary files, absolute
	limits   extractLimits
	log      *slog.Logger

	ctx   context.Context // ends when the backend closes
	close context.CancelFunc
	turns [extractUses]chan struct{} // each has room for one

	mu   sync.Mutex
	told map[string]time.Time // by media type, when a failure was logged last; guarded by mu
}

// extractUse is what a text is wanted for.
type extractUse int

const (
	toIndex extractUse = iota
	toSearch
	extractUses
)

// extractLimits bounds what attachments can make programs do.
type extractLimits struct {
	time        time.Duration // for one run
	text        int           // bytes of text; what follows does not count
	memory      int           // bytes of address space for each process
	files       int           // bytes for each file written
	attachments int           // of one message; those that follow have no text
	turn        time.Duration // after so much of it, the index of another account has its turn
}

var defaultExtractLimits = extractLimits{
	time: 30 * time.Second, text: 4 << 20, memory: 512 << 20, files: 64 << 20, attachments: 20, turn: 10 * time.Second,
}

const extractFolders = "extract-*"

// newExtractors leaves out those whose programs are not there: as if they were not
// configured, so that all is done when they come.
func newExtractors(list []Extractor, folder string, log *slog.Logger) (*extractors, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	left, err := filepath.Glob(filepath.Join(folder, extractFolders)) // by a process that was killed
	for _, dir := range left {
		err = errors.Join(err, os.RemoveAll(dir))
	}
	if err != nil {
		return nil, err
	}
	x := &extractors{commands: map[string][]string{}, folder: folder, limits: defaultExtractLimits, log: log, told: map[string]time.Time{}}
	x.ctx, x.close = context.WithCancel(context.Background())
	for i := range x.turns {
		x.turns[i] = make(chan struct{}, 1)
	}
	for _, e := range slices.SortedFunc(slices.Values(list), func(a, b Extractor) int { return cmp.Compare(a.Type, b.Type) }) {
		if !e.found() {
			log.Warn("attachments are not searched: their program is not there", "type", e.Type, "program", e.Command[0])
			continue
		}
		x.commands[e.Type] = e.Command
		x.lines += "\n" + e.String()
	}
	return x, nil
}
