package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTextsExtract(t *testing.T) {
	long := strings.Repeat("été and noir. ", 3*pieceSize/16)
	raw := crlf(mixed +
		"--b\nContent-Type: Application/(x)X-Said; name=\"text/html\"\n\n<b>caf\xc3\n" +
		"--b\nContent-Type: APPLICATION /\n x-said\nContent-Transfer-Encoding: quoted-printable\n\nsplit=\n=C3=A9\n" +
		"--b\nContent-Type: application/x-said\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment\n\n" +
		base64.StdEncoding.EncodeToString([]byte(long)) + "\n" +
		"--b\nContent-Type: application/x-said\nContent-Transfer-Encoding: x-unknown\n\nno\n" +
		"--b\nContent-Type: application/x-said-not\n\nno\n" +
		"--b\nContent-Type: application/x-said\n\n\n" +
		"--b\nContent-Type: text/plain\nContent-Type: application/x-said\n\ntext\n" +
		"--b\nContent-Type: message/rfc822\n\nContent-Type: application/x-said\n\ninner\n" +
		"--b--\n")
	want := []string{"B<B>CAF\uFFFD", "BSPLITE\u0301", "B" + string(fold(long)), "BTEXT", "BINNER"}
	root := &Parse(raw).Root
	for _, size := range []int{1, 2, 3, 7, pieceSize} {
		if got := textsOf(t, raw, root, false, size); !slices.Equal(got, want) {
			t.Errorf("size %d:\ngot  %.200q\nwant %.200q", size, got, want)
		}
	}
}

// Attachments of a message have places of their own, which stay the same.
func TestAttachmentPlaces(t *testing.T) {
	raw := crlf(mixed + strings.Repeat("--b\nContent-Type: application/x-said\n\n", 3) + "--b--\n")
	var places []int64
	s := Scratch{Extract: func(dst []byte, a *Attachment) []byte {
		places = append(places, a.At)
		return dst
	}}
	for range 2 {
		s.Texts(raw, &Parse(raw).Root, true, func(Piece) bool { return true })
	}
	if len(places) != 6 || !slices.Equal(places[:3], places[3:]) || len(slices.Compact(slices.Clone(places[:3]))) != 3 {
		t.Errorf("places %v", places)
	}
}

// failing takes so many bytes.
type failing struct{ left int }

var errFull = errors.New("full")

func (f *failing) Write(p []byte) (int, error) {
	n := min(len(p), f.left)
	f.left -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestAttachmentWriteTo(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789"), pieceSize/4)
	a := Attachment{body: body}
	var all bytes.Buffer
	if n, err := a.WriteTo(&all); err != nil || n != int64(len(body)) || !bytes.Equal(all.Bytes(), body) {
		t.Errorf("%d bytes, %v", n, err)
	}
	const room = pieceSize + 5
	if n, err := a.WriteTo(&failing{room}); n != room || !errors.Is(err, errFull) {
		t.Errorf("%d bytes, %v, want %d", n, err, room)
	}
}

// Asking about one more attachment takes no memory.
func TestTextsExtractAllocate(t *testing.T) {
	raw := crlf(fmt.Sprintf("%s--b\nContent-Type: application/x-said\nContent-Transfer-Encoding: base64\n\n%s\n--b--\n",
		mixed, base64.StdEncoding.EncodeToString(make([]byte, 3*pieceSize))))
	root := &Parse(raw).Root
	size := 0
	s := Scratch{Extract: func(dst []byte, a *Attachment) []byte {
		n, _ := a.WriteTo(&failing{1 << 30})
		return append(dst, make([]byte, n%7)...)
	}}
	walk := func() { s.Texts(raw, root, true, func(p Piece) bool { size += len(p.Text); return true }) }
	if n := testing.AllocsPerRun(10, walk); n > 1 { // the writer
		t.Errorf("%v allocations", n)
	}
}
