package message

import (
	"bytes"
	"testing"
)

const globalMail = "Content-Type: multipart/mixed; boundary=b\n\n" +
	"--b\n\nsee:\n--b\nContent-Type: Message/Global\n\nSubject: Grüße\nFrom: a@b\n\none\ntwo\n--b--\n"

func TestGlobal(t *testing.T) {
	const head = `(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 4 0 NIL NIL NIL NIL)("Message" "Global" NIL NIL NIL "7bit" `
	const envelope = "(NIL {7}\r\nGrüße ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL)"
	const inner = `("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1`
	raw := crlf(globalMail)
	root, structure := Global(raw)
	want := head + `39 ` + envelope + ` ` + inner + ` NIL NIL NIL NIL) 4 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)`
	if string(structure) != want {
		t.Errorf("got  %s\nwant %s", structure, want)
	}
	want = `(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 4 0)("Message" "Global" NIL NIL NIL "7bit" 39 ` + envelope + ` ` + inner + `) 4) "mixed")`
	if got := string(AppendBody(nil, structure)); got != want {
		t.Errorf("BODY\ngot  %s\nwant %s", got, want)
	}
	from, to, ok := root.Locate(Section{Path: []int{2, 1}})
	if got := string(raw[from:to]); !ok || got != "one\r\ntwo" {
		t.Errorf("part 2.1: %q, %v", got, ok)
	}
	if old := Parse(raw); !HasGlobal(old.Structure) || len(old.Root.Children[1].Children) > 0 {
		t.Errorf("Parse: %s", old.Structure)
	}
}

// Global differs from Parse only where HasGlobal says so.
func FuzzGlobal(f *testing.F) {
	addMail(f)
	f.Add(crlf(globalMail))
	f.Add([]byte("Content-Type: message/global\n\nContent-Type: message/global; a=\"message\"\n\nx"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		root, structure := Global(raw)
		if _, err := DecodeParts(root.AppendBinary(nil)); err != nil {
			t.Fatal(err)
		}
		if old := Parse(raw).Structure; !HasGlobal(old) && !bytes.Equal(structure, old) {
			t.Fatalf("got  %s\nwant %s", structure, old)
		}
	})
}
