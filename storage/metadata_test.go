package storage

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// TestAnnotations: values come back byte for byte, an empty one is not none, and they go with their mailbox.
func TestAnnotations(t *testing.T) {
	m := openTest(t)
	a, b := newMailbox(t, m, "a"), newMailbox(t, m, "b")
	values := map[string][]byte{"/private/empty": {}, "/private/nul": {0, 'x', 0}, "/shared/big": bytes.Repeat([]byte("y"), 64<<10)}
	commit(t, m, func(tx *Tx) {
		for entry, value := range values {
			must(t, tx.Annotate(a, entry, value))
			must(t, tx.Annotate(0, entry, value))
		}
		must(t, tx.CopyAnnotations(a, b))
		must(t, tx.Annotate(b, "/private/nul", nil))
		must(t, tx.DeleteMailbox(a))
	})
	list, err := m.Annotations()
	want := []Annotation{{0, "/private/empty", 0}, {0, "/private/nul", 3}, {0, "/shared/big", 64 << 10},
		{b, "/private/empty", 0}, {b, "/shared/big", 64 << 10}}
	if err != nil || !slices.Equal(list, want) {
		t.Errorf("got %v, %v", list, err)
	}
	for _, e := range want {
		if v, err := m.Annotation(e.Mailbox, e.Entry); err != nil || !bytes.Equal(v, values[e.Entry]) {
			t.Errorf("%d %s: %d bytes, %v", e.Mailbox, e.Entry, len(v), err)
		}
	}
	if _, err := m.Annotation(b, "/private/nul"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a removed entry: %v", err)
	}
}
