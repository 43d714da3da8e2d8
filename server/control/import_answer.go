package control

import "fmt"

// importMessages takes messages until the client says that there are no more.
func importMessages(l *Local, s *stream, to Target) error {
	imp, err := l.Import(to)
	if err != nil {
		return err
	}
	defer imp.Abort()
	if err := s.send(kindItem, importReady{imp.KeepsUIDs(), imp.Mailbox(), imp.Limit()}); err != nil {
		return err
	}
	for {
		if err := s.flush(); err != nil {
			return err
		}
		k, b, err := s.next()
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		if k == kindFinish {
			return finishImport(imp, s, b)
		}
		if err := importFrame(imp, s, k, b); err != nil {
			return err
		}
	}
}

// importFrame answers a question about keys, or takes changes or a message.
func importFrame(imp Import, s *stream, k kind, b []byte) error {
	switch k {
	case kindKeys:
		keys, err := parse[[][]byte](b)
		if err != nil {
			return err
		}
		known, err := imp.Known(keys)
		if err != nil {
			return err
		}
		return s.send(kindItem, known)
	case kindChanges:
		c, err := parse[Changes](b)
		if err != nil {
			return err
		}
		n, err := imp.Change(c)
		if err != nil {
			return err
		}
		return s.send(kindItem, n)
	case kindMessage:
		m, err := parse[Message](b)
		if err != nil {
			return err
		}
		msg := &body{s: s}
		if err := imp.Add(&m, msg); err != nil {
			return err
		}
		return msg.drain()
	}
	return errProtocol
}

func finishImport(imp Import, s *stream, b []byte) error {
	end, err := parse[End](b)
	if err != nil {
		return err
	}
	tally, err := imp.Finish(end)
	if err != nil {
		return err
	}
	return s.send(kindResult, tally)
}
