package message

import (
	"fmt"
	"strings"
	"testing"
)

// crlf turns the line ends of a message written in a test into CRLF.
func crlf(s string) []byte { return []byte(strings.ReplaceAll(s, "\n", "\r\n")) }

// outline shows a part tree: the body of each leaf, and what it is inside.
func outline(raw []byte, p *Part) string {
	switch p.Kind {
	case Multipart:
		var parts []string
		for i := range p.Children {
			parts = append(parts, outline(raw, &p.Children[i]))
		}
		return "multi[" + strings.Join(parts, " ") + "]"
	case Rfc822:
		return "message[" + outline(raw, &p.Children[0]) + "]"
	}
	return fmt.Sprintf("%q", raw[p.Body:p.End])
}

const mixed = "Content-Type: multipart/mixed; boundary=b\n\n"

func TestParseTree(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"empty", "", `""`},
		{"plain", "Subject: x\n\nhello\n", `"hello\r\n"`},
		{"no body", "Subject: x\n", `""`},
		{"no header", "\nhello", `"hello"`},
		{"line without colon", "Subject: x\nnonsense\nTo: y\n\nhello", `"hello"`},
		{"mbox line", "From ann Mon Jan  1 10:00:00 2026\nSubject: x\n\nhello", `"hello"`},
		{"two parts", mixed + "--b\n\none\n--b\n\ntwo\n--b--\n", `multi["one" "two"]`},
		{"preamble and epilogue", mixed + "pre\n--b\n\none\n--b--\nepi\n--b\n\nnot\n", `multi["one"]`},
		{"no closing boundary", mixed + "--b\n\none\n--b\n\ntwo\n", `multi["one" "two\r\n"]`},
		{"boundary in preamble only as prefix of a word", mixed + "--a\n--b\n\none\n--b--\n", `multi["one"]`},
		{"text after the boundary", mixed + "--bee\n\none\n--b--gone\n", `multi["one"]`},
		{"blanks after the boundary", mixed + "--b \t\n\none\n--b-- \n", `multi["one"]`},
		{"blank before the dashes", mixed + "--b\n\none\n--b --\n\ntwo\n--b--", `multi["one" "two"]`},
		{"empty part", mixed + "--b\n\n--b\n\n\n--b--\n", `multi["" ""]`},
		{"part without blank line", mixed + "--b\nX: y\n--b\n\ntwo\n--b--\n", `multi["" "two"]`},
		{"no parts", mixed + "text\n", `multi[]`},
		{"no boundary parameter", "Content-Type: multipart/mixed\n\n--b\n\none\n--b--\n", `multi[]`},
		{"empty boundary", "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\none\n", `multi[]`},
		{"nested", mixed + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--c\n\ntwo\n--c--\n\n--b\n\nthree\n--b--\n",
			`multi[multi["one" "two"] "three"]`},
		{"inner multipart not closed", mixed + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\nthree\n--b--\n",
			`multi[multi["one"] "three"]`},
		{"inner boundary begins with the outer one", mixed + "--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--bb--\n--b\n\ntwo\n--b--\n",
			`multi[multi["one"] "two"]`},
		{"the same boundary twice", mixed + "--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
			`multi[multi["one"] "two"]`},
		{"embedded message", mixed + "--b\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n--b--\n", `multi[message["inner"]]`},
		{"embedded multipart", "Content-Type: message/rfc822\n\n" + mixed + "--b\n\none\n--b--\n", `message[multi["one"]]`},
		{"embedded twice", "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nA: b\n\nx", `message[message["x"]]`},
		{"embedded message cut off in its header", mixed + "--b\nContent-Type: message/rfc822\n\nSubject: in\n--b--\n", `multi[message[""]]`},
		{"embedded message without so much as a blank line", mixed + "--b\nContent-Type: message/rfc822\n--b--\n", `multi[message[""]]`},
		{"embedded message that is not there", mixed + "--b\nContent-Type: message/rfc822\n\n--b--\n", `multi[message[""]]`},
		{"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\ninner\n--b\nContent-Type: text/plain\n\nnote\n--b--\n",
			`multi[message["inner"] "note"]`},
		{"message/global has no parts", "Content-Type: message/global\n\nSubject: ü\n\ninner", `"Subject: ü\r\n\r\ninner"`},
		{"first of two types", mixed[:len(mixed)-1] + "Content-Type: text/plain\n\n--b\n\none\n--b--\n", `multi["one"]`},
		{"boundary in pieces", "Content-Type: multipart/mixed; boundary*1=c; boundary*0=b\n\n--bc\n\none\n--bc--\n", `multi["one"]`},
		{"boundary after an empty parameter", "Content-Type: multipart/mixed;; boundary=b\n\n--b\n\none\n--b--\n", `multi["one"]`},
		{"boundary with a blank at its end", "Content-Type: multipart/mixed; boundary=\"b \"\n\n--b \n\none\n--b\nstill one\n--b --\n",
			`multi["one\r\n--b\r\nstill one"]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := crlf(tt.raw)
			m := Parse(raw)
			if got := outline(raw, &m.Root); got != tt.want {
				t.Errorf("CRLF: got %s, want %s", got, tt.want)
			}
			raw = []byte(tt.raw)
			m = Parse(raw)
			if got, want := outline(raw, &m.Root), strings.ReplaceAll(tt.want, `\r`, ""); got != want {
				t.Errorf("LF: got %s, want %s", got, want)
			}
		})
	}
}

func TestParseOddLineEnds(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"bare CR is text", "Subject: x\ry: z\r\n\r\na\rb", `"a\rb"`},
		{"bare CR is no boundary line", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r--b\r\nc\r\n--b--", `multi["a\r--b\r\nc"]`},
		{"mixed", "Content-Type: multipart/mixed; boundary=b\n\r\n--b\n\r\none\n--b\r\n\ntwo\r\n--b--", `multi["one" "two"]`},
		{"NUL", "Subject: a\x00b\r\n\r\nx\x00y", `"x\x00y"`},
		{"blank with spaces is a folded line", "Subject: x\n \n\nhello", `"hello"`},
	}
	for _, tt := range tests {
		m := Parse([]byte(tt.raw))
		if got := outline([]byte(tt.raw), &m.Root); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestParseReading(t *testing.T) {
	tests := []struct {
		header   string
		text     bool
		encoding Encoding
		charset  string
	}{
		{"", true, Identity, ""},
		{"Content-Type: text/html; charset=\"UTF-8\"", true, Identity, "utf-8"},
		{"Content-Type: image/png", false, Identity, ""},
		{"Content-Type: message/delivery-status", true, Identity, ""},
		{"Content-Type: message/global", true, Identity, ""},
		{"Content-Type: text", true, Identity, ""},
		{"Content-Transfer-Encoding: base64", true, Identity, ""}, // not MIME without a sign of it
		{"MIME-Version: 1.0\nContent-Transfer-Encoding: BASE64", true, Base64, ""},
		{"MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable (yes)", true, QuotedPrintable, ""},
		{"MIME-Version: 1.0\nContent-Transfer-Encoding: base64;", true, Base64, ""},
		{"MIME-Version: 1.0\nContent-Transfer-Encoding: x-secret", false, Unknown, ""},
		{"MIME-Version: 1.0\nContent-Transfer-Encoding: text/html", false, Unknown, ""},
		{"MIME-Version: 1.0\nContent-Transfer-Encoding:", true, Identity, ""},
		{"Content-Type: multipart/mixed; boundary=b\nContent-Type: text/plain; charset=koi8-r", true, Identity, "koi8-r"},
	}
	for _, tt := range tests {
		p := Parse(crlf(tt.header + "\n\nx")).Root
		if tt.header == "" {
			p = Parse(crlf("\nx")).Root
		}
		if p.Text != tt.text || p.Encoding != tt.encoding || p.Charset != tt.charset {
			t.Errorf("%q: got text %v encoding %v charset %q", tt.header, p.Text, p.Encoding, p.Charset)
		}
	}
}
