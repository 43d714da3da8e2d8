package message

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// plainMail is a message of about size bytes of ASCII text, with the fields that mail usually has.
func plainMail(size int) []byte {
	var b bytes.Buffer
	for i := range 3 {
		fmt.Fprintf(&b, "Received: from mx%d.example.net (mx%d.example.net [192.0.2.%d])\r\n\tby mail.example.org with ESMTPS id 4XyZ%d\r\n\tfor <ann@example.org>; Mon, 2 Mar 2026 10:00:0%d +0100\r\n", i, i, i, i, i)
	}
	b.WriteString("DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=s1;\r\n\th=from:to:subject:date; bh=" + strings.Repeat("Ab9/", 11) + ";\r\n\tb=" + strings.Repeat("Qq7+", 40) + "\r\n")
	b.WriteString("From: \"Bob Example\" <bob@example.net>\r\nTo: Ann <ann@example.org>, list@lists.example.org\r\n" +
		"Cc: Carl <carl@example.com>\r\nSubject: Re: the meeting of the third week of March\r\n" +
		"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\nMessage-ID: <20260302.1@example.net>\r\n" +
		"In-Reply-To: <20260301.7@example.org>\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n")
	for n := 0; b.Len() < size; n++ {
		fmt.Fprintf(&b, "Line %d of a letter that says a few ordinary things about the week.\r\n", n)
	}
	return b.Bytes()
}

// mixedMail has a text, the same as HTML, and an attachment of size bytes in base64.
func mixedMail(size int) []byte {
	text := strings.Repeat("Gr=C3=BC=C3=9Fe, and a line of quoted-printable text that goes on =\r\nhere.\r\n", 20)
	return []byte("From: bob@example.net\r\nTo: ann@example.org\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n" +
		"Date: Mon, 2 Mar 2026 10:00:00 +0100\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/mixed; boundary=\"outer\"\r\n\r\n--outer\r\n" +
		"Content-Type: multipart/alternative; boundary=inner\r\n\r\n" +
		"--inner\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + text +
		"\r\n--inner\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>" + text +
		"\r\n--inner--\r\n\r\n--outer\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n" +
		"Content-Disposition: attachment; filename=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		strings.Repeat(strings.Repeat("JVBERi0x", 9)+"\r\n", size/74) + "--outer--\r\n")
}

func BenchmarkParse(b *testing.B) {
	for name, raw := range map[string][]byte{"Plain8K": plainMail(8 << 10), "Mixed8K": mixedMail(4 << 10), "Mixed1M": mixedMail(1 << 20)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				Parse(raw)
			}
		})
	}
}

func benchmarkBody(b *testing.B, raw []byte, needle string) {
	m := Parse(raw)
	wants := []Want{{Needle: fold(needle)}}
	var s Scratch
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if s.Search(raw, &m.Root, wants); wants[0].Found {
			b.Fatal("found")
		}
	}
}

func BenchmarkSearchBody(b *testing.B) {
	letter := strings.Repeat("Ein Brief über Grüße und Äpfel in größeren Mengen.\r\n", 160)
	russian := strings.Repeat("Письмо о разных вещах, которые случились за неделю.\r\n", 90)
	offer := `<tr><td align="left" style="padding:0 10px;font-family:Arial,sans-serif;font-size:14px">` +
		`<a href="https://example.org/offer?id=1&amp;x=2">Ein Angebot f&uuml;r <b>Sie</b></a>,&nbsp;und noch mehr davon in dieser Woche.</td></tr>` + "\r\n"
	for name, raw := range map[string][]byte{
		"HTML":     []byte("Content-Type: text/html; charset=utf-8\r\n\r\n" + strings.Repeat(offer, 36)),
		"HTMLText": []byte("Content-Type: text/html; charset=utf-8\r\n\r\n" + letter),
		"ASCII":    plainMail(8 << 10),
		"ASCII1M":  plainMail(1 << 20),
		"QP":       mixedMail(0),
		"Mixed1M":  mixedMail(1 << 20),
		"German":   []byte("Content-Type: text/plain; charset=utf-8\r\n\r\n" + letter),
		"Russian":  []byte("Content-Type: text/plain; charset=utf-8\r\n\r\n" + russian),
		"Latin1":   bytes.ReplaceAll([]byte("Content-Type: text/plain; charset=iso-8859-1\r\n\r\n"+letter), []byte("ü"), []byte{0xfc}),
	} {
		b.Run(name, func(b *testing.B) { benchmarkBody(b, raw, "not to be found") })
	}
}

func BenchmarkSearchText(b *testing.B) {
	raw := plainMail(8 << 10)
	m := Parse(raw)
	var s Scratch
	wants := []Want{{Needle: fold("not to be found"), Headers: true}}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		s.Search(raw, &m.Root, wants)
	}
}

func BenchmarkHeadTextContains(b *testing.B) {
	m := Parse(plainMail(8 << 10))
	needle := Fold(nil, []byte("nobody@"))
	b.ReportAllocs()
	for b.Loop() {
		HeadTextContains(m.HeadText, From, needle)
	}
}

func BenchmarkAppendBody(b *testing.B) {
	m := Parse(mixedMail(4 << 10))
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = AppendBody(out[:0], m.Structure)
	}
}
