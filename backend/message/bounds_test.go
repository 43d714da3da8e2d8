package message

import (
	"fmt"
	"strings"
	"testing"
)

const nastyHTML = "Content-Type: text/html\n\n"

// nasty makes input of about n bytes that is meant to cost more than it should.
var nasty = map[string]func(n int) string{
	"open comments":   func(n int) string { return "To: " + strings.Repeat("(", n) },
	"quotes":          func(n int) string { return "To: " + strings.Repeat("\"", n) },
	"backslashes":     func(n int) string { return "To: \"" + strings.Repeat("\\", n) },
	"commas":          func(n int) string { return "To: " + strings.Repeat(",", n) },
	"short addresses": func(n int) string { return "From: " + strings.Repeat("a,", n/2) },
	"at signs":        func(n int) string { return "From: " + strings.Repeat("a@", n/2) },
	"angles":          func(n int) string { return "From: " + strings.Repeat("<", n) },
	"routes":          func(n int) string { return "From: <" + strings.Repeat("@a,", n/3) },
	"groups":          func(n int) string { return "From: " + strings.Repeat("a:;", n/3) },
	"colons":          func(n int) string { return "From: " + strings.Repeat("a:", n/2) },
	"dots":            func(n int) string { return "From: a@" + strings.Repeat(".", n) },
	"empty fields":    func(n int) string { return strings.Repeat("To:\n", n/4) },
	"types":           func(n int) string { return strings.Repeat("Content-Type: a/b;c=d\n", n/22) },
	"encodings":       func(n int) string { return strings.Repeat("Content-Transfer-Encoding: (\n", n/29) },
	"dispositions":    func(n int) string { return "MIME-Version: 1\n" + strings.Repeat("Content-Disposition: a\n", n/23) },
	"parameters":      func(n int) string { return "Content-Type: a/b" + strings.Repeat(";a=b", n/4) },
	"semicolons":      func(n int) string { return "Content-Type: a/b" + strings.Repeat(";", n) },
	"continuations":   func(n int) string { return "Content-Type: a/b" + strings.Repeat(";a*9=b;a*0*=c", n/13) },
	"languages":       func(n int) string { return "MIME-Version: 1\nContent-Language: " + strings.Repeat("a,", n/2) },
	"word starts":     func(n int) string { return "Subject: " + strings.Repeat("=?", n/2) },
	"half words":      func(n int) string { return "Subject: " + strings.Repeat("=?a?q?x", n/7) + "?=" },
	"words":           func(n int) string { return "Subject: " + strings.Repeat("=?u?q?x?= ", n/10) },
	"odd charsets": func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "=?x%d?q?\xff?=", i)
		}
		return "Subject: " + b.String()
	},
	"folds":            func(n int) string { return "Subject: x" + strings.Repeat("\n \n\t", n/4) },
	"blanks":           func(n int) string { return "Subject: x" + strings.Repeat(" ", n) + "\n" + strings.Repeat(" ", n) },
	"one long line":    func(n int) string { return strings.Repeat("x", n) },
	"one long body":    func(n int) string { return "\n" + strings.Repeat("x", n) },
	"blank lines":      func(n int) string { return strings.Repeat("\n", n) },
	"carriage returns": func(n int) string { return strings.Repeat("\r", n) },
	"boundary lines":   func(n int) string { return mixed + strings.Repeat("--b\n", n/4) },
	"dashes":           func(n int) string { return mixed + strings.Repeat("--\n", n/3) },
	"long dashes":      func(n int) string { return mixed + "--" + strings.Repeat("b", n) },
	"long boundary": func(n int) string {
		b := strings.Repeat("b", n/3)
		return "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n\n--" + b
	},
	"digest": func(n int) string {
		return "Content-Type: multipart/digest; boundary=b\n\n" + strings.Repeat("--b\n\n", n/5)
	},
	"nested messages":   func(n int) string { return strings.Repeat("Content-Type: message/rfc822\n\n", n/30) },
	"nested multiparts": func(n int) string { return strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", n/48) },
	"nested prefixes":   prefixes,
	"base64": func(n int) string {
		return "MIME-Version: 1\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("A=", n/2)
	},
	"quoted-printable": func(n int) string {
		return "MIME-Version: 1\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=  ", n/3)
	},
	"utf-7":         func(n int) string { return "Content-Type: text/plain; charset=utf-7\n\n+" + strings.Repeat("A", n) },
	"open tags":     func(n int) string { return nastyHTML + strings.Repeat("<a ", n/3) },
	"less than":     func(n int) string { return nastyHTML + strings.Repeat("<", n) },
	"references":    func(n int) string { return nastyHTML + strings.Repeat("&a", n/2) },
	"one reference": func(n int) string { return nastyHTML + "&#" + strings.Repeat("0", n) },
	"open comment":  func(n int) string { return nastyHTML + "<!--" + strings.Repeat("--!", n/3) },
	"open script":   func(n int) string { return nastyHTML + "<script>" + strings.Repeat("</scrip", n/7) },
	"iso-2022": func(n int) string {
		return "Content-Type: text/plain; charset=iso-2022-jp\n\n" + strings.Repeat("\x1b", n)
	},
}

