package message

import (
	"strings"
	"testing"
)

func TestStructure(t *testing.T) {
	const plain = `"text" "plain" ("charset" "us-ascii") NIL NIL "7bit" `
	tests := []struct{ name, raw, full, short string }{
		{"plain", "Subject: x\n\none\ntwo\n",
			`(` + plain + `10 2 NIL NIL NIL NIL)`, `(` + plain + `10 2)`},
		{"charset is kept", "Content-Type: Text/HTML; Charset=\"UTF-8\"; format=flowed\n\nx",
			`("Text" "HTML" ("Charset" "UTF-8" "format" "flowed") NIL NIL "7bit" 1 0 NIL NIL NIL NIL)`,
			`("Text" "HTML" ("Charset" "UTF-8" "format" "flowed") NIL NIL "7bit" 1 0)`},
		{"no lines outside text", "Content-Type: application/pdf\n\nx\n",
			`("application" "pdf" NIL NIL NIL "7bit" 3 NIL NIL NIL NIL)`, `("application" "pdf" NIL NIL NIL "7bit" 3)`},
		{"every field", "Content-Type: image/png; name=a.png\nContent-ID: <i@x>\nContent-Description: a (b)\nContent-Transfer-Encoding: BASE64\nContent-MD5: Q2hlY2s=\nContent-Disposition: attachment; filename=a.png; size=3\nContent-Language: de, en\nContent-Location: http://x/\n\nAAAA",
			`("image" "png" ("name" "a.png") "<i@x>" "a (b)" "BASE64" 4 "Q2hlY2s=" ("attachment" ("filename" "a.png" "size" "3")) ("de" "en") "http://x/")`,
			`("image" "png" ("name" "a.png") "<i@x>" "a (b)" "BASE64" 4)`},
		{"multipart", mixed + "--b\n\none\n--b\nContent-Type: image/png\n\nAA\n--b--\n",
			`((` + plain + `3 0 NIL NIL NIL NIL)("image" "png" NIL NIL NIL "7bit" 2 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)`,
			`((` + plain + `3 0)("image" "png" NIL NIL NIL "7bit" 2) "mixed")`},
		{"multipart without parts", mixed + "x",
			`((` + plain + `0 0 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)`, `((` + plain + `0 0) "mixed")`},
		{"message/global", "Content-Type: message/global\n\nSubject: in\n\none\n",
			`("message" "global" NIL NIL NIL "7bit" 20 NIL NIL NIL NIL)`,
			`("message" "global" NIL NIL NIL "7bit" 20)`},
		{"embedded message", "Content-Type: message/rfc822\n\nSubject: (in)\nFrom: a@b\n\none\ntwo\n",
			`("message" "rfc822" NIL NIL NIL "7bit" 38 (NIL "(in)" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL) (` + plain + `10 2 NIL NIL NIL NIL) 5 NIL NIL NIL NIL)`,
			`("message" "rfc822" NIL NIL NIL "7bit" 38 (NIL "(in)" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL) (` + plain + `10 2) 5)`},
		{"literals", "Content-Type: text/plain; name=\"ü )\"\n\nx",
			"(\"text\" \"plain\" (\"name\" {4}\r\nü ) \"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0 NIL NIL NIL NIL)",
			"(\"text\" \"plain\" (\"name\" {4}\r\nü ) \"charset\" \"us-ascii\") NIL NIL \"7bit\" 1 0)"},
	}
	for _, tt := range tests {
		m := Parse(crlf(tt.raw))
		if got := string(m.Structure); got != tt.full {
			t.Errorf("%s: BODYSTRUCTURE\n got %s\nwant %s", tt.name, got, tt.full)
		}
		if got := string(AppendBody(nil, m.Structure)); got != tt.short {
			t.Errorf("%s: BODY\n got %s\nwant %s", tt.name, got, tt.short)
		}
	}
}

