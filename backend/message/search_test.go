package message

import (
	"encoding/base64"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func fold(s string) []byte { return Fold(nil, []byte(s)) }

// finds tells whether BODY, or with headers TEXT, finds the folded needle.
func finds(s *Scratch, raw []byte, root *Part, needle []byte, headers bool) bool {
	wants := [1]Want{{Needle: needle, Headers: headers}}
	s.Search(raw, root, wants[:])
	return wants[0].Found
}

const searched = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= from\n\tthe  market\n" +
	"From: \"Ann B.\" <ann@example.org>, =?utf-8?q?Bj=C3=B6rn?= <b@x>\n" +
	"To: team: carl@example.com, (note) Dora <d@x>;, nobody: ;\n" +
	"X-Note: (comment) folded\n  line\nX-Note: second\nX-Empty:\n" +
	"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=bound\n\n" +
	"preamble\n--bound\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n" +
	"caf=E9 and a soft=\nbreak\n" +
	"--bound\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" +
	"PGI+Qm9sZDwvYj4g0J/RgNC40LLQtdGC\n" + // <b>Bold</b> Привет
	"--bound\nContent-Type: application/octet-stream; name=attached.bin\n\nsecret bytes\n" +
	"--bound\nContent-Type: message/rfc822\n\nSubject: inner subject\n\ninner text\n" +
	"--bound\nContent-Transfer-Encoding: x-odd\n\nundecodable\n" +
	"--bound\n\nno type\n--bound--\nepilogue\n"

func TestSearch(t *testing.T) {
	tests := []struct {
		needle     string
		body, text bool
	}{
		{"", true, true},
		{"CAFÉ", true, true},
		{"cafe\u0301 and", true, true},
		{"softbreak", true, true},
		{"bold привет", true, true},
		{"<b>bold", false, false},
		{"no type", true, true},
		{"inner text", true, true},
		{"inner subject", false, true},
		{"grüsse", false, false},
		{"grüße from the  market", false, true},
		{"subject: grüße", false, true},
		{"folded  line\r\nx-note: sec", false, true},
		{"attached.bin", false, true},
		{"secret", false, false},
		{"undecodable", false, false},
		{"preamble", false, false},
		{"epilogue", false, false},
		{"boundary=bound", false, true},
		{"--bound", false, false},
	}
	raw := crlf(searched)
	m := Parse(raw)
	var s Scratch
	var wants []Want
	for _, tt := range tests {
		if got := finds(&s, raw, &m.Root, fold(tt.needle), false); got != tt.body {
			t.Errorf("BODY %q: got %v", tt.needle, got)
		}
		if got := finds(new(Scratch), raw, &m.Root, fold(tt.needle), true); got != tt.text {
			t.Errorf("TEXT %q: got %v", tt.needle, got)
		}
		wants = append(wants, Want{Needle: fold(tt.needle)}, Want{Needle: fold(tt.needle), Headers: true})
	}
	s.Search(raw, &m.Root, wants)
	for i, tt := range tests {
		if wants[2*i].Found != tt.body || wants[2*i+1].Found != tt.text {
			t.Errorf("together, %q: got %v, %v", tt.needle, wants[2*i].Found, wants[2*i+1].Found)
		}
	}
}

// A match may lie across the pieces in which a body is decoded, and so may a character.
func TestSearchAcrossPieces(t *testing.T) {
	for _, header := range []string{
		"Content-Type: text/plain; charset=utf-8\r\n\r\n",
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
		"Content-Type: text/plain; charset=shift_jis\r\n\r\n",
	} {
		for pad := pieceSize - 8; pad < pieceSize+4; pad++ {
			text := strings.Repeat("x", pad) + "日本の手紙"
			body := []byte(text)
			switch {
			case strings.Contains(header, "base64"):
				body = base64.StdEncoding.AppendEncode(nil, body)
			case strings.Contains(header, "shift_jis"):
				enc, _ := charsetNamed("shift_jis")
				body, _ = enc.NewEncoder().Bytes(body)
			}
			raw := append([]byte(header), body...)
			m := Parse(raw)
			if !finds(new(Scratch), raw, &m.Root, fold("xx日本の手紙"), false) {
				t.Errorf("%.60q pad %d: not found", header, pad)
			}
		}
	}
}

// What is found does not depend on where pieces are cut, and nothing is found over the end of a text.
func TestFindInPieces(t *testing.T) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	word := func(max int) string {
		b := make([]byte, rnd.IntN(max))
		for i := range b {
			b[i] = "AB"[rnd.IntN(2)]
		}
		return string(b)
	}
	var s Scratch
	for range 3000 {
		texts := []string{word(30), word(30)}
		wants := []Want{{Needle: []byte(word(9)), Headers: true}, {Needle: []byte(word(9))}}
		s.begin(wants)
		for i, text := range texts {
			for end := false; !end; {
				n := rnd.IntN(len(text) + 1)
				end = n == len(text) && rnd.IntN(2) == 0
				s.find(Piece{Text: []byte(text[:n]), Header: i == 0, End: end})
				text = text[n:]
			}
		}
		for _, w := range wants {
			needle := string(w.Needle)
			want := needle == "" || w.Headers && strings.Contains(texts[0], needle) || strings.Contains(texts[1], needle)
			if w.Found != want {
				t.Fatalf("seed %d: %q in %q, headers %v: got %v", seed, needle, texts, w.Headers, w.Found)
			}
		}
	}
}

