package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/klauspost/compress/zstd"

	"satchel/storage"
)

// File is a file of the repository as it was written.
type File struct {
	Name string // in the repository, with slashes
	Size int64
	Sum  string // SHA-256
}

// publish moves a file of tmp, which is on the disk, to its place, named by its SHA-256 as it is read there.
func (r *Repository) publish(tmp string, name func(sum string) string) (File, error) {
	f, err := measure(tmp, "")
	if err != nil {
		return f, err
	}
	f.Name = name(f.Sum)
	if err := storage.MakeFolder(filepath.Dir(r.file(f.Name))); err != nil {
		return f, err
	}
	return f, rename(tmp, r.file(f.Name))
}

// settle has a file written to the disk, and forgotten by the system as far as it does that: what is read of it from now
// on is what the disk has.
func settle(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return err
	}
	forgetCached(f)
	return nil
}

// measure reads a file.
func measure(path, name string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{sum}, f, make([]byte, 1<<20))
	return File{name, n, hex.EncodeToString(sum.Sum(nil))}, err
}

// present looks whether a file is there with its size.
func (r *Repository) present(f File) error {
	info, err := os.Stat(r.file(f.Name))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s: %w: it is missing", f.Name, ErrDamaged)
	}
	if err == nil && info.Size() != f.Size {
		err = fmt.Errorf("%s: %w: %d bytes, was written with %d", f.Name, ErrDamaged, info.Size(), f.Size)
	}
	return err
}

// verify reads a file and compares it with what was written. ErrDamaged also when the disk cannot read it.
func (r *Repository) verify(f File) error {
	if err := r.present(f); err != nil {
		return err
	}
	got, err := measure(r.file(f.Name), f.Name)
	switch {
	case errors.Is(err, syscall.EIO):
		err = fmt.Errorf("%s: %w: %w", f.Name, ErrDamaged, err)
	case err == nil && got.Sum != f.Sum:
		err = fmt.Errorf("%s: %w: its bytes have changed", f.Name, ErrDamaged)
	}
	return err
}

// compress writes a file of tmp in its compressed form to its place, reads that back and compares.
func (r *Repository) compress(tmp, name string) (File, error) {
	packed := tmp + ".zst"
	defer os.Remove(packed)
	want, err := pack(tmp, packed)
	if err != nil {
		return File{}, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := settle(packed); err != nil {
		return File{}, err
	}
	got := sha256.New()
	if err := unpack(packed, got); err != nil {
		return File{}, fmt.Errorf("read %s back: %w", name, err)
	}
	if hex.EncodeToString(got.Sum(nil)) != want {
		return File{}, fmt.Errorf("%s: %w: not what was written", name, ErrDamaged)
	}
	return r.publish(packed, func(string) string { return name })
}

// pack compresses a file and returns the SHA-256 of its bytes.
func pack(from, to string) (string, error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", err
	}
	defer out.Close()
	w, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBetterCompression))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(io.MultiWriter(w, sum), in)
	if err = errors.Join(err, w.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// unpack writes what a compressed file holds.
func unpack(path string, to io.Writer) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	r, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(to, r)
	return err
}

// extract puts what a compressed file of the repository holds into a new file, once it has been found sound.
func (r *Repository) extract(f File, to string) error {
	if err := r.verify(f); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = unpack(r.file(f.Name), out)
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}
