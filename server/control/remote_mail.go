package control

import (
	"encoding/json"
	"io"

	"satchel/backend"
)

// Deliver implements Admin.
func (r *Remote) Deliver(to Destination, msg io.Reader) (receipt backend.Receipt, err error) {
	s, err := r.begin(opDeliver, to)
	if err != nil {
		return receipt, err
	}
	defer s.conn.Close()
	broken, err := s.sendBytes(msg, make([]byte, dataFrame))
	if err != nil {
		return receipt, s.lost(err)
	}
	if err = s.result(&receipt); broken != nil {
		return receipt, broken
	}
	return receipt, err
}

// Export implements Admin.
func (r *Remote) Export(account, mailbox string, each func(m *Message, body io.Reader) error) error {
	s, err := r.begin(opExport, exportArgs{account, mailbox})
	if err != nil {
		return err
	}
	defer s.conn.Close()
	return s.answers(func(k kind, b []byte) error { return s.exported(k, b, each) })
}

func (s *stream) exported(k kind, b []byte, each func(m *Message, body io.Reader) error) error {
	var m Message
	if k != kindMessage || json.Unmarshal(b, &m) != nil {
		return errProtocol
	}
	msg := &body{s: s}
	if err := each(&m, msg); err != nil {
		return err
	}
	return msg.drain()
}

// remoteImport is an import over the socket.
type remoteImport struct {
	s     *stream
	ready importReady
	buf   []byte
}

// Import implements Admin.
func (r *Remote) Import(to Target) (Import, error) {
	s, err := r.begin(opImport, to)
	if err != nil {
		return nil, err
	}
	var ready importReady
	if err := s.item(&ready); err != nil {
		s.conn.Close()
		return nil, err
	}
	return &remoteImport{s: s, ready: ready, buf: make([]byte, dataFrame)}, nil
}

// KeepsUIDs implements Import.
func (i *remoteImport) KeepsUIDs() bool { return i.ready.KeepsUIDs }

// Mailbox implements Import.
func (i *remoteImport) Mailbox() string { return i.ready.Mailbox }

// Limit implements Import.
func (i *remoteImport) Limit() int64 { return i.ready.Limit }

// Known implements Import.
func (i *remoteImport) Known(keys [][]byte) ([]bool, error) {
	if err := i.s.send(kindKeys, keys); err != nil {
		return nil, i.s.lost(err)
	}
	var known []bool
	if err := i.s.item(&known); err != nil {
		return nil, err
	}
	if len(known) != len(keys) {
		return nil, errProtocol
	}
	return known, nil
}

// Add implements Import.
func (i *remoteImport) Add(m *Message, body io.Reader) error {
	if err := i.s.send(kindMessage, m); err != nil {
		return i.s.lost(err)
	}
	// A message that cannot be read is counted at the other end.
	if _, err := i.s.sendBytes(body, i.buf); err != nil {
		return i.s.lost(err)
	}
	return nil
}

// Change implements Import.
func (i *remoteImport) Change(c Changes) (changed int, err error) {
	if err := i.s.send(kindChanges, c); err != nil {
		return 0, i.s.lost(err)
	}
	return changed, i.s.item(&changed)
}

// Finish implements Import.
func (i *remoteImport) Finish(end End) (Tally, error) {
	defer i.s.conn.Close()
	var t Tally
	if err := i.s.send(kindFinish, end); err != nil {
		return t, i.s.lost(err)
	}
	return t, i.s.result(&t)
}

// Abort implements Import.
func (i *remoteImport) Abort() { i.s.conn.Close() }
