package storage

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"satchel/storage/codec"
)

// prepared is a message as it comes back from what Prepare has written.
func prepared(t testing.TB, m *NewMessage) *NewMessage {
	t.Helper()
	var b bytes.Buffer
	must(t, m.Prepare(&b))
	got := &NewMessage{Date: m.Date, Flags: m.Flags, Keywords: m.Keywords, UID: m.UID, ImportKey: m.ImportKey, ImportState: m.ImportState}
	if rest := ok[[]byte](t)(got.ReadPrepared(b.Bytes())); len(rest) > 0 {
		t.Fatalf("%d bytes are left", len(rest))
	}
	return got
}

// some is a message with a body of n bytes, in which columns are empty or missing.
func some(t *testing.T, rng *rand.Rand, header, n int) *NewMessage {
	m := ok[*NewMessage](t)(NewBody(text(rng, header), text(rng, n)))
	m.HasSent, m.Sent, m.SentZone = true, -5, -90
	m.Envelope, m.Structure, m.HeadText = text(rng, 100), []byte{}, text(rng, 2*chunkSize)
	if preview := "pröview"; n%2 == 0 {
		m.Preview, m.SortKeys = &preview, []byte("keys")
	}
	return m
}

func TestPreparedColumns(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for _, n := range []int{0, 1, 1000, chunkSize, chunkSize + 1, 3 * chunkSize} {
		for _, header := range []int{0, 100, 3 * chunkSize} {
			m := some(t, rng, header, n)
			got := prepared(t, m)
			if got.Size != m.Size || !got.HasSent || got.Sent != m.Sent || got.SentZone != m.SentZone {
				t.Errorf("%d bytes, sent %v %d %d", got.Size, got.HasSent, got.Sent, got.SentZone)
			}
			if (got.Preview == nil) != (m.Preview == nil) || got.Preview != nil && *got.Preview != *m.Preview {
				t.Errorf("preview %v", got.Preview)
			}
			for i, pair := range [][2][]byte{{got.Envelope, m.Envelope}, {got.Structure, m.Structure}, {got.Parts, m.Parts},
				{got.HeadText, m.HeadText}, {got.SortKeys, m.SortKeys}, {got.Header, m.Header}} {
				if !bytes.Equal(pair[0], pair[1]) || i < 5 && (pair[0] == nil) != (pair[1] == nil) {
					t.Errorf("column %d: %.50q, want %.50q", i, pair[0], pair[1])
				}
			}
			var body []byte
			for i, stored := range got.chunks {
				body = ok[[]byte](t)(codec.Unpack(body, stored, min(n-i*chunkSize, chunkSize)))
			}
			if !bytes.Equal(body, m.body) {
				t.Errorf("%d bytes of body, want %d", len(body), n)
			}
		}
	}
}

// TestPreparedCut: what was cut off somewhere is an error, and messages behind one
// another come back one by one, into the same one.
func TestPreparedCut(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	var b bytes.Buffer
	must(t, some(t, rng, 100, 2*chunkSize).Prepare(&b))
	for range 500 {
		if _, err := new(NewMessage).ReadPrepared(b.Bytes()[:rng.IntN(b.Len())]); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	must(t, some(t, rng, 10, 33).Prepare(&b))
	var m NewMessage
	rest := ok[[]byte](t)(m.ReadPrepared(b.Bytes()))
	rest = ok[[]byte](t)(m.ReadPrepared(rest))
	if len(rest) > 0 || m.Size != 43 || len(m.chunks) != 1 || m.SortKeys != nil || m.Preview != nil {
		t.Errorf("%d bytes are left, %+v", len(rest), m)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestPrepareFails(t *testing.T) {
	for _, n := range []int{10, 5 * chunkSize} {
		m := ok[*NewMessage](t)(NewBody(nil, make([]byte, n)))
		if err := m.Prepare(failing{}); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
