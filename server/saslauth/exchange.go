package saslauth

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"satchel/backend"
)

// userLog is how much of a name that somebody tried to log in with is logged.
const userLog = 128

// errCrowded says that all exchanges that a connection may have are being worked on.
var errCrowded = errors.New("too many logins at once")

// exchange is one login under way. The fields that change are guarded by the session's mu.
type exchange struct {
	request
	sasl *backend.Exchange
	busy bool // a step runs; otherwise the client has to speak
	gone bool // nobody waits for its end
}

// begin starts the exchange that the MTA asks for.
func (c *session) begin(r request) error {
	if why := c.refuses(r); why != "" {
		c.write(line("FAIL", r.id, "reason="+why))
		return nil
	}
	x, err := c.srv.backend.Identify(c.ctx, r.mechanism, backend.SASLConn{Remote: r.remote})
	if err != nil {
		return err
	}
	e := &exchange{request: r, sasl: x, busy: true}
	switch err := c.enter(e); {
	case errors.Is(err, errCrowded):
		c.write(line("FAIL", r.id, "temp", "reason=Too many logins at once"))
	case err != nil:
		return err
	default:
		c.steps.Go(func() { c.step(e, r.initial) })
	}
	return nil
}

// refuses says why a login is not even begun, "" when it is.
func (c *session) refuses(r request) string {
	i := slices.IndexFunc(c.srv.mechanisms, func(m mechanism) bool { return m.name == r.mechanism })
	switch {
	case i < 0:
		return "No such mechanism"
	case c.srv.mechanisms[i].plain && !r.secured && !r.remote.IsLoopback():
		// RFC 4954, 4: no password in the clear, except from the machine itself. This one has passed, but must not work.
		c.srv.cfg.Log.Warn("login without TLS refused", "rip", r.remote.String(), "method", r.mechanism, "service", short(r.service))
		return "Use TLS first"
	}
	return ""
}

// enter notes an exchange among those under way. errCrowded when there is no room, errSyntax when its number is taken.
func (c *session) enter(e *exchange) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.find(e.id) >= 0 {
		return errSyntax
	}
	if len(c.exchanges) >= maxExchanges {
		i := slices.IndexFunc(c.exchanges, func(o *exchange) bool { return !o.busy })
		if i < 0 {
			return errCrowded
		}
		c.exchanges = slices.Delete(c.exchanges, i, i+1)
	}
	c.exchanges = append(c.exchanges, e)
	return nil
}

// proceed gives an exchange what its client has said.
func (c *session) proceed(id uint32, response []byte) error {
	c.mu.Lock()
	i := c.find(id)
	if i < 0 {
		c.mu.Unlock()
		c.write(line("FAIL", id, "temp", "reason=The login was given up"))
		return nil
	}
	e := c.exchanges[i]
	if e.busy {
		c.mu.Unlock()
		return errSyntax // it was not asked
	}
	e.busy = true
	c.mu.Unlock()
	c.steps.Go(func() { c.step(e, response) })
	return nil
}

// forget gives up an exchange without an answer.
func (c *session) forget(id uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := c.find(id); i >= 0 {
		c.exchanges[i].gone = true
		if !c.exchanges[i].busy {
			c.exchanges = slices.Delete(c.exchanges, i, i+1)
		}
	}
}

// find is the place of an exchange, -1 for none. The caller holds mu.
func (c *session) find(id uint32) int {
	return slices.IndexFunc(c.exchanges, func(e *exchange) bool { return e.id == id })
}

// step goes on with an exchange, and answers.
func (c *session) step(e *exchange, response []byte) {
	challenge, done, err := e.sasl.Next(response)
	var answer string
	switch {
	case err != nil:
		answer = c.failed(e, err)
	case done:
		c.succeeded(e)
		answer = line("OK", e.id, "user="+escape(e.sasl.Name()))
	default:
		answer = line("CONT", e.id, base64.StdEncoding.EncodeToString(challenge))
	}
	if c.rest(e, err != nil || done) {
		c.write(answer)
	}
}

// rest notes that no step of the exchange runs any more, and reports whether it is to be answered.
func (c *session) rest(e *exchange, over bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	e.busy = false
	if i := slices.Index(c.exchanges, e); (over || e.gone) && i >= 0 {
		c.exchanges = slices.Delete(c.exchanges, i, i+1)
	}
	return !e.gone
}

// succeeded logs a login, and by which app password it was.
func (c *session) succeeded(e *exchange) {
	args := []any{"rip", e.remote.String(), "user", short(e.sasl.User()), "account", e.sasl.Name(), "method", e.mechanism, "service", short(e.service)}
	if label := e.sasl.By().Label; label != "" {
		args = append(args, "label", label)
	}
	c.srv.cfg.Log.Info("login", args...)
}

// failed logs an attempt in the words of the IMAP server, lets the client wait, and says what to answer.
func (c *session) failed(e *exchange, err error) string {
	if c.ctx.Err() == nil {
		c.srv.cfg.Log.Warn("login failed", "rip", e.remote.String(), "user", short(e.sasl.User()), "method", e.mechanism,
			"reason", backend.FailureReason(err), "service", short(e.service))
		timer := time.NewTimer(c.srv.cfg.LoginDelay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-c.ctx.Done():
		}
	}
	return line("FAIL", e.id, append([]string{"user=" + escape(short(e.sasl.User()))}, verdict(err)...)...)
}

// verdict is what the MTA learns of a failure. "temp" has it tell its client to try again.
func verdict(err error) []string {
	switch {
	case errors.Is(err, backend.ErrAuth):
		return []string{"reason=Wrong name or password"}
	case errors.Is(err, backend.ErrDisabled):
		return []string{"user_disabled", "reason=This account is disabled"}
	case errors.Is(err, backend.ErrTooMany):
		return []string{"temp", "reason=Too many attempts to log in, try again later"}
	case errors.Is(err, backend.ErrSASL):
		return []string{"reason=Not a valid response"}
	}
	return []string{"temp", "reason=Trouble here, try again later"}
}

// short keeps of a client's text what goes into the log.
func short(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), userLog)], "?")
}
