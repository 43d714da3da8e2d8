package web

import (
	"strings"
	"testing"
)

// TestThunderbirdCode: the text that Thunderbird for Android reads, as its specification has it.
func TestThunderbirdCode(t *testing.T) {
	s := open(t)
	p := person{login: "alice", address: "alice@example.org", name: `Al "A" <x>`, password: "abcde-12345"}
	got, err := thunderbirdCode(p, s.cfg.IMAP.ways()[0], Service{"smtp.example.com", 0, 587}.ways()[0])
	want := `[1,[1,1],[0,"imap.example.com",993,3,1,"alice","alice@example.org","abcde-12345"],` +
		`[[[0,"smtp.example.com",587,2,1,"alice","abcde-12345"],["alice@example.org","Al \"A\" <x>"]]]]`
	if err != nil || got != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
	p.name = ""
	if got, _ := thunderbirdCode(p, s.cfg.IMAP.ways()[0], s.cfg.SMTP.ways()[0]); !strings.HasSuffix(got, `["alice@example.org","alice"]]]]`) {
		t.Error(got)
	}
	if p.address = "ålice@example.org"; s.setupCode(p) != nil {
		t.Error("the format has ASCII addresses only")
	}
	if p.address = strings.Repeat("a", 4000) + "@example.org"; s.setupCode(p) != nil {
		t.Error("a code that long cannot be drawn")
	}
}
