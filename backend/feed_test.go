package backend

import (
	"fmt"
	"testing"
)

// What has changed in an upstream is changed here; what was changed here alone stays.
func TestFeedMergesFlags(t *testing.T) {
	const seen, flagged, answered, draft = FlagSeen, FlagFlagged, FlagAnswered, FlagDraft
	k := func(words ...string) []string { return words }
	tests := []struct {
		was   Flags
		wasK  []string
		here  Flags
		hereK []string
		now   Flags
		nowK  []string
		want  string
	}{
		{seen, nil, seen | flagged, nil, seen | answered, nil, fmt.Sprint(seen|flagged|answered, "")},
		{seen | draft, k("a"), seen | draft | flagged, k("a", "mine"), seen, k("a"), fmt.Sprint(seen|flagged, "a mine")},
		{0, k("a"), seen, k("mine"), 0, k("b"), fmt.Sprint(seen, "b")},
		{flagged, k("a"), 0, nil, flagged | seen, nil, fmt.Sprint(seen, "")},
		{seen, nil, 0, nil, seen, k("x"), fmt.Sprint(Flags(0), "x")},
	}
	_, a := testAccount(t)
	f, err := a.Feed(Upstream{Name: "old", Mailbox: "INBOX", UIDValidity: 7})
	try(t, err)
	var list []SourceFlags
	for i, tt := range tests {
		in := incoming(t, a, "Subject: x\r\n\r\n")
		in.Flags, in.Keywords, in.ImportKey, in.ImportState = tt.was, tt.wasK, f.Key(UID(i+1)), SourceState(tt.was, tt.wasK)
		_, uids, err := a.Append("INBOX", in)
		try(t, err)
		list = append(list, SourceFlags{UID(i + 1), uids[0], tt.now, tt.nowK, in.ImportState})
	}
	v := open(t, a, "INBOX", false)
	rows := v.Rows(v.All(), 0, len(tests), nil)
	for i, tt := range tests {
		s, _ := v.Resolve([]Range{{uint32(rows[i].UID), uint32(rows[i].UID)}}, true)
		_, err := v.Store(s, StoreRequest{Op: StoreSet, Flags: tt.here, Keywords: tt.hereK})
		try(t, err)
	}
	for range 2 { // the second time there is nothing to do
		if _, err := f.SetFlags(list); err != nil {
			t.Fatal(err)
		}
	}
	v.Pull(true)
	for i, r := range v.Rows(v.All(), 0, len(tests), nil) {
		if got := fmt.Sprint(r.Flags, keywordText(r.Keywords)); got != tests[i].want {
			t.Errorf("%d: %s, want %s", i, got, tests[i].want)
		}
	}
	if found, err := a.mail.Check(t.Context(), true); err != nil || len(found) > 0 {
		t.Errorf("check: %v, %v", found, err)
	}
}
