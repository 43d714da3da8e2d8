package backend

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"satchel/storage"
)

// TestCures: nobody is told to put a backup over a file that is not known to be damaged.
func TestCures(t *testing.T) {
	for _, c := range []struct {
		err  error
		cure string
	}{
		{storage.ErrCorrupt, cureRestore},
		{storage.ErrNewerSchema, cureUpgrade},
		{storage.ErrFull, cureRoom},
		{fs.ErrPermission, cureAccess},
		{errors.New("database is locked"), cureTrouble},
	} {
		if cure := cureFor(fmt.Errorf("open account alice: %w", c.err)); cure != c.cure {
			t.Errorf("%v: %s", c.err, cure)
		}
	}
}

// TestCheckEnds: a check that nobody waits for ends, which is no problem of the accounts.
func TestCheckEnds(t *testing.T) {
	b := testBackend(t, "alice", "bob")
	ctx, end := context.WithCancelCause(t.Context())
	end(ErrClosed)
	if err := b.Check(ctx, nil, false, func(p Problem) error { t.Errorf("%+v", p); return nil }); !errors.Is(err, ErrClosed) {
		t.Errorf("it ended with %v", err)
	}
}
