package message

import (
	"fmt"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	tests := []struct{ in, want string }{
		{"Mon, 2 Mar 2026 10:11:12 +0100", "2026-03-02 09:11:12 60"},
		{"2 Mar 2026 10:11 -0330", "2026-03-02 13:41:00 -210"},
		{"Mon, 02 MARCH 2026 10:11:12 GMT (it is)", "2026-03-02 10:11:12 0"},
		{"Mon (day), 2(nd) Mar 2026 10 : 11 (about) : 12 EST", "2026-03-02 15:11:12 -300"},
		{"2 Mar 26 10:11:12 PDT", "2026-03-02 17:11:12 -420"},
		{"2 Mar 97 10:11:12 Z", "1997-03-02 10:11:12 0"},
		{"2 Mar 126 10:11:12 UT", "2026-03-02 10:11:12 0"},
		{"2-Mar-2026 10:11:12 +0000", "2026-03-02 10:11:12 0"},
		{"Mon 2 Mar 2026 10:11:12 XYZ", "2026-03-02 10:11:12 0"},
		{"Mon, 2 Mar 2026 10:11:12.345 +0100", "2026-03-02 10:11:12 0"},
		{"Mon, 2 Mar 2026", "2026-03-02 00:00:00 0"},
		{"Mon Mar  2 10:11:12 2026", "2026-03-02 10:11:12 0"},
		{"Mon Mar  2 10:11:12 EST 2026", "2026-03-02 15:11:12 -300"},
		{"Thu, 13 Feb 1969 23:32:54 -0330", "1969-02-14 03:02:54 -210"},
		{"Mon, 2 Mar 2026\r\n 10:11:12\r\n +0100", "2026-03-02 09:11:12 60"},
		{"2 Mar 2026 23:59:60 +0000", "2026-03-03 00:00:00 0"},
		{"", ""},
		{"yesterday", ""},
		{"Mon, 2 Foo 2026 10:11:12 +0100", ""},
		{"Mon, 0 Mar 2026 10:11:12 +0100", ""},
		{"Mon, 32 Mar 2026 10:11:12 +0100", ""},
		{"Mon, 2 Mar 2026 25:11:12 +0100", ""},
		{"Mon, 2 Mar 2026 10:60:12 +0100", ""},
		{"Mon, 2 Mar", ""},
		{"2 Mar 99999 10:11:12 +0100", ""},
	}
	for _, tt := range tests {
		got := ""
		if unix, zone, ok := parseDate([]byte(tt.in)); ok {
			got = fmt.Sprintf("%s %d", time.Unix(unix, 0).UTC().Format(time.DateTime), zone)
		}
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.in, got, tt.want)
		}
	}
	m := Parse(crlf("Date: Mon, 2 Mar 2026 10:00:00 +0100\nDate: Tue, 3 Mar 2026 10:00:00 +0100\n\n"))
	if !m.HasSent || m.Sent != 1772442000 || m.SentZone != 60 {
		t.Errorf("got %v %d %d", m.HasSent, m.Sent, m.SentZone)
	}
}
