package server

import (
	"strings"
	"testing"
	"time"
)

func TestPattern(t *testing.T) {
	tests := []struct {
		reference, pattern, name string
		want                     bool
	}{
		{"", "*", "a/b/c", true},
		{"", "%", "a", true},
		{"", "%", "a/b", false},
		{"", "%/%", "a/b", true},
		{"", "%/%", "a/b/c", false},
		{"", "a*c", "a/b/c", true},
		{"", "a%c", "a/b/c", false},
		{"", "a%", "a", true},
		{"", "*%", "a/b", true},
		{"", "%*", "a/b", true},
		{"", "*b", "a/b", true},
		{"", "%b", "a/b", false},
		{"", "a%b%c", "axbxbc", true},
		{"", "*a%b", "a/xa/ab", true},
		{"", "", "a", false},
		{"l/", "%", "l/a", true},
		{"l", "%", "lone", true},
		{"l", "%", "l/a", false},
		{"", "A", "a", false},
		{"", "inbox", "INBOX", true},
		{"", "iNb*", "INBOX/Kid", true},
		{"", "inbox/kid", "INBOX/Kid", false},
		{"", "inbox/%", "INBOX/Kid", true},
		{"", "inboxes", "INBOXES", false},
		{"", "Entwu\u0308rfe", "Entw\u00fcrfe", true},
		{"", "Entw%rfe", "Entw\u00fcrfe", true},
	}
	for _, tt := range tests {
		p := newPattern(tt.reference, tt.pattern)
		for range 2 { // a pattern is used again for each name
			if got := p.matches(tt.name); got != tt.want {
				t.Errorf("reference %q pattern %q name %q: %v, want %v", tt.reference, tt.pattern, tt.name, got, tt.want)
			}
		}
	}
}

// Wildcards must not make the time explode.
func TestPatternHostile(t *testing.T) {
	p := newPattern("", strings.Repeat("*a%", 300)+"b")
	begin := time.Now()
	if p.matches(strings.Repeat("a", 1000)) {
		t.Error("matched")
	}
	if d := time.Since(begin); d > time.Second {
		t.Errorf("took %v", d)
	}
}
