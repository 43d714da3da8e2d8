package restore

import (
	"reflect"
	"testing"
	"time"

	"satchel/storage"
)

func TestParseUIDs(t *testing.T) {
	for text, want := range map[string][]storage.Range{
		"":             nil,
		"12":           {{First: 12, Last: 12}},
		"12,15:20":     {{First: 12, Last: 12}, {First: 15, Last: 20}},
		"4294967295":   {{First: 1<<32 - 1, Last: 1<<32 - 1}},
		"7:7,1:4":      {{First: 7, Last: 7}, {First: 1, Last: 4}},
		"4294967296":   nil,
		"20:15":        nil,
		"1:*":          nil,
		"1,,2":         nil,
		"-1":           nil,
		"1:2:3":        nil,
		" 1":           nil,
		"1:4294967296": nil,
	} {
		got, err := ParseUIDs(text)
		if !reflect.DeepEqual(got, want) || (err == nil) != (want != nil || text == "") {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

// TestWanted: a message is meant if all that is given fits it.
func TestWanted(t *testing.T) {
	raw := []byte("From: =?utf-8?q?Andr=C3=A9?= <andre@example.net>\r\nTo: ann@example.org\r\nSubject: the\r\n bill\r\n" +
		"Message-ID: <1@example.net>\r\n\r\nPay by Friday.\r\n")
	arrived := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	e := &storage.Entry{UID: 15, Date: arrived.Unix()}
	for _, tt := range []struct {
		name string
		w    Wanted
		want bool
	}{
		{"nothing given", Wanted{}, true},
		{"a UID", Wanted{UIDs: []storage.Range{{First: 3, Last: 4}, {First: 15, Last: 15}}}, true},
		{"others' UIDs", Wanted{UIDs: []storage.Range{{First: 1, Last: 14}, {First: 16, Last: 20}}}, false},
		{"since then", Wanted{NotBefore: arrived}, true},
		{"since later", Wanted{NotBefore: arrived.Add(time.Second)}, false},
		{"before then", Wanted{Before: arrived}, false},
		{"before later", Wanted{Before: arrived.Add(time.Second)}, true},
		{"a folded field", Wanted{Subject: "THE BILL"}, true},
		{"an encoded name", Wanted{From: "andré"}, true},
		{"another field", Wanted{To: "andré"}, false},
		{"two fields, one of which does not fit", Wanted{Subject: "bill", From: "bob"}, false},
		{"one of two IDs", Wanted{MessageIDs: []string{"2@example.net", "1@example.net"}}, true},
		{"the end of an ID", Wanted{MessageIDs: []string{"<@example.net>"}}, false},
		{"a text", Wanted{Text: "by friday"}, true},
		{"a text of the header", Wanted{Text: "ann@"}, true},
		{"another text", Wanted{Text: "by monday"}, false},
	} {
		m := tt.w.matcher()
		got := m.fits(e) && m.fitsHeader(raw) && m.fitsText(raw)
		if got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
