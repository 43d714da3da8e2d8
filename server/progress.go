package server

import (
	"time"

	"satchel/server/wire"
)

// lookEvery is how often a command that takes long looks whether its client is there.
const lookEvery = 100 * time.Millisecond

// progress tells the client of a search that takes long: RFC 9585, 4. The function
// it gives is called as the work goes on, with nothing held; an error of it is the
// connection's, which has ended, and ends the work.
func (s *session) progress() func(done, total int) error {
	every := s.srv.cfg.Progress
	now := time.Now()
	look, tell := now.Add(lookEvery), now.Add(every)
	return func(done, total int) error {
		now := time.Now()
		if !now.Before(look) {
			look = now.Add(lookEvery)
			if err := s.wire.Gone(); err != nil {
				return err
			}
		}
		if now.Before(tell) {
			return nil
		}
		tell = now.Add(every)
		b := wire.AppendQuoted(append(s.begin(), "* OK [INPROGRESS ("...), s.wire.Tag())
		b = wire.AppendNumber(append(b, ' '), uint64(done))
		b = wire.AppendNumber(append(b, ' '), uint64(total))
		b = append(b, ")] Searching\r\n"...)
		if err := s.end(b); err != nil {
			return err
		}
		return s.wire.Flush()
	}
}
