package storage

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestLend compares the rows with those that the driver copies, and stops in the middle now and then.
func TestLend(t *testing.T) {
	m := openTest(t)
	c := m.write
	must(t, c.script("CREATE TABLE lent (id INTEGER PRIMARY KEY, n INTEGER, data BLOB)"))
	rng := rand.New(rand.NewPCG(11, 11))
	for id := range int64(60) {
		data := noise(rng, rng.IntN(4)*rng.IntN(30_000))
		must(t, c.exec("INSERT INTO lent VALUES (?, ?, ?)", id, rng.Int64()-rng.Int64(), data))
	}
	type found struct {
		id, n int64
		data  []byte
	}
	errEnough := errors.New("enough")
	for range 100 {
		first, last, most := rng.Int64N(60), rng.Int64N(60), 1+rng.IntN(30)
		var want, got []found
		err := c.query("SELECT id, n, data FROM lent WHERE id >= ? AND id <= ? ORDER BY id", func(r row) error {
			if want = append(want, found{r.int(0), r.int(1), r.blob(2)}); len(want) == most {
				return errStop
			}
			return nil
		}, first, last)
		must(t, err)
		err = c.lend("SELECT id, n, data FROM lent WHERE id BETWEEN ? AND ? ORDER BY id", func(r lentRow) error {
			if got = append(got, found{r.numbers[0], r.numbers[1], bytes.Clone(r.blob)}); len(got) == most {
				return errEnough
			}
			return nil
		}, first, last)
		if (len(got) == most) != (err == errEnough) || err != nil && err != errEnough {
			t.Fatalf("%d of at most %d rows: %v", len(got), most, err)
		}
		same := func(a, b found) bool { return a.id == b.id && a.n == b.n && bytes.Equal(a.data, b.data) }
		if !slices.EqualFunc(got, want, same) {
			t.Fatalf("%d rows from %d to %d, want %d", len(got), first, last, len(want))
		}
	}
}

// TestLendErrors has the errors that query gives, with the file's name.
func TestLendErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lent.db")
	const text = "SELECT id, data FROM lent WHERE id >= ?"
	c := ok[*conn](t)(openConn(path, mailOptions))
	must(t, c.script("CREATE TABLE lent (id INTEGER PRIMARY KEY, data BLOB); INSERT INTO lent VALUES (1, zeroblob(100000))"))
	root := ok[int64](t)(c.queryInt("SELECT rootpage FROM sqlite_schema WHERE name = 'lent'"))
	must(t, c.close())
	if err := c.lend(text, nil, 0); !errors.Is(err, errClosed) {
		t.Errorf("a closed file: %v", err)
	}
	f := ok[*os.File](t)(os.OpenFile(path, os.O_RDWR, 0))
	defer f.Close()
	ok[int](t)(f.WriteAt(bytes.Repeat([]byte{0xff}, mailPageSize), (root-1)*mailPageSize))
	c = ok[*conn](t)(openConn(path, mailOptions))
	defer c.close()
	err := c.lend(text, func(lentRow) error { return nil }, 0)
	if !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), path) {
		t.Errorf("a damaged page: %v", err)
	}
}
