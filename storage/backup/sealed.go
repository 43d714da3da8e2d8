package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"satchel/storage"
)

// Manifests and lists are JSON with a last line that has the SHA-256 of all before it.

const (
	sealPrefix = "sha256 "
	newSuffix  = ".new" // of a file that is being written
)

// maxSealed bounds what is read of such a file: a manifest of 100,000 accounts.
const maxSealed = 256 << 20

// writeSealed writes such a file, which is there completely and on the disk, or not at all.
func (r *Repository) writeSealed(name string, v any) error {
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	b = append(b, '\n')
	sum := sha256.Sum256(b)
	b = append(b, sealPrefix+hex.EncodeToString(sum[:])+"\n"...)
	tmp := r.file(name) + newSuffix
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = rename(tmp, r.file(name))
	}
	if err != nil {
		os.Remove(tmp)
	}
	return err
}

// readSealed reads such a file. ErrDamaged, or os.ErrNotExist.
func (r *Repository) readSealed(name string, v any) error {
	f, err := os.Open(r.file(name))
	if err != nil {
		return err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSealed))
	if err != nil {
		return err
	}
	at := bytes.LastIndex(b, []byte("\n"+sealPrefix)) + 1
	sum := sha256.Sum256(b[:at])
	if at == 0 || string(b[at:]) != sealPrefix+hex.EncodeToString(sum[:])+"\n" {
		return fmt.Errorf("%s: %w", f.Name(), ErrDamaged)
	}
	if err := json.Unmarshal(b[:at], v); err != nil {
		return fmt.Errorf("%s: %w: %w", f.Name(), ErrDamaged, err)
	}
	return nil
}

// rename puts a file in its place for good.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return storage.SyncFile(filepath.Dir(to))
}
