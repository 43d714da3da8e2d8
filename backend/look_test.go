package backend

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

// TestLookDoesNotDisturb: an index that is dropped after a look is missed by nobody
// who was about to use it.
func TestLookDoesNotDisturb(t *testing.T) {
	_, a := testAccount(t)
	fill(t, a, "INBOX", 1)
	var work sync.WaitGroup
	defer work.Wait()
	done := make(chan struct{})
	defer close(done)
	for range 4 {
		work.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if err := a.Look("INBOX", func(v *View) error { v.Rows(v.All(), 0, 1, nil); return nil }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 50 {
		if err := a.Rename("INBOX", fmt.Sprint("moved ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Rename("INBOX", "moved 0"); !errors.Is(err, ErrExists) {
		t.Errorf("to a name that is taken: %v", err)
	}
}
