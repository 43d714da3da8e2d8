package server

import (
	"time"

	"satchel/server/wire"
)

// progress tells the client of a command that takes long: RFC 9585, 4. The function
// it gives is called as the work goes on, with nothing held; an error of it is the
// connection's, and ends the work.
func (s *session) progress(text string) func(done, total int) error {
	every := s.srv.cfg.Progress
	next := time.Now().Add(every)
	return func(done, total int) error {
		now := time.Now()
		if now.Before(next) {
			return nil
		}
		next = now.Add(every)
		b := wire.AppendQuoted(append(s.begin(), "* OK [INPROGRESS ("...), s.wire.Tag())
		b = wire.AppendNumber(append(b, ' '), uint64(done))
		b = wire.AppendNumber(append(b, ' '), uint64(total))
		b = append(append(append(b, ")] "...), text...), "\r\n"...)
		if err := s.end(b); err != nil {
			return err
		}
		return s.wire.Flush()
	}
}
