package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// lockFile is held while the repository is changed, and shared while it is read.
const lockFile = "lock"

// acquire takes the lock. A repository that cannot be written to is read without.
func (r *Repository) acquire(change bool) error {
	how := syscall.LOCK_SH
	if change {
		how = syscall.LOCK_EX
	}
	f, err := os.OpenFile(r.file(lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		if !change && (errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission)) {
			return nil
		}
		return err
	}
	if err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return fmt.Errorf("%s: %w", r.path, ErrInUse)
		}
		return fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	r.lock = f
	return nil
}
