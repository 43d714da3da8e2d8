package storage

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

// bodies are messages that differ in how they compress and where they are cut.
func bodies(rng *rand.Rand) map[string][]byte {
	noise := func(n int) []byte { return noise(rng, n) }
	list := map[string][]byte{
		"empty":     {},
		"one":       {0},
		"zeros":     make([]byte, 3*chunkSize),
		"bare CR":   bytes.Repeat([]byte("a\rb\nc\r\n\x00"), 5000),
		"mixed":     append(append(noise(chunkSize-7), text(rng, chunkSize)...), noise(11)...),
		"two":       noise(2 * chunkSize),
		"short":     text(rng, 63),
		"text 5000": text(rng, 5000),
		"base64":    text(rng, 500),
	}
	for range 2 * chunkSize / 57 {
		list["base64"] = append(base64.StdEncoding.AppendEncode(list["base64"], noise(57)), "\r\n"...)
	}
	for _, n := range []int{64, chunkSize - 1, chunkSize, chunkSize + 1} {
		list[fmt.Sprint("text ", n)] = text(rng, n)
		list[fmt.Sprint("noise ", n)] = noise(n)
	}
	return list
}

func TestRangesOfMessages(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rng := rand.New(rand.NewPCG(7, 7))
	for name, body := range bodies(rng) {
		for _, headerSize := range []int{0, 300, packedHeader + 1} {
			header := text(rng, headerSize)
			whole := append(append([]byte(nil), header...), body...)
			n := ok[*NewMessage](t)(NewBody(header, body))
			if rng.IntN(2) == 0 {
				n = prepared(t, n)
			}
			var e Entry
			commit(t, m, func(tx *Tx) { e = ok[Entry](t)(tx.Append(box, n)) })
			checkRanges(t, m, rng, fmt.Sprintf("%s after a header of %d", name, headerSize), e.Message, whole, headerSize)
		}
	}
}

// checkRanges reads around every place where something begins or ends, and anywhere else.
func checkRanges(t *testing.T, m *Mail, rng *rand.Rand, name string, id MessageID, whole []byte, headerSize int) {
	t.Helper()
	var edges []int
	for _, at := range []int{0, headerSize, headerSize + chunkSize, headerSize + 2*chunkSize, len(whole)} {
		edges = append(edges, at-1, at, at+1)
	}
	for range 5 {
		edges = append(edges, rng.IntN(len(whole)+2))
	}
	prefix := []byte("before ")
	for _, from := range edges {
		for range 4 {
			to := edges[rng.IntN(len(edges))]
			got, err := m.AppendBytes(prefix, id, int64(from), int64(to))
			lo, hi := min(max(from, 0), len(whole)), min(max(to, 0), len(whole))
			want := whole[lo:max(lo, hi)]
			if err != nil || !bytes.Equal(got[len(prefix):], want) || !bytes.HasPrefix(got, prefix) {
				t.Fatalf("%s: bytes %d to %d: %d bytes, %v, want %d", name, from, to, len(got)-len(prefix), err, len(want))
			}
		}
	}
}

func TestMessages(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rng := rand.New(rand.NewPCG(9, 9))
	var letters []*NewMessage
	commit(t, m, func(tx *Tx) {
		for i := range 300 {
			n := letter(t, rng, 500+i*20)
			n.HasSent, n.Sent, n.SentZone = i%2 == 0, -int64(i), int32(-i)
			if i%3 == 0 {
				n.Envelope, n.HeadText = nil, []byte{}
			}
			letters = append(letters, n)
			ok[Entry](t)(tx.Append(box, n))
		}
	})
	var into []Message
	for cols := range Columns(1 << 6) {
		for name, ids := range map[string][]MessageID{
			"dense": {5, 6, 7, 9, 10}, "sparse": {1, 299}, "unsorted": {200, 3, 3, 100}, "missing": {298, 299, 300, 301, 5000}, "none": {},
		} {
			into = ok[[]Message](t)(m.Messages(ids, cols, into))
			for i, id := range ids {
				if want := wanted(letters, id, cols); !sameMessage(&into[i], &want) {
					t.Fatalf("%s, columns %b, message %d: %+v, want %+v", name, cols, id, into[i], want)
				}
			}
		}
	}
}

func wanted(letters []*NewMessage, id MessageID, cols Columns) (w Message) {
	if int(id) > len(letters) {
		return w
	}
	n := letters[id-1]
	w = Message{ID: id, Size: n.Size, HeaderSize: uint32(len(n.Header))}
	for _, c := range []struct {
		bit  Columns
		to   *[]byte
		from []byte
	}{
		{ColEnvelope, &w.Envelope, n.Envelope}, {ColStructure, &w.Structure, n.Structure}, {ColParts, &w.Parts, n.Parts},
		{ColHeadText, &w.HeadText, n.HeadText}, {ColHeader, &w.Header, n.Header},
	} {
		if cols&c.bit != 0 {
			*c.to = c.from
		}
	}
	if cols&ColSent != 0 && n.HasSent {
		w.HasSent, w.Sent, w.SentZone = true, n.Sent, n.SentZone
	}
	return w
}

func sameMessage(a, b *Message) bool {
	return a.ID == b.ID && a.Size == b.Size && a.HeaderSize == b.HeaderSize && a.HasSent == b.HasSent && a.Sent == b.Sent &&
		a.SentZone == b.SentZone && bytes.Equal(a.Envelope, b.Envelope) && bytes.Equal(a.Structure, b.Structure) &&
		bytes.Equal(a.Parts, b.Parts) && bytes.Equal(a.HeadText, b.HeadText) && bytes.Equal(a.Header, b.Header)
}

// A message of 100 MB comes back as it went in, and takes no more space than it should.
func TestLargeMessage(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 100 MB")
	}
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	const size = 100 << 20
	body := make([]byte, size)
	rand.NewChaCha8([32]byte{1}).Read(body)
	n := prepared(t, ok[*NewMessage](t)(NewBody([]byte("a: b\r\n\r\n"), body)))
	commit(t, m, func(tx *Tx) { ok[Entry](t)(tx.Append(box, n)) })
	buf := make([]byte, 0, 1<<20)
	for from := int64(8); from < size+8; from += 1 << 20 {
		buf = ok[[]byte](t)(m.AppendBytes(buf[:0], 1, from, from+1<<20))
		if !bytes.Equal(buf, body[from-8:from-8+1<<20]) {
			t.Fatalf("the bytes differ from %d on", from)
		}
	}
	must(t, m.Checkpoint())
	if info := ok[os.FileInfo](t)(os.Stat(m.path)); info.Size() > size+size/100 {
		t.Errorf("the file has %d bytes", info.Size())
	}
}

// The account of the last leaf must agree with SQLite's pages closely enough to leave little of them unused.
func TestPagesAreFilled(t *testing.T) {
	m := openTest(t)
	box := newMailbox(t, m, "INBOX")
	rng := rand.New(rand.NewPCG(3, 3))
	empty := ok[int64](t)(m.write.queryInt("PRAGMA page_count"))
	total := int64(0)
	commit(t, m, func(tx *Tx) {
		for range 500 {
			body := noise(rng, 3000+rng.IntN(6000))
			total += int64(len(body))
			ok[Entry](t)(tx.Append(box, ok[*NewMessage](t)(NewBody(nil, body))))
		}
	})
	pages := ok[int64](t)(m.write.queryInt("PRAGMA page_count"))
	if used := (pages - empty) * mailPageSize; used > total+total/20 {
		t.Errorf("%d bytes of mail in %d bytes", total, used)
	}
}
