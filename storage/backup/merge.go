package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"satchel/storage"
)

// Packs are merged mergeWidth at a time when they are of one size, up to mergeLimit: a year of hourly runs leaves a few
// dozen.
const (
	mergeWidth = 8
	mergeLimit = 512 << 20 // bytes
)

// tier is how many times a pack of its size could be the result of a merge.
func (p *packFile) tier() int {
	n := 0
	for size := int64(64 << 10); size < p.Size; size *= mergeWidth {
		n++
	}
	return n
}

// merge keeps the packs few: neighbours of one size become one.
func (l *lineage) merge(ctx context.Context) error {
	for {
		from := l.mergeable()
		if from < 0 {
			return nil
		}
		if err := l.replace(from, from+mergeWidth, func(tmp string, packs []string, small bool) (storage.PackCount, error) {
			return storage.MergePacks(ctx, tmp, packs, small)
		}); err != nil {
			return fmt.Errorf("merge packs of %s: %w", l.dir, err)
		}
	}
}

// mergeable finds mergeWidth neighbours of one size, or -1.
func (l *lineage) mergeable() int {
	packs, run, total := l.list.Packs, 0, int64(0)
	for i := range packs {
		if i > 0 && packs[i].tier() != packs[i-1].tier() {
			run, total = 0, 0
		}
		run, total = run+1, total+packs[i].Size
		if run < mergeWidth {
			continue
		}
		if total <= mergeLimit {
			return i + 1 - mergeWidth
		}
		run, total = run-1, total-packs[i+1-mergeWidth].Size
	}
	return -1
}

// replace has the packs from i to j made into one, which may be none when nothing is left of them.
func (l *lineage) replace(i, j int, write func(tmp string, packs []string, small bool) (storage.PackCount, error)) error {
	old := slices.Clone(l.list.Packs[i:j])
	s, size := span{old[0].First, old[len(old)-1].Last}, int64(0)
	for _, p := range old {
		size += p.Size
		if err := l.r.verify(p.File); err != nil {
			return err
		}
	}
	tmp := l.r.file("tmp/merged.pack")
	os.Remove(tmp)
	count, err := write(tmp, l.paths()[i:j], size < smallPack)
	if err != nil {
		return err
	}
	l.list.Packs = slices.Delete(l.list.Packs, i, j)
	if count.Messages == 0 {
		err = errors.Join(os.Remove(tmp), l.save())
	} else if err = settle(tmp); err == nil {
		_, err = l.add(tmp, s, count)
	}
	if err != nil {
		return err
	}
	for _, p := range old {
		if err := os.Remove(l.r.file(p.Name)); err != nil {
			return err
		}
	}
	return nil
}

// smallPack is the size below which a pack gets small pages, bytes.
const smallPack = 256 << 10
