package backend

import (
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
