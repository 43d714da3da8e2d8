package backend

import (
	"testing"

	"satchel/backend/message"
	"satchel/storage"
)

// unindexed opens an account that indexes only when it is told to.
func unindexed(t testing.TB) *Account {
	t.Helper()
	b, a := testAccountWith(t, Config{Data: t.TempDir(), NoIndex: true})
	b.cfg.NoIndex = false
	return a
}

// TestIndexDamagedHeadText: a field that does not exist is damage, of one message.
func TestIndexDamagedHeadText(t *testing.T) {
	a := unindexed(t)
	header := "Subject: red\r\n\r\n"
	m, err := storage.NewBody([]byte(header), []byte("blue\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	parsed := message.Parse([]byte(header + "blue\r\n"))
	m.Parts, m.HeadText = parsed.Root.AppendBinary(nil), []byte{200, 3, 'R', 'E', 'D'}
	if err := a.write(&change{run: func(tx *storage.Tx) error {
		_, err := tx.Append(a.byName["INBOX"].id, m)
		return err
	}}); err != nil {
		t.Fatal(err)
	}
	indexAll(t, a)
}