func TestEachHeadText(t *testing.T) {
	m := Parse(crlf("To: a@b\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\n again\nTo:\nFrom: c@d\nX: no\n\nno\n"))
	type record struct {
		field HeadField
		text  string
	}
	read := func(b []byte) (all []record) {
		EachHeadText(b, func(f HeadField, text []byte) { all = append(all, record{f, string(text)}) })
		return all
	}
	want := []record{{To, "<A@B>"}, {Subject, string(fold("grüße again"))}, {To, ""}, {From, "<C@D>"}}
	if got := read(m.HeadText); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for n := range m.HeadText {
		if got := read(m.HeadText[:n]); len(got) >= len(want) || !slices.Equal(got, want[:len(got)]) {
			t.Errorf("cut off at %d: %q", n, got)
		}
	}
}

func TestHeadTextContains(t *testing.T) {
	m := Parse(crlf(searched))
	tests := []struct {
		field  HeadField
		needle string
		want   bool
	}{
		{Subject, "GRÜSSE", false},
		{Subject, "grüße FROM the market", true},
		{Subject, "=?utf", false},
		{Subject, "", true},
		{From, `"ann b." <ann@example.org>, björn <b@x>`, true},
		{From, "carl", false},
		{To, "team: <carl@example.com>, dora <d@x>;", true},
		{To, "nobody:;", true},
		{To, "note", false},
		{Cc, "", false},
		{Bcc, "", false},
	}
	for _, tt := range tests {
		if got := HeadTextContains(m.HeadText, tt.field, fold(tt.needle)); got != tt.want {
			t.Errorf("%d %q: got %v", tt.field, tt.needle, got)
		}
	}
	for n := range m.HeadText {
		HeadTextContains(m.HeadText[:n], Subject, []byte("X")) // cut off: no panic
	}
}

func TestHeaderContains(t *testing.T) {
	raw := crlf(searched)
	header := raw[:Parse(raw).Root.Body]
	tests := []struct {
		name, needle string
		want         bool
	}{
		{"x-note", "(COMMENT) folded  line", true},
		{"X-Note", "second", true},
		{"X-Note", "subject", false},
		{"X-Empty", "", true},
		{"X-Empty", "x", false},
		{"X-Missing", "", false},
		{"", "", false},
		{"Subject", "grüße from the  market", true},
		{"From", "björn", true},
	}
	for _, tt := range tests {
		if got := HeaderContains(header, tt.name, fold(tt.needle)); got != tt.want {
			t.Errorf("HEADER %s %q: got %v", tt.name, tt.needle, got)
		}
	}
}
