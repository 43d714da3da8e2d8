package message

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// RFC 5256, 2.1 and 5.
func TestBaseSubject(t *testing.T) {
	tests := []struct {
		subject, want string
		reply         bool
	}{
		{"", "", false},
		{"hello", "hello", false},
		{"  hello  ", "hello", false},
		{"Re: hello", "hello", true},
		{"RE  : hello", "hello", true},
		{"Re:Re: fwd: FW: hello", "hello", true},
		{"Ref: hello", "Ref: hello", false},
		{"Rehello", "Rehello", false},
		{"Re hello", "Re hello", false},
		{"Re:", "", true},
		{"Re: Re", "Re", true},
		{"Re [list]: hello", "hello", true},
		{"Re [a][b]: hello", "Re [a][b]: hello", false},
		{"[list] hello", "hello", false},
		{"[list] Re: hello", "hello", true},
		{"[list] [other] Re: [third] hello", "hello", true},
		{"[list]", "[list]", false},
		{"[one] [two]", "[two]", false},
		{"[one] [two] Re: [three] ", "[three]", true},
		{"[list hello", "[list hello", false},
		{"[[list]] hello", "[[list]] hello", false},
		{"hello (fwd)", "hello", true},
		{"hello (FWD) (fwd)", "hello", true},
		{"(fwd)", "", true},
		{"hello (fwd) there", "hello (fwd) there", false},
		{"[fwd: hello]", "hello", true},
		{"[Fwd: Re: hello (fwd)]", "hello", true},
		{"[fwd: [FWD: hello]]", "hello", true},
		{"[fwd: hello] there", "there", false},
		{"[fwd:]", "", true},
		{"[fwd: hello", "[fwd: hello", false},
		{"Re: [fwd: [list] hello] (fwd)", "hello", true},
		{"Re: [ann] Re: [fwd: x", "[fwd: x", true},
		{"]", "]", false},
		{"[", "[", false},
		{"Re\u00a0: hello", "Re\u00a0: hello", false},
	}
	for _, tt := range tests {
		got, reply := baseSubject([]byte(tt.subject))
		if string(got) != tt.want || reply != tt.reply {
			t.Errorf("%q: got %q, %v, want %q, %v", tt.subject, got, reply, tt.want, tt.reply)
		}
	}
}

// What an attacker would try takes linear time.
func TestBaseSubjectLinear(t *testing.T) {
	start := time.Now()
	for _, s := range []string{"[a]", "Re: ", "[fwd:", "[", "[a] re [b]: ", "re [", "(fwd)", "fwd [a] "} {
		for _, end := range []string{"", "x", "]", ":", "[" + strings.Repeat("y", 1000)} {
			baseSubject([]byte(strings.Repeat(s, 1<<20/len(s)) + end))
			baseSubject([]byte("[fwd:" + strings.Repeat(s, 1<<20/len(s)) + end + strings.Repeat("]", 1<<20)))
		}
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

func FuzzBaseSubject(f *testing.F) {
	for _, s := range []string{"Re: [list] hello (fwd)", "[fwd: [fwd: x]]", "fw [a] : [b] [c]", "re[", "Re :x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := appendCompressed(nil, raw)
		base, _ := baseSubject(s)
		if !bytes.Contains(s, base) || len(base) != len(bytes.TrimSpace(base)) && bytes.HasPrefix(base, []byte(" ")) {
			t.Fatalf("%q: %q", s, base)
		}
		again, reply := baseSubject(base)
		if !bytes.Equal(again, base) || reply {
			t.Fatalf("%q: %q, and of that %q, %v", s, base, again, reply)
		}
	})
}
