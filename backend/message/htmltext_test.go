package message

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// textOf strips HTML that comes in the given pieces.
func textOf(pieces ...string) string {
	var h htmlText
	var out []byte
	for _, p := range pieces {
		out = h.append(out, []byte(p))
	}
	return string(h.flush(out))
}

func TestHTMLText(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"foo<b>bar</b>", "foobar"},
		{"foo<B CLASS=x>bar</B >baz", "foobarbaz"},
		{"<p>one</p><P>two<br>three<br/>four", "one two three four"},
		{"<table><tr><td>1<td>2</table>", "1 2 "},
		{"<unheardof>a</unheardof>b<averyveryverylongnamefortag>c", "a b c"},
		{" \r\n a  b\t\r\nc\n<b> d</b> ", "a b c d "},
		{"<html><head><title>The title</title><style type='x'>p > b { }</style></head>text", "The title text"},
		{"a<script>if (x < y) { '<b>' } </scr</script >b", "ab"},
		{"a<style></styles></sty</style\n>b<style/>c</STYLE/>d", "abd"},
		{"a<style>never closed </b>", "a"},
		{"a</style>b</script>c", "abc"},
		{"a<!-- c > <b> - -- -->b<!---->c<!-->d<!--->e<!-- x --!>f<!--!>-->g<!----!>h<!-- --!->i-->j", "abcdefghj"},
		{"a<!doctype html>b<?xml x=\"y\"?>c<![CDATA[d]]>e<!>f<!->g<!-x>h", "abcefgh"},
		{"a<!-- never closed", "a"},
		{"a < b <1> <", "a < b <1> <"},
		{"a <= b </ c </3> </", "a <= b </ c </3> </"},
		{"a <<b>b", "a <b"},
		{"a <b", "a "},
		{"a <b title='x>y", "a "},
		{`x<a title="a>b" alt='c>"d' rel=e"f>y`, "xy"},
		{`x<a =">y<a b= ">" >z<a b = '>'c>1<a b=>2<a "b>3`, "xyz123"},
		{`x<a b/="c>"d>y<a b c="<p>">z<i/b='>'/>`, "x\"d>yz"},
		{"a&amp;b &lt;b&gt; &quot;c&quot; &AMP; &apos;", `a&b <b> "c" & '`},
		{"&#65;&#x42;&#X43;&#0000068;&#x1F600;", "ABCD😀"},
		{"&eacute;t&eacute; &copy 2026 &notit; &CounterClockwiseContourIntegral;", "été © 2026 ¬it; ∳"},
		{"AT&T R&D a & b ?a=1&b=2 &; &&amp; &# &#; &#x; &unheardof;", "AT&T R&D a & b ?a=1&b=2 &; && &# &#; &#x; &unheardof;"},
		{"&#0;&#x80;&#150;&#xD800;&#x110000;&#99999999999999999999;", "\uFFFD€–\uFFFD\uFFFD\uFFFD"},
		{"a&nbsp;&nbsp;\u00a0b&#160;c&#xA0;&#13;&#10;&#9;&#32;d", "a b c d"},
		{"soft&shy;hy\u00adphen ze\u200bro&#8203;wid\u200cth&zwnj; \ufeffmark", "softhyphen zerowidth mark"},
		{"a \u00ad \u200b b", "a b"},
		{"“Grüße” – 日本の<b>手</b>紙 ¿ﬁ…", "“Grüße” – 日本の手紙 ¿ﬁ…"},
		{"&am<b>p;</b>", "&amp;"},
		{"&" + strings.Repeat("x", 100) + ";", "&" + strings.Repeat("x", 100) + ";"},
		{"", ""},
	} {
		if got := textOf(tt.in); got != tt.want {
			t.Errorf("%q:\ngot  %q\nwant %q", tt.in, got, tt.want)
		}
		for cut := range tt.in {
			if got := textOf(tt.in[:cut], tt.in[cut:]); got != tt.want {
				t.Errorf("%q and %q:\ngot  %q\nwant %q", tt.in[:cut], tt.in[cut:], got, tt.want)
			}
		}
	}
}

