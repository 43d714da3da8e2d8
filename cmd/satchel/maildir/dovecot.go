package maildir

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"satchel/backend"
)

// uidList is Dovecot's record of a folder's UIDs.
type uidList struct {
	validity uint32
	next     backend.UID
	uids     map[string]backend.UID // by file name without flags
}

// readUIDList reads dovecot-uidlist, version 1 or 3. A folder without one has an empty list.
//
//	3 V<uidvalidity> N<uidnext> G<guid>          1 <uidvalidity> <uidnext>
//	<uid> [X<extra> ...] :<name>                 <uid> <name>
func readUIDList(path string) (uidList, error) {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return uidList{}, nil
	}
	if err != nil {
		return uidList{}, fmt.Errorf("read UIDs: %w", err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	if !in.Scan() {
		return uidList{}, in.Err()
	}
	list, version := uidHeader(in.Text())
	if list.validity == 0 {
		return uidList{}, fmt.Errorf("%s: header %.40q is not known, UIDs are not kept", path, in.Text())
	}
	for in.Scan() {
		uid, name, ok := uidLine(in.Text(), version)
		if !ok {
			return uidList{}, fmt.Errorf("%s: line %.40q is not known, UIDs are not kept", path, in.Text())
		}
		list.uids[name] = uid
		list.next = max(list.next, uid, uid+1) // where it is the last of all
	}
	return list, in.Err()
}

func uidHeader(line string) (list uidList, version string) {
	f := strings.Fields(line)
	list.uids = map[string]backend.UID{}
	if len(f) < 2 {
		return list, ""
	}
	switch f[0] {
	case "1":
		if len(f) == 3 {
			list.validity, list.next = uint32(number(f[1])), backend.UID(number(f[2]))
		}
	case "3":
		for _, x := range f[1:] {
			switch x[0] {
			case 'V':
				list.validity = uint32(number(x[1:]))
			case 'N':
				list.next = backend.UID(number(x[1:]))
			}
		}
	}
	return list, f[0]
}

func uidLine(line, version string) (uid backend.UID, name string, ok bool) {
	digits, rest, _ := strings.Cut(line, " ")
	uid = backend.UID(number(digits))
	name = rest
	if version == "3" {
		if !strings.HasPrefix(rest, ":") {
			_, rest, ok = strings.Cut(rest, " :")
			name = rest
		} else {
			name, ok = rest[1:], true
		}
		if !ok {
			return 0, "", false
		}
	}
	name, _, _ = strings.Cut(name, ":")
	return uid, name, uid > 0 && name != ""
}

// number reads a 32-bit number; 0 when it is none.
func number(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		return 0
	}
	return n
}

// keywordNames reads dovecot-keywords: "<number> <name>", the number counting the letters from a.
func keywordNames(dir string) (names [26]string) {
	lines, err := readLines(filepath.Join(dir, keywordsFile))
	if err != nil {
		return names // most folders have no keywords
	}
	for _, l := range lines {
		digits, name, ok := strings.Cut(l, " ")
		if i, err := strconv.Atoi(digits); ok && err == nil && i >= 0 && i < len(names) {
			names[i] = name
		}
	}
	return names
}

// moreKeywords reads satchel-keywords: for messages with keywords that have no letter, "<name> <keyword> ...".
func moreKeywords(dir string) map[string][]string {
	lines, err := readLines(filepath.Join(dir, moreKeywordsFile))
	if err != nil {
		return nil // only folders that satchel wrote have it
	}
	all := map[string][]string{}
	for _, l := range lines {
		if f := strings.Fields(l); len(f) > 1 {
			all[f[0]] = f[1:]
		}
	}
	return all
}
