package extract

import (
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	list, err := Parse([]string{"application/pdf pdftotext -q - -", " Application/VND.x-y+zip\t/opt/x  a "})
	want := []Program{{"application/pdf", []string{"pdftotext", "-q", "-", "-"}}, {"application/vnd.x-y+zip", []string{"/opt/x", "a"}}}
	if err != nil || !slices.EqualFunc(list, want, func(a, b Program) bool { return a.String() == b.String() }) {
		t.Errorf("got %q, %v", list, err)
	}
	for line, want := range map[string]string{
		"":                        "a media type and a command are needed",
		"application/pdf":         "a media type and a command are needed",
		"application/pdf a\x00b":  "a media type and a command are needed",
		"pdftotext - -":           "pdftotext is no media type",
		"application/* x":         "application/* is no media type",
		"a/b/c x":                 "a/b/c is no media type",
		"TEXT/html x":             "text/html is searched without a program",
		"message/rfc822 x":        "message/rfc822 is searched without a program",
		"application/x bin/x":     "bin/x is neither a name nor an absolute path",
		"Application/PDF another": "application/pdf is there twice",
	} {
		if _, err := Parse([]string{"application/pdf x", line}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", line, err, want)
		}
	}
}