// prefixes nests multiparts whose boundaries begin with one another, with lines that begin with all.
func prefixes(n int) string {
	var b strings.Builder
	for i := maxDepth; i > 0; i-- {
		a := strings.Repeat("a", i)
		b.WriteString("Content-Type: multipart/mixed; boundary=" + a + "\n\n--" + a + "\n")
	}
	b.WriteString("\n")
	for b.Len() < n {
		b.WriteString("x\n--" + strings.Repeat(" ", 200) + "\n")
	}
	return b.String()
}

// Each of these would take minutes if anything in it took quadratic time.
func TestNastyInput(t *testing.T) {
	for name, make := range nasty {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			raw := []byte(make(4 << 20))
			m := Parse(raw)
			if parts := checkTree(t, &m.Root, 0, int64(len(raw)), 0); parts > maxParts+maxDepth {
				t.Errorf("%d parts", parts)
			}
			checkValue(t, m.Envelope)
			checkValue(t, m.Structure)
			checkValue(t, AppendBody(nil, m.Structure))
			if made := len(m.Envelope) + len(m.Structure) + len(m.HeadText); made > 16<<20 {
				t.Errorf("%d bytes made %d", len(raw), made)
			}
			finds(new(Scratch), raw, &m.Root, []byte("IMPROBABLE TEXT"), true)
			HeaderContains(raw[:m.Root.Body], "Subject", []byte("IMPROBABLE TEXT"))
		})
	}
}

func TestBounds(t *testing.T) {
	p := parser{raw: []byte(strings.Repeat("To: a@b\n", 2*maxFields))}
	p.part(0, inMessage)
	if n := maxHeader / len("To: a@b\n"); len(p.found) > n {
		t.Errorf("%d fields, want at most %d", len(p.found), n)
	}
	raw := []byte(mixed + strings.Repeat("--b\n\nx\n", maxParts+10) + "--b--\n")
	if n := len(Parse(raw).Root.Children); n != maxParts-1 {
		t.Errorf("%d parts, want %d", n, maxParts-1)
	}
	deep := Parse([]byte(strings.Repeat("Content-Type: message/rfc822\n\n", maxDepth+10)))
	depth := 0
	for part := &deep.Root; part.Kind == Rfc822; part = &part.Children[0] {
		depth++
	}
	if depth != maxDepth {
		t.Errorf("depth %d, want %d", depth, maxDepth)
	}
	var a addressParser
	list := a.appendAddresses(nil, []found{{fieldTo, []byte(strings.Repeat("a,", maxAddresses+10))}}, fieldTo)
	if n := strings.Count(string(list), `"a"`); n != maxAddresses {
		t.Errorf("%d addresses, want %d", n, maxAddresses)
	}
}
