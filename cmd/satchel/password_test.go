package main

import (
	"strings"
	"testing"
)

// TestSecretLine: editors end lines in one way or the other and may put a mark before the first; neither is of the password.
func TestSecretLine(t *testing.T) {
	for _, text := range []string{"correct horse ", "correct horse \n", "correct horse \r\nmore\r\n", "\ufeffcorrect horse \r\n"} {
		if got, err := secretLine(strings.NewReader(text), "here"); got != "correct horse " || err != nil {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "\n", "\r\n", "\ufeff\r\n"} {
		if got, err := secretLine(strings.NewReader(text), "here"); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}
