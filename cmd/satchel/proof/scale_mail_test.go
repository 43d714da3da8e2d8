package proof

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"mime"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// letters makes mail as an index meets it: words as often as in a language, in several scripts, and tokens that are
// found once. The same number always gives the same letter.
type letters struct {
	source *rand.PCG
	rnd    *rand.Rand
	words  *rand.Zipf // ranks
	signs  *rand.Zipf
	people *rand.Zipf
	vocab  [3][]string // of each alphabet, the most frequent first
}

// writtenLetter is one of them, and what can be looked for in it.
type writtenLetter struct {
	id      string
	surname string
	rare    string // its rarest word; empty in Chinese
	body    strings.Builder
}

const (
	vocabulary = 200_000
	hanSigns   = 3_000
	someNames  = 5_000
	lineLength = 70
)

// alphabets are consonants and vowels. No word has a "j", "q" or "x".
var alphabets = [...][2]string{{"bdfgklmnprstvz", "aeiou"}, {"бвгдзклмнпрстш", "аеиоу"}, {"βγδζθκλμνπρστφ", "αεηιο"}}

func newLetters() *letters {
	m := &letters{source: rand.NewPCG(0, 0)}
	m.rnd = rand.New(m.source)
	m.words = rand.NewZipf(m.rnd, 1.1, 3, vocabulary-1)
	m.signs = rand.NewZipf(m.rnd, 1.1, 10, hanSigns-1)
	m.people = rand.NewZipf(m.rnd, 1.05, 10, someNames-1)
	for a := range m.vocab {
		m.vocab[a] = make([]string, vocabulary)
		for rank := range m.vocab[a] {
			m.vocab[a][rank] = word(a, rank)
		}
	}
	return m
}

// word is made of syllables, the fewer the more frequent it is; many words end in a consonant.
func word(alphabet, rank int) string {
	consonants, vowels := []rune(alphabets[alphabet][0]), []rune(alphabets[alphabet][1])
	var w []rune
	for n := rank; n > 0 || len(w) == 0; n /= len(consonants) * len(vowels) {
		w = append(w, consonants[n/len(vowels)%len(consonants)], vowels[n%len(vowels)])
	}
	if rank%3 > 0 {
		w = append(w, consonants[rank%len(consonants)])
	}
	return string(w)
}

func capital(w string) string {
	_, n := utf8.DecodeRuneInString(w)
	return strings.ToUpper(w[:n]) + w[n:]
}

// letterID is unique to letter i.
func letterID(i int) string {
	return fmt.Sprintf("%016x.%d", rand.NewPCG(7, uint64(i)).Uint64(), i)
}

// letter writes letter i: of ten, six in Latin letters, two in Cyrillic, one in Greek, one in Chinese.
func (m *letters) letter(i int, l *writtenLetter) {
	m.source.Seed(2026, uint64(i))
	*l = writtenLetter{id: letterID(i), surname: capital(m.vocab[0][5_000+m.people.Uint64()]) + "son"}
	size := 500 + m.rnd.IntN(1000)
	switch k := i % 10; {
	case k == 9:
		m.chinese(l, size)
	case k >= 6:
		m.alphabetic(l, size, (k-4)/2)
	default:
		m.alphabetic(l, size, 0)
	}
	if i%2 == 0 {
		fmt.Fprintf(&l.body, "https://news.example.org/t/%016x\n", m.rnd.Uint64())
	}
}

func (m *letters) alphabetic(l *writtenLetter, size, alphabet int) {
	rarest, line := uint64(0), 0
	for l.body.Len() < size {
		rank := m.words.Uint64()
		w := m.vocab[alphabet][rank]
		if rank > rarest {
			rarest, l.rare = rank, w
		}
		l.body.WriteString(w)
		if line += len(w) + 1; line < lineLength {
			l.body.WriteByte(' ')
			continue
		}
		line = 0
		l.body.WriteString(".\n")
	}
	l.body.WriteByte('\n')
}

func (m *letters) chinese(l *writtenLetter, size int) {
	for l.body.Len() < size {
		for range 6 + m.rnd.IntN(12) {
			l.body.WriteRune(rune(0x4e00 + m.signs.Uint64()))
		}
		l.body.WriteString("，\n")
	}
}

// header writes the header of letter i. Of four letters, three answer an earlier one.
func (m *letters) header(w *bufio.Writer, i int, l *writtenLetter) {
	words := strings.Fields(l.body.String())
	subject := mime.BEncoding.Encode("utf-8", strings.Join(words[:min(len(words), 5)], " "))
	date := time.Unix(1_600_000_000+int64(i)*60, 0).UTC()
	name := capital(m.vocab[0][100+m.people.Uint64()])
	fmt.Fprintf(w, "From MAILER-DAEMON %s\n", date.Format(time.ANSIC))
	fmt.Fprintf(w, "From: %s %s <%s.%s@mail%d.example.org>\nTo: Ada Lovelace <%s>\n", name, l.surname, name, l.surname, i%40, user)
	if i%4 != 0 {
		to := letterID(i - 1 - m.rnd.IntN(min(i, 50)))
		fmt.Fprintf(w, "In-Reply-To: <%s@example.org>\nReferences: <%[1]s@example.org>\nSubject: Re: %s\n", to, subject)
	} else {
		fmt.Fprintf(w, "Subject: %s\n", subject)
	}
	fmt.Fprintf(w, "Date: %s\nMessage-ID: <%s@example.org>\nMIME-Version: 1.0\n", date.Format(time.RFC1123Z), l.id)
	fmt.Fprintf(w, "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n")
}

// mbox writes the first n letters to a file.
func (m *letters) mbox(t *testing.T, path string, n int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	var l writtenLetter
	for i := range n {
		m.letter(i, &l)
		m.header(w, i, &l)
		w.WriteString(l.body.String())
		w.WriteByte('\n')
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
