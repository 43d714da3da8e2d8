package backend

import (
	"reflect"
	"strings"
	"testing"

	"satchel/backend/message"
)

// checkParts holds the stored columns of a message against a fresh look at its bytes.
func checkParts(t *testing.T, raw string, stored Message) {
	t.Helper()
	fresh := message.Parse([]byte(raw))
	root, err := message.DecodeParts(stored.Parts)
	if err != nil {
		t.Fatal(err)
	}
	if !samePart(&root, &fresh.Root) {
		t.Errorf("%.60q: parts %+v, want %+v", raw, root, fresh.Root)
	}
	if string(stored.Header) != raw[:fresh.Root.Body] {
		t.Errorf("header %q, want %q", stored.Header, raw[:fresh.Root.Body])
	}
	if string(stored.Envelope) != string(fresh.Envelope) {
		t.Errorf("envelope %q, want %q", stored.Envelope, fresh.Envelope)
	}
}

func samePart(a, b *message.Part) bool {
	if a.Header != b.Header || a.Body != b.Body || a.End != b.End || a.Kind != b.Kind || len(a.Children) != len(b.Children) {
		return false
	}
	for i := range a.Children {
		if !samePart(&a.Children[i], &b.Children[i]) {
			return false
		}
	}
	return true
}

func TestImportBatch(t *testing.T) {
	b := testBackend(t, "alice")
	info, _ := b.AccountByName("alice")
	a, err := b.Account(info.ID, info.Name)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	if err := a.Create("Old", ""); err != nil {
		t.Fatal(err)
	}
	from := Numbering{Source: "there", UIDValidity: 4711, UIDNext: 20}
	if keep, err := a.AdoptUIDs("Old", from); err != nil || !keep {
		t.Fatalf("adopt in an empty mailbox: %v %v", keep, err)
	}
	put := func(key string, uid UID) UID {
		t.Helper()
		in := &Incoming{Body: spoolOf(t, b, "Subject: "+key+"\r\n\r\n"), ImportKey: []byte(key), UID: uid, Keywords: []string{"k"}}
		batch := Batch{From: from}
		batch.Add(in)
		uids, err := a.AppendBatch("Old", &batch)
		if err != nil {
			t.Fatal(err)
		}
		return uids[0]
	}
	if got := []UID{put("a", 5), put("b", 9), put("a", 10), put("c", 3)}; !reflect.DeepEqual(got, []UID{5, 9, 0, 100_020}) {
		t.Errorf("UIDs %v, want 5 9 0 100020", got)
	}
	known, err := a.Imported("Old", [][]byte{[]byte("b"), []byte("x"), []byte("c")})
	if err != nil || !reflect.DeepEqual(known, []bool{true, false, true}) {
		t.Errorf("known %v %v", known, err)
	}
	st, err := a.Status("Old")
	if err != nil || st.UIDNext != 100_021 || st.UIDValidity != 4711 || st.Messages != 3 {
		t.Errorf("status %+v %v", st, err)
	}
	for range 2 {
		if keep, err := a.AdoptUIDs("Old", from); err != nil || keep {
			t.Errorf("adopt UIDs later: %v %v", keep, err)
		}
		from.UIDValidity++
	}
}

// TestAdoptWatched: a session that has been told a UIDVALIDITY keeps it.
func TestAdoptWatched(t *testing.T) {
	b := testBackend(t, "alice")
	v := openFolder(t, b, "alice", "Sent")
	before := v.UIDValidity()
	if keep, err := v.account.AdoptUIDs("Sent", Numbering{UIDValidity: 4711}); err != nil || keep {
		t.Errorf("adopt while somebody looks: %v %v", keep, err)
	}
	if v.UIDValidity() != before {
		t.Error("UIDVALIDITY changed")
	}
}

func TestCheck(t *testing.T) {
	b := testBackend(t, "alice", "bob")
	d, err := b.NewDelivery("", "", spoolOf(t, b, "Subject: x\r\n\r\nbody"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := d.To("alice"); err != nil {
		t.Fatal(err)
	}
	var found []Problem
	note := func(p Problem) error {
		found = append(found, p)
		return nil
	}
	if err := b.Check(t.Context(), nil, true, note); err != nil || len(found) > 0 {
		t.Errorf("sound: %v %v", found, err)
	}
	if err := b.Check(t.Context(), []string{"dora"}, true, note); err == nil || !strings.Contains(err.Error(), "dora") {
		t.Errorf("unknown account: %v", err)
	}
}