// modelText takes the text out of HTML with the library's tokenizer, all at once.
func modelText(in string) string {
	var out strings.Builder
	hidden := ""
	z := html.NewTokenizer(strings.NewReader(in))
	for {
		switch z.Next() {
		case html.ErrorToken:
			text := strings.NewReplacer("\u00a0", " ", "\u00ad", "", "\u200b", "", "\u200c", "", "\ufeff", "").Replace(out.String())
			blank := strings.HasSuffix(strings.Map(func(r rune) rune {
				if strings.ContainsRune("\t\r\n", r) {
					return ' '
				}
				return r
			}, text), " ")
			if text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), " "); blank && text != "" {
				text += " "
			}
			return text
		case html.TextToken:
			if text := z.Text(); hidden == "" {
				out.Write(text)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch tag := string(name); {
			case tag == "style" || tag == "script":
				if hidden == "" {
					hidden = tag
				} else {
					hidden = ""
				}
			case !insideWords(tag):
				out.WriteByte(' ')
			}
		}
	}
}

// What a document is said to say does not depend on who reads it, nor in which pieces.
func TestHTMLTextModel(t *testing.T) {
	fragments := []string{
		"word", "x", "Grüße", "日本", "“", " ", "  ", "\r\n", "\u00a0", "\u00ad", "\ufeff", "&nbsp;", "&amp;", "&auml;", "&#173;", "&#x20;",
		"&#8217;", "&lt;b&gt;", "& ", "AT&T ", "< ", "<1", "<b>", "</b>", "<span class='a>b'>", "</SPAN>", "<p>", "</p>", "<br/>",
		"<td style=\"x:'y'\" width = 5%>", "<a href=http://x/?a=1&amp;b=2>", "<img alt='>' src=x>", "<!-- c -- > -->", "<!---->", "<!doctype html>",
		"<?xml?>", "<style>p > b { '</b>' }</style>", "<script>a < b && '</p>'</script>", "<x-y>", "<h1\n>", "'", "\"", "-->", ">", "/",
	}
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	for range 3000 {
		var doc string
		for range 1 + rnd.IntN(12) {
			doc += fragments[rnd.IntN(len(fragments))]
		}
		want := modelText(doc)
		if got := textOf(doc); got != want {
			t.Fatalf("seed %d: %q:\ngot  %q\nwant %q", seed, doc, got, want)
		}
		if got := textOf(strings.SplitAfter(doc, "")...); got != want {
			t.Fatalf("seed %d: %q, a character at a time:\ngot  %q\nwant %q", seed, doc, got, want)
		}
	}
}

func FuzzHTMLText(f *testing.F) {
	f.Add([]byte("<p title='>'>a&amp;&#65;&eacute;<!-- x --><style>y</style>\u00a0 < \xff\xe6<b>\x97"), uint(9))
	f.Add([]byte("a<scr<script x=\"y\"/></scrip</script>b&CounterClockwiseContourIntegral;\u00ad"), uint(20))
	f.Fuzz(func(t *testing.T, doc []byte, cut uint) {
		doc = appendSound(nil, doc)
		whole := textOf(string(doc))
		if !utf8.ValidString(whole) || strings.ContainsAny(whole, "\t\r\n\u00a0\u00ad") || strings.Contains(whole, "  ") {
			t.Fatalf("%q: %q", doc, whole)
		}
		n := wholeRunes(doc[:cut%uint(len(doc)+1)])
		if got := textOf(string(doc[:n]), string(doc[n:])); got != whole {
			t.Fatalf("%q and %q:\ngot  %q\nwant %q", doc[:n], doc[n:], got, whole)
		}
		if got := textOf(strings.SplitAfter(string(doc), "")...); got != whole {
			t.Fatalf("%q, a character at a time:\ngot  %q\nwant %q", doc, got, whole)
		}
	})
}

// What references stand for is remembered within a bound, and the same for every part.
func TestHTMLReferencesKnown(t *testing.T) {
	var h htmlText
	for i := range 3 * maxKnown {
		h.reset()
		in := "&" + strings.Repeat("x", i%20) + strings.Repeat("y", i/20) + ";&eacute;"
		if got := string(h.flush(h.append(nil, []byte(in)))); got != strings.Replace(in, "&eacute;", "é", 1) {
			t.Fatalf("%q: %q", in, got)
		}
		if len(h.known) > maxKnown {
			t.Fatalf("%d references known", len(h.known))
		}
	}
	doc := []byte("<p>caf&eacute; &amp; &#8217;<b>x</b> &hellip;")
	out := h.append(nil, doc)
	if n := testing.AllocsPerRun(100, func() { out = h.append(out[:0], doc) }); n != 0 || !bytes.Contains(out, []byte("café & ’x …")) {
		t.Errorf("%v allocations, %q", n, out)
	}
}
