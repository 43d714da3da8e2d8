package lmtp

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"satchel/backend"
	"satchel/server/printable"
)

// session is one LMTP connection and the message it is bringing.
type session struct {
	srv   *Server
	conn  *smtp.Conn
	frame *frame
	log   *slog.Logger

	from       string
	size       int64 // as the client says (RFC 1870), 0 if it does not
	utf8       bool
	recipients []string // as go-smtp knows them
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	f, ok := c.Conn().(*frame)
	if !ok {
		return nil, errors.New("not a connection of this server")
	}
	return &session{srv: s, conn: c, frame: f, log: s.cfg.Log.With("rip", peer(c.Conn()), "session", f.id)}, nil
}

// peer names the other end: its address, or "unix" for a unix socket.
func peer(c net.Conn) string {
	if tcp, ok := c.RemoteAddr().(*net.TCPAddr); ok {
		return tcp.IP.String()
	}
	return "unix"
}

// Reset forgets the message (RSET, and after each one).
func (s *session) Reset() {
	s.from, s.size, s.utf8, s.recipients = "", 0, false, nil
}

// Logout has nothing to give back.
func (s *session) Logout() error { return nil }

// Mail begins a message.
func (s *session) Mail(from string, opts *smtp.MailOptions) error {
	s.from, s.size, s.utf8 = asGiven(from), opts.Size, opts.UTF8
	return nil
}

// Rcpt answers for a recipient before there is a message.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	info, _, err := s.srv.backend.Resolve(asGiven(to))
	if err == nil {
		err = s.srv.backend.Admit(info, max(s.size, 1))
	}
	if err != nil {
		s.log.Info("recipient refused", "to", shown(asGiven(to)), "from", shown(s.from), "reason", err)
		return answer(err)
	}
	s.recipients = append(s.recipients, to)
	return nil
}

// Data is not called: LMTPData is.
func (s *session) Data(r io.Reader) error { return s.LMTPData(r, nil) }

// LMTPData takes the message and delivers it to each recipient; RFC 2033, 4.2: each gets an answer of its own.
func (s *session) LMTPData(r io.Reader, status smtp.StatusCollector) error {
	if s.frame.data != nil { // DATA, not BDAT
		r = s.frame.data
	}
	spool := s.srv.backend.NewSpool()
	defer spool.Close()
	if _, err := spool.ReadFrom(r); err != nil {
		s.log.Warn("message refused", "from", shown(s.from), "recipients", len(s.recipients), "reason", err)
		return answer(err)
	}
	id := fmt.Sprintf("%x.%x", time.Now().UnixMilli(), s.srv.sequence.Add(1))
	d, err := s.srv.backend.NewDelivery(s.from, s.received(id), spool)
	if err != nil {
		s.log.Warn("message refused", "id", id, "from", shown(s.from), "recipients", len(s.recipients), "reason", err)
		return answer(err)
	}
	defer d.Close()
	for _, to := range s.recipients {
		status.SetStatus(to, s.deliver(d, asGiven(to), id, spool.Size()))
	}
	return nil
}

// deliver brings the message to one recipient and logs what became of it.
func (s *session) deliver(d *backend.Delivery, to, id string, size int64) error {
	began := time.Now()
	receipt, err := d.To(to)
	origin := d.Origin()
	log := s.log.With("id", id, "queue", shown(origin.Queue), "to", shown(to), "from", shown(s.from), "size", size,
		"message_id", shown(origin.MessageID), "duration", time.Since(began).Round(time.Microsecond))
	if err != nil {
		log.Warn("delivery failed", "reason", err)
		return answer(err)
	}
	log.Info("delivered", "account", receipt.Account, "mailbox", receipt.Mailbox, "uid", receipt.UID)
	return &smtp.SMTPError{Code: 250, EnhancedCode: smtp.EnhancedCode{2, 1, 5}, Message: "Saved as " + id}
}

// shown is how an address, or an id from a message, stands in the log.
func shown(text string) string { return printable.Text(text, 320) }

// received is the trace field of RFC 5321, 4.4, the protocol by the names of RFC 3848 and RFC 6531.
func (s *session) received(id string) string {
	protocol := "LMTP"
	if s.utf8 {
		protocol = "UTF8LMTP"
	}
	from := plain(s.conn.Hostname())
	if ip := peer(s.conn.Conn()); ip != "unix" {
		from += " ([" + ip + "])"
	}
	return fmt.Sprintf("Received: from %s\r\n\tby %s with %s id %s;\r\n\t%s\r\n",
		from, plain(s.srv.cfg.Hostname), protocol, id, time.Now().Format("Mon, 2 Jan 2006 15:04:05 -0700"))
}

// plain keeps of a name what may stand in a Received field.
func plain(name string) string {
	if len(name) > 255 {
		name = name[:255]
	}
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f || strings.ContainsRune(`()<>;,\"`, r) {
			return '?'
		}
		return r
	}, name)
}
