package backend

import (
	"fmt"
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Delimiter separates the levels of a mailbox name.
const Delimiter = "/"

// Bounds of a mailbox name, in bytes of UTF-8 and levels. A level of 255 bytes
// can still become a file name elsewhere.
const (
	maxName  = 1000
	maxLevel = 255
	maxDepth = 50
)

// canonicalName gives the one spelling of a mailbox name: Unicode NFC, so that
// two spellings of a name are one mailbox, and INBOX in capitals, alone or as
// the first level (RFC 3501, 5.1).
func canonicalName(name string) (string, error) {
	if len(name) > 4*maxName || !utf8.ValidString(name) {
		return "", ErrInvalidName
	}
	name = norm.NFC.String(name)
	levels := strings.Split(name, Delimiter)
	if strings.EqualFold(levels[0], "INBOX") {
		levels[0] = "INBOX"
	}
	return strings.Join(levels, Delimiter), nil
}

// CanonicalName is the form in which a mailbox's name is kept, "" for a name that
// no mailbox can have.
func CanonicalName(name string) string {
	canonical, _ := canonicalName(name)
	return canonical
}

// IsPossibleName tells whether there can be a mailbox of just this name. A name with
// a separator at its end is none, though Create takes it.
func IsPossibleName(name string) bool {
	canonical, err := newName(name)
	return err == nil && canonical == CanonicalName(name)
}

// newName checks a name for a new mailbox and returns its canonical form. A
// trailing separator, by which a client says that children will follow, is
// dropped (RFC 3501, 6.3.3).
func newName(name string) (string, error) {
	canonical, err := canonicalName(strings.TrimSuffix(name, Delimiter))
	if err != nil {
		return "", fmt.Errorf("%w: not UTF-8 or too long", err)
	}
	levels := strings.Split(canonical, Delimiter)
	switch {
	case canonical == "":
		return "", fmt.Errorf("%w: it is empty", ErrInvalidName)
	case len(canonical) > maxName:
		return "", fmt.Errorf("%w: longer than %d bytes", ErrInvalidName, maxName)
	case len(levels) > maxDepth:
		return "", fmt.Errorf("%w: more than %d levels", ErrInvalidName, maxDepth)
	case strings.IndexFunc(canonical, notInName) >= 0:
		return "", fmt.Errorf("%w: it has control characters", ErrInvalidName)
	}
	for _, l := range levels {
		if l == "" || len(l) > maxLevel {
			return "", fmt.Errorf("%w: a level is empty or longer than %d bytes", ErrInvalidName, maxLevel)
		}
	}
	return canonical, nil
}

// notInName tells what a name must not have: RFC 9755, 3, beyond RFC 5198, 2, whose
// byte order mark is of no use in a name anywhere.
func notInName(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}

// Parents gives the names above a name, from the top.
func Parents(name string) iter.Seq[string] {
	return func(yield func(parent string) bool) {
		for i := range len(name) {
			if name[i] == Delimiter[0] && !yield(name[:i]) {
				return
			}
		}
	}
}

// below reports whether name is a child of parent, at any depth.
func below(name, parent string) bool {
	return len(name) > len(parent) && name[len(parent)] == '/' && name[:len(parent)] == parent
}
