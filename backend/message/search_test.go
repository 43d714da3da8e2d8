package message

import (
	"encoding/base64"
	"strings"
	"testing"
)

func fold(s string) []byte { return Fold(nil, []byte(s)) }

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

func TestBodyAndTextContains(t *testing.T) {
	tests := []struct {
		needle     string
		body, text bool
	}{
		{"", true, true},
		{"CAFÉ", true, true},
		{"cafe\u0301 and", true, true},
		{"softbreak", true, true},
		{"<B>bold</b> привет", true, true},
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
		if got := BodyContains(raw, &m.Root, fold(tt.needle), &s); got != tt.body {
			t.Errorf("BODY %q: got %v", tt.needle, got)
		}
		if got := TextContains(raw, &m.Root, fold(tt.needle), nil); got != tt.text {
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
			if !BodyContains(raw, &m.Root, fold("xx日本の手紙"), nil) {
				t.Errorf("%.60q pad %d: not found", header, pad)
			}
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
