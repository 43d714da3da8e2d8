package proof

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// needleKind is something that people search for. A needle is taken from a letter, which must then be found, or is the
// k-th of a list.
type needleKind struct {
	name string // as the page has it, after the key
	key  string
	from func(l *writtenLetter, r *rand.Rand) string // "" if the letter has none
	list func(m *letters, k int) string              // "" at its end
	none bool                                        // nothing is to be found
}

var needleKinds = []needleKind{
	{name: "rare word", key: "BODY", from: rareWord},
	{name: "rare word", key: "TEXT", from: rareWord},
	{name: "common word", key: "BODY", list: func(m *letters, k int) string { return m.vocab[0][70+2*k] }},
	{name: "common word", key: "TEXT", list: func(m *letters, k int) string { return m.vocab[0][71+2*k] }},
	{name: "part of a word", key: "BODY", from: partOfWord},
	{name: "two words side by side", key: "BODY", from: phrase},
	{name: "three Chinese characters", key: "BODY", from: chinese},
	{name: "surname", key: "FROM", from: func(l *writtenLetter, _ *rand.Rand) string { return l.surname }},
	{name: "message id", key: "TEXT", from: func(l *writtenLetter, _ *rand.Rand) string { return l.id }},
	{name: "one letter", key: "BODY", list: oneLetter},
	{name: "nothing found", key: "BODY", list: nowhere, none: true},
	{name: "nothing found", key: "TEXT", list: nowhere, none: true},
}

func rareWord(l *writtenLetter, _ *rand.Rand) string { return l.rare }

// partOfWord leaves out the word's first and last character.
func partOfWord(l *writtenLetter, _ *rand.Rand) string {
	r := []rune(l.rare)
	if len(r) < 5 {
		return ""
	}
	return string(r[1 : len(r)-1])
}

// phrase is two neighbours in a line of the body.
func phrase(l *writtenLetter, r *rand.Rand) string {
	lines := strings.Split(l.body.String(), "\n")
	words := strings.Split(lines[r.IntN(len(lines))], " ")
	if len(words) < 4 {
		return ""
	}
	k := r.IntN(len(words) - 2)
	return words[k] + " " + words[k+1]
}

func chinese(l *writtenLetter, r *rand.Rand) string {
	line, _, _ := strings.Cut(l.body.String(), "，")
	if l.rare != "" {
		return ""
	}
	signs := []rune(line)
	k := r.IntN(len(signs) - 2)
	return string(signs[k : k+3])
}

func oneLetter(_ *letters, k int) string {
	for _, a := range alphabets {
		all := []rune(a[0] + a[1])
		if k < len(all) {
			return string(all[k])
		}
		k -= len(all)
	}
	return ""
}

func nowhere(m *letters, k int) string { return "jq" + m.vocab[0][k] }

// needles finds up to most different needles in the first n letters, with the UIDs of the letters that they are from,
// or 0.
func (k *needleKind) needles(m *letters, n, most int) (list []string, from []int) {
	r := rand.New(rand.NewPCG(uint64(n), uint64(len(k.name))))
	for try := 0; try < 50*most && len(list) < most; try++ {
		needle, uid := "", 0
		if k.list != nil {
			needle = k.list(m, len(list))
		} else {
			var l writtenLetter
			uid = 1 + r.IntN(n)
			m.letter(uid-1, &l)
			needle = k.from(&l, r)
		}
		if needle != "" && !slices.Contains(list, needle) {
			list, from = append(list, needle), append(from, uid)
		}
	}
	return list, from
}

// measure searches for needles that nobody has asked for, until there have been enough or it has taken too long, and
// prints how long it took.
func (k *needleKind) measure(t *testing.T, c *client, m *letters, n int) {
	const most, long = 200, 20 * time.Second
	list, from := k.needles(m, n, most)
	var times []time.Duration
	for i, begin := 0, time.Now(); i < len(list) && time.Since(begin) < long; i++ {
		asked := time.Now()
		found := c.must(t, "UID SEARCH CHARSET UTF-8 %s {%d+}\r\n%s", k.key, len(list[i]), list[i])
		times = append(times, time.Since(asked))
		answer := strings.Join(found, " ")
		switch {
		case k.none && strings.TrimSpace(answer) != "* SEARCH":
			t.Errorf("%s %q: found %.60q", k.key, list[i], answer)
		case from[i] > 0 && !slices.Contains(strings.Fields(answer), fmt.Sprint(from[i])):
			t.Errorf("%s %q: not found in message %d", k.key, list[i], from[i])
		}
	}
	if len(times) == 0 {
		t.Errorf("no needle for %s %s", k.key, k.name)
		return
	}
	slices.Sort(times)
	at := func(percent int) float64 { return milliseconds(times[(len(times)*percent+99)/100-1]) }
	scale("search", k.key+", "+k.name, n, at(50), at(99), float64(len(times)))
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
