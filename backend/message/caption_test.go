package message

import (
	"strings"
	"testing"
)

func TestCaption(t *testing.T) {
	for _, c := range []struct{ header, from, subject string }{
		{"From: Ben Doe <ben@example.org>\r\nSubject: Lunch\r\n\r\n", "Ben Doe", "Lunch"},
		{"From: ben@example.org\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n =?utf-8?q?_aus_K=C3=B6ln?=\r\n\r\n", "ben@example.org", "Grüße aus Köln"},
		{"Subject: a\x1b[31mb\r\n\tc \xff\r\n\r\n", "", "a\ufffd[31mb c \ufffd"},
		{"From: =?utf-8?q?=E2=80=AEevil?= <a@b>\r\n\r\n", "\ufffdevil", ""},
		{"Subject: " + strings.Repeat("ö", 300) + "\r\n\r\n", "", strings.Repeat("ö", maxCaption)},
		{"", "", ""},
	} {
		if from, subject := Caption([]byte(c.header)); from != c.from || subject != c.subject {
			t.Errorf("%.40q: from %q, subject %q", c.header, from, subject)
		}
	}
}
