package server

import (
	"testing"

	"satchel/backend"
)

// TestLazyPreview: RFC 8970, 4.1: NIL stands for a preview that is still to be made.
func TestLazyPreview(t *testing.T) {
	lazy := &fetchItem{lazy: true}
	for want, msg := range map[string]*backend.Message{
		"PREVIEW NIL":  {},
		`PREVIEW ""`:   {HasPreview: true},
		`PREVIEW "hi"`: {HasPreview: true, Preview: "hi"},
	} {
		got, err := writePreview(&fetch{}, nil, lazy, &backend.Row{}, msg)
		if string(got) != want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}
