package backend

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"mime"
	"mime/quotedprintable"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scripts are words in many scripts, with what folding, cutting and joining have
// trouble with.
var scripts = strings.Fields(`the The THE meeting at 17:30 a-b foo_bar x@y.example café Café cafe` + "\u0301" + ` STRASSE straße ſtraße
	naïve ﬁnal İstanbul ıstanbul Привет привет мир Ελλάς ελλάς שלום עולם مرحبا بالعالم हिन्दी नमस्ते สวัสดีชาวโลก ភាសាខ្មែរ မြန်မာ
	日本語の手紙 日本 本 東京都 カタカナ ｶﾀｶﾅ 中文字符 漢 한국어 안녕하세요 😀 👩‍👩‍👧‍👦 🇩🇪 ❤️ 𠮷野家 𝔘𝔫𝔦 e` + "\u0301\u0323" + ` ｆｕｌｌ ² ½ ǆ ΐ ŉ
	https://example.org/a/very/long/path?with=many&parameters=and-values#fragment
	` + strings.Repeat("longword", 12) + ` ` + strings.Repeat("無", 90) + ` ` + longWord('a') + ` ` + longWord('a')[:100] + longWord('b') + ` ` + longWord('а') + ` ` + longWord('一'))

// longWord has no part twice. Its letters begin at one.
func longWord(from rune) string {
	rnd := rand.New(rand.NewPCG(uint64(from), 0))
	var b strings.Builder
	for range 200 {
		b.WriteRune(from + rnd.Int32N(26))
	}
	return b.String()
}

// phrase is a few words.
func phrase(rnd *rand.Rand, n int) string {
	var b strings.Builder
	for range 1 + rnd.IntN(n) {
		b.WriteString(scripts[rnd.IntN(len(scripts))])
		b.WriteString([]string{" ", " ", " ", ", ", "", "\r\n", "　", "\u00a0", "=?", "?="}[rnd.IntN(10)])
	}
	return b.String()
}

// headerText is a phrase for a header: folded, encoded, raw, or none of it.
func headerText(rnd *rand.Rand) string {
	s := strings.ReplaceAll(phrase(rnd, 6), "\r\n", " ")
	switch rnd.IntN(5) {
	case 0:
		return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", s), " =?", "\r\n =?")
	case 1:
		return mime.QEncoding.Encode("utf-8", s) + "\r\n\t" + s
	case 2:
		return s + "\r\n \r\n  " + mime.QEncoding.Encode("utf-8", s)
	case 3: // an encoded word without an end
		return "=?utf-8?q?" + s
	}
	return strings.ReplaceAll(s, ", ", ",\r\n ")
}

// generated is a message of random words, with parts down to a depth.
func generated(rnd *rand.Rand, depth int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s <%d@example.org>\r\nSubject: %s\r\n", headerText(rnd), rnd.IntN(9), headerText(rnd))
	for _, name := range []string{"To", "Cc", "X-Note", "X-Odd", "x-note"} {
		if rnd.IntN(3) == 0 {
			fmt.Fprintf(&b, "%s: %s\r\n", name, headerText(rnd))
		}
	}
	b.WriteString("MIME-Version: 1.0\r\n")
	return b.String() + entity(rnd, depth)
}

// entity is the rest of a header, and a body.
func entity(rnd *rand.Rand, depth int) string {
	if n := rnd.IntN(6); depth > 0 && n == 0 {
		return "Content-Type: message/rfc822\r\n\r\n" + generated(rnd, depth-1)
	} else if depth > 0 && n < 3 {
		b := fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\npreamble\r\n", depth)
		for range 1 + rnd.IntN(3) {
			b += fmt.Sprintf("--b%d\r\n%s\r\n", depth, entity(rnd, depth-1))
		}
		return b + fmt.Sprintf("--b%d--\r\nepilogue", depth)
	}
	kind, text := "plain", phrase(rnd, 80)
	if rnd.IntN(3) == 0 {
		kind, text = "html", "<p>"+strings.ReplaceAll(strings.ReplaceAll(text, ", ", "<br>"), "e", "&eacute;<b></b>")
	}
	head := fmt.Sprintf("Content-Type: text/%s; charset=utf-8\r\n", kind)
	if rnd.IntN(4) == 0 {
		head += "Content-Disposition: attachment; filename=\"" + scripts[rnd.IntN(len(scripts))] + ".txt\"\r\n"
	}
	switch rnd.IntN(3) {
	case 0:
		return head + "Content-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte(text)) + "\r\n"
	case 1:
		var b bytes.Buffer
		q := quotedprintable.NewWriter(&b)
		q.Write([]byte(text))
		q.Close()
		return head + "Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b.String() + "\r\n"
	}
	return head + "\r\n" + text + "\r\n"
}

// exactMail is mail of every kind: made up, and of SHARED/corpus where that is.
func exactMail(t *testing.T, rnd *rand.Rand) (all [][]byte) {
	for range 60 {
		all = append(all, []byte(generated(rnd, 3)))
	}
	var files []string
	filepath.WalkDir(filepath.Join(os.Getenv("SHARED"), "corpus"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".eml" {
			return nil // it may not be there
		}
		if info, err := d.Info(); err == nil && 0 < info.Size() && info.Size() < 64<<10 {
			files = append(files, path)
		}
		return nil
	})
	for range min(60, len(files)) {
		raw, err := os.ReadFile(files[rnd.IntN(len(files))])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n")))
	}
	return all
}

// damage closes the index, spoils its file, and goes on with it, or opens it anew.
func (w *exactWorld) damage() {
	w.t.Helper()
	_, err := w.a.searchIndex()
	w.check(err)
	w.check(w.a.texts.rest())
	path := filepath.Join(w.a.backend.cfg.Data, "accounts", w.a.id, "search.db")
	file, err := os.ReadFile(path)
	w.check(err)
	switch w.rnd.IntN(4) {
	case 0:
		file = file[:w.rnd.IntN(len(file))]
	case 1:
		from := w.rnd.IntN(len(file))
		clear(file[from:min(len(file), from+16384)])
	default:
		for range 1 + w.rnd.IntN(40) {
			file[w.rnd.IntN(len(file))] ^= 1 << w.rnd.IntN(8)
		}
	}
	w.check(os.WriteFile(path, file, 0o600))
	if w.rnd.IntN(2) == 0 {
		w.a.texts.store = nil
	}
}
