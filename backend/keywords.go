package backend

import (
	"slices"
	"strings"

	"satchel/storage"
)

// keywordSets interns the keyword sets of an index: messages hold the number of
// a set, 0 being the empty one. Guarded by the mailbox's lock.
type keywordSets struct {
	lists [][]string
	texts []string
	byTxt map[string]uint32
	bytes int64 // about what they take
}

func newKeywordSets() keywordSets {
	return keywordSets{lists: [][]string{nil}, texts: []string{""}, byTxt: map[string]uint32{"": 0}}
}

// number interns a set given as storage keeps it: sorted, separated by blanks.
func (k *keywordSets) number(text string) uint32 {
	if n, ok := k.byTxt[text]; ok {
		return n
	}
	n := uint32(len(k.texts))
	k.texts = append(k.texts, text)
	k.lists = append(k.lists, splitKeywords(text))
	k.byTxt[text] = n
	k.bytes += int64(len(text) + 20*len(k.lists[n]) + 100)
	return n
}

// trimKeywords drops the sets that no message has any more, once they are most of
// all: each change of flags may have made one.
func (x *index) trimKeywords() {
	if len(x.sets.texts) <= 2*len(x.uid)+64 {
		return
	}
	old := x.sets
	x.sets = newKeywordSets()
	for i, n := range x.kw {
		x.kw[i] = x.sets.number(old.texts[n])
	}
}

// keywordText puts keywords into the form in which storage keeps them.
func keywordText(keywords []string) string {
	if len(keywords) == 0 {
		return ""
	}
	s := slices.Clone(keywords)
	slices.Sort(s)
	return strings.Join(slices.Compact(s), " ")
}

func splitKeywords(text string) []string { return strings.Fields(text) }

// maxKeywords bounds the different keywords of a mailbox: it costs memory and
// each SELECT lists them all.
const maxKeywords = 1000

// canonicalKeywords spells keywords as the mailbox spelt them first: they are
// the same in any case (RFC 3501, 2.3.2 with 9). fresh lists those it did not have.
func canonicalKeywords(row *storage.Mailbox, keywords []string) (canonical, fresh []string, err error) {
	if len(keywords) > maxKeywords {
		return nil, nil, ErrLimit // before the search below, which is quadratic
	}
	for _, k := range keywords {
		find := func(s string) bool { return strings.EqualFold(s, k) }
		if i := slices.IndexFunc(row.Keywords, find); i >= 0 {
			canonical = append(canonical, row.Keywords[i])
		} else if i := slices.IndexFunc(fresh, find); i >= 0 {
			canonical = append(canonical, fresh[i])
		} else {
			canonical, fresh = append(canonical, k), append(fresh, k)
		}
	}
	if len(row.Keywords)+len(fresh) > maxKeywords && len(fresh) > 0 {
		return nil, nil, ErrLimit
	}
	return canonical, fresh, nil
}
