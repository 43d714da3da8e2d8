package message

import (
	"bytes"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// previewTag bounds one tag or comment.
const previewTag = 64 << 10

// previewHTML takes the text that a browser would show, quotations apart.
func previewHTML(text []byte) string {
	var own, quoted squeezer
	hidden, depth := atom.Atom(0), 0
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(previewTag)
	for !own.full() {
		switch z.Next() {
		case html.ErrorToken:
			return own.or(&quoted)
		case html.TextToken:
			if hidden != 0 {
				continue
			}
			into := &own
			if depth > 0 {
				into = &quoted
			}
			into.run(z.Text())
		case html.StartTagToken:
			tag := tagOf(z)
			if hidden == 0 && unseen(tag) {
				hidden = tag
			}
			if tag == atom.Blockquote {
				depth++
			}
			apart(tag, &own, &quoted)
		case html.EndTagToken:
			tag := tagOf(z)
			if tag == hidden {
				hidden = 0
			}
			if tag == atom.Blockquote && depth > 0 {
				depth--
			}
			apart(tag, &own, &quoted)
		case html.SelfClosingTagToken:
			apart(tagOf(z), &own, &quoted)
		}
	}
	return own.or(&quoted)
}

func tagOf(z *html.Tokenizer) atom.Atom {
	name, _ := z.TagName()
	return atom.Lookup(name)
}

// unseen tells whether the text in an element is not shown.
func unseen(tag atom.Atom) bool {
	switch tag {
	case atom.Head, atom.Style, atom.Script, atom.Title, atom.Template, atom.Noscript:
		return true
	}
	return false
}

// apart puts a blank where a browser begins a new line or cell.
func apart(tag atom.Atom, texts ...*squeezer) {
	if insideWords(tag.String()) {
		return
	}
	for _, s := range texts {
		s.space = true
	}
}
