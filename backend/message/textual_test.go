package message

import (
	"bytes"
	"testing"
)

// TestWriteText: binary parts with a NUL become base64 that decodes to the same
// bytes; nothing else changes.
func TestWriteText(t *testing.T) {
	const mime = "MIME-Version: 1.0\r\n"
	for _, tt := range []struct{ in, want string }{
		{"A: b\r\n\r\nx\x00y", "A: b\r\n\r\nx\x00y"},
		{"Content-Transfer-Encoding: binary\r\n\r\nx\x00y", "Content-Transfer-Encoding: binary\r\n\r\nx\x00y"},
		{mime + "Content-Transfer-Encoding: binary\r\n\r\nxy", mime + "Content-Transfer-Encoding: binary\r\n\r\nxy"},
		{mime + "Content-Transfer-Encoding: 8bit\r\n\r\n\x00", mime + "Content-Transfer-Encoding: 8bit\r\n\r\n\x00"},
		{mime + "content-transfer-encoding:\r\n BINARY\r\nX: y\r\n\r\n\x00\x01\x02", mime + "content-transfer-encoding: base64\r\nX: y\r\n\r\nAAEC"},
		{
			"Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n--b\r\nContent-Transfer-Encoding: binary\r\n\r\n\x00\r\n--b\r\n\r\nz\x00\r\n--b--\r\n",
			"Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: binary\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAA==\r\n--b\r\n\r\nz\x00\r\n--b--\r\n",
		},
	} {
		var got bytes.Buffer
		if err := WriteText(&got, []byte(tt.in), BinaryParts([]byte(tt.in), &Parse([]byte(tt.in)).Root)); err != nil || got.String() != tt.want {
			t.Errorf("%q:\ngot  %q, %v\nwant %q", tt.in, got.String(), err, tt.want)
		}
	}
}

func FuzzWriteText(f *testing.F) {
	addMail(f)
	f.Add([]byte("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: binary\r\n\r\n\x00\r\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		root := &Parse(raw).Root
		parts := BinaryParts(raw, root)
		var text bytes.Buffer
		if err := WriteText(&text, raw, parts); err != nil {
			t.Fatal(err)
		}
		if len(parts) == 0 && !bytes.Equal(text.Bytes(), raw) {
			t.Fatalf("%q changed into %q", raw, text.Bytes())
		}
		if text.Len() > 2*len(raw)+16*len(parts) {
			t.Fatalf("%d bytes became %d", len(raw), text.Len())
		}
	})
}
