package storage

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// Lengths that damage has made wrong end in an error, not in a panic or in memory for them.
func TestWrongLengths(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rng := rand.New(rand.NewPCG(5, 5))
	var ids []MessageID
	commit(t, m, func(tx *Tx) {
		for range 2 {
			ids = append(ids, ok[Entry](t)(tx.Append(box, letter(t, rng, 100_000))).Message)
		}
	})
	size := ok[int64](t)(m.write.queryInt("SELECT size FROM message WHERE id = ?", int64(ids[0])))
	header := ok[int64](t)(m.write.queryInt("SELECT header_size FROM message WHERE id = ?", int64(ids[0])))
	set := func(size, header int64) {
		must(t, m.write.exec("UPDATE message SET size = ?, header_size = ? WHERE id = ?", size, header, int64(ids[0])))
	}
	defer set(size, header)
	for _, wrong := range [][2]int64{
		{-1, header}, {0, header}, {header - 1, header}, {header + 1, header}, {size - chunkSize, header}, {size + 1, header}, {size + chunkSize, header},
		{1 << 62, header}, {-1 << 63, header}, {1 << 40, header},
		{size, -1}, {size, 0}, {size, header + 1}, {size, size + 1}, {size, 1 << 62}, {size, -1 << 63},
	} {
		set(wrong[0], wrong[1])
		for what, read := range map[string]func() error{
			"together": func() error { _, _, err := m.AppendMessages(nil, ids, nil); return err },
			"alone":    func() error { _, err := m.AppendBytes(nil, ids[0], 0, 1<<40); return err },
		} {
			t.Run(fmt.Sprint(what, wrong), func(t *testing.T) {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("panic: %v", r)
					}
				}()
				if err := read(); !errors.Is(err, ErrCorrupt) {
					t.Errorf("%v", err)
				}
			})
		}
	}
}
