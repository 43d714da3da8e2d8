package maildir

import (
	"fmt"
	"strconv"
	"strings"

	"satchel/backend"
)

// splitName cuts a file's name into the part that stays and the letters of its flags: "base:2,FS".
func splitName(name string) (base, letters string) {
	base, info, _ := strings.Cut(name, ":")
	if letters, ok := strings.CutPrefix(info, "2,"); ok {
		return base, letters
	}
	return base, ""
}

// isRaw reports whether a file holds its message in wire form: Dovecot's size in the file (S=) and size in wire form
// (W=), both in the name, are equal and true, which of a packed file cannot be seen. Without them the file's line ends are
// converted.
func isRaw(name string, size int64, packed bool) bool {
	base, _ := splitName(name)
	s, w := sizeInName(base, ",S="), sizeInName(base, ",W=")
	return s == w && (s == size || packed && s >= 0)
}

func sizeInName(base, mark string) int64 {
	_, rest, ok := strings.Cut(base, mark)
	if !ok {
		return -1
	}
	digits, _, _ := strings.Cut(rest, ",")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Letters of the system flags, in the order in which they stand in a name.
const systemLetters = "DFRST"

func systemFlag(letter byte) backend.Flags {
	switch letter {
	case 'D':
		return backend.FlagDraft
	case 'F':
		return backend.FlagFlagged
	case 'R':
		return backend.FlagAnswered
	case 'S':
		return backend.FlagSeen
	case 'T':
		return backend.FlagDeleted
	}
	return 0
}

// forwarded is the keyword that the letter P ("passed") stands for.
const forwarded = "$Forwarded"

// flagReader reads flags out of letters. Equal keywords share one slice.
type flagReader struct {
	names  [26]string // keyword of each small letter, "" for none
	shared map[string][]string
}

func (r *flagReader) read(letters string) (flags backend.Flags, keywords []string) {
	var small []byte
	for i := range len(letters) {
		c := letters[i]
		if c >= 'a' && c <= 'z' || c == 'P' {
			small = append(small, c)
			continue
		}
		flags |= systemFlag(c)
	}
	if len(small) == 0 {
		return flags, nil
	}
	if known, ok := r.shared[string(small)]; ok {
		return flags, known
	}
	keywords = r.keywords(small)
	if r.shared == nil {
		r.shared = map[string][]string{}
	}
	r.shared[string(small)] = keywords
	return flags, keywords
}

func (r *flagReader) keywords(letters []byte) []string {
	var names []string
	passed := false
	for _, c := range letters {
		if c == 'P' {
			passed = true
			continue
		}
		if n := r.names[c-'a']; n != "" {
			names = append(names, n)
			passed = passed && !strings.EqualFold(n, forwarded)
		}
	}
	if passed {
		names = append(names, forwarded)
	}
	return names
}

// flagWriter writes flags as letters and hands out the 26 letters for keywords in order of first use.
type flagWriter struct {
	names []string // keyword of each letter
}

// letters gives the flags part of a name, and whether every keyword has a letter.
func (w *flagWriter) letters(flags backend.Flags, keywords []string) (letters string, all bool) {
	var b []byte
	for i := range len(systemLetters) {
		if flags&systemFlag(systemLetters[i]) != 0 {
			b = append(b, systemLetters[i])
		}
	}
	var used [26]bool
	all = true
	for _, k := range keywords {
		i := w.letter(k)
		if i < 0 {
			all = false
			continue
		}
		used[i] = true
	}
	for i, on := range used {
		if on {
			b = append(b, 'a'+byte(i))
		}
	}
	return string(b), all
}

func (w *flagWriter) letter(keyword string) int {
	for i, n := range w.names {
		if n == keyword {
			return i
		}
	}
	if len(w.names) == 26 {
		return -1
	}
	w.names = append(w.names, keyword)
	return len(w.names) - 1
}

// fileName is the name of a message that satchel writes: unique by UIDVALIDITY and UID, with the sizes of the file and
// of the message in wire form as Dovecot reads them.
func fileName(date int64, validity uint32, uid backend.UID, size, wire int64) string {
	return fmt.Sprintf("%d.V%dU%d.satchel,S=%d,W=%d", date, validity, uid, size, wire)
}