func TestContentType(t *testing.T) {
	const none = ` ("charset" "us-ascii")`
	tests := []struct{ in, want string }{
		{`text/plain`, `"text" "plain"` + none},
		{`text / plain ; charset = utf-8`, `"text" "plain" ("charset" "utf-8")`},
		{`text/plain (c); charset=(d)utf-8 (e; f)`, `"text" "plain" ("charset" "utf-8")`},
		{`text`, `"text" "plain"` + none},
		{`text/`, `"text" "plain"` + none},
		{`/plain`, `"text" "plain"` + none},
		{``, `"text" "plain"` + none},
		{`text plain`, `"text" "plain"` + none},
		{`application/pdf name=x`, `"application" "pdf" NIL`},
		{`a/b; x="q\"\\"`, `"a" "b" ("x" "q\"\\")`},
		{`a/b; x=1; x=2`, `"a" "b" ("x" "1" "x" "2")`},
		{`a/b; x=`, `"a" "b" ("x" "")`},
		{`a/b; =1; y=2`, `"a" "b" ("y" "2")`},
		{`a/b; *0=1; *0*=2; y=3`, `"a" "b" ("*0" "1" "*0*" "2" "y" "3")`},
		{`a/b; x; y=1;;z=2;`, `"a" "b" ("y" "1" "z" "2")`},
		{`a/b; x=un"quoted"; y=1`, `"a" "b" ("x" "un" "y" "1")`},
		{`a/b; x="open; y=1`, `"a" "b" NIL`},
		{`a/b; x=two words; y=1`, `"a" "b" ("x" "two" "y" "1")`},
		{`a/b; x==?utf-8?q?y?=; y=1`, `"a" "b" ("x" "=?utf-8?q?y?=" "y" "1")`},
		{`a/b; x*=utf-8''%e2%82%ac`, `"a" "b" ("x*" "utf-8''%e2%82%ac")`},
		{`a/b; x*1=B; y=1; x*0=A`, `"a" "b" ("x" "AB" "y" "1")`},
		{`a/b; x*0*=utf-8''%c3; x*1="%1"`, `"a" "b" ("x*" "utf-8''%c3%251")`},
		{`a/b; x*0=A; x*2=C`, `"a" "b" ("x*0" "A" "x*2" "C")`},
		{`a/b; x*1=B`, `"a" "b" ("x*1" "B")`},
		{`a/b; X*0=A; x*1=B`, `"a" "b" ("X" "AB")`},
	}
	for _, tt := range tests {
		m := Parse([]byte("Content-Type: " + tt.in + "\r\n\r\n"))
		got := strings.TrimPrefix(string(m.Structure), "(")
		if !strings.HasPrefix(got, tt.want+" NIL NIL ") {
			t.Errorf("%s:\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

func TestDispositionAndLanguage(t *testing.T) {
	tests := []struct{ header, want string }{
		{"Content-Disposition: inline", `("inline" NIL) NIL NIL`},
		{"Content-Disposition:", `("" NIL) NIL NIL`},
		{"Content-Disposition: ;filename=x", `("" ("filename" "x")) NIL NIL`},
		{"Content-Disposition: inline; a=b\nContent-Disposition: attachment", `("inline" ("a" "b")) NIL NIL`},
		{"Content-Disposition: inline\nContent-Disposition: attachment; a=b", `("attachment" ("a" "b")) NIL NIL`},
		{"Content-Language: de (German), en", `NIL ("de" "en") NIL`},
		{"Content-Language: ", `NIL NIL NIL`},
		{"Content-Language: de en", `NIL ("de") NIL`},
		{"Content-Location: a\n b", `NIL NIL "a b"`},
	}
	for _, tt := range tests {
		m := Parse(crlf("MIME-Version: 1.0\n" + tt.header + "\n\n"))
		if got := string(m.Structure); !strings.HasSuffix(got, " 0 0 NIL "+tt.want+")") {
			t.Errorf("%s: got %s, want %s", tt.header, got, tt.want)
		}
	}
}
