package acme

import (
	"crypto/x509"
	"time"
)

// When the authority is asked how long a certificate should be kept (RFC 9773, 4.3.2).
const (
	askSoonest = time.Minute
	askLatest  = 24 * time.Hour
	askAgain   = 6 * time.Hour // after a question that was not answered
)

// pauses are the waits after failures, the last one for ever: few enough for the limit that Let's Encrypt sets, five
// failures an hour for a name.
var pauses = []time.Duration{time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour, 3 * time.Hour, 8 * time.Hour, 24 * time.Hour}

// longestWait bounds what an authority can ask for when it says when to come again.
const longestWait = 7 * 24 * time.Hour

// certificate is one that the manager looks after.
type certificate struct {
	name, file string
	unsaved    []byte // what belongs into the file and could not be written

	leaf     *x509.Certificate // nil while there is none
	renewAt  time.Time         // the zero time is at once
	window   window            // in which the authority would have it renewed
	askAt    time.Time         // when to ask for it next
	failures int               // in a row
	waitTill time.Time         // because of failures
	told     bool              // to wait, by the authority
}

// window is when an authority would have a certificate renewed.
type window struct{ start, end time.Time }

// have takes up a certificate, which the authority is then asked about.
func (c *certificate) have(leaf *x509.Certificate, now time.Time) {
	c.leaf, c.window, c.askAt = leaf, window{}, now
	c.renewAt = leaf.NotBefore.Add(life(leaf) * 2 / 3)
	c.failures, c.told, c.waitTill = 0, false, time.Time{}
}

// obtained takes up a certificate that is new. Whatever the authority says of it, it is not replaced at once.
func (c *certificate) obtained(leaf *x509.Certificate, now time.Time) {
	c.have(leaf, now)
	c.waitTill = now.Add(min(time.Hour, life(leaf)/8))
}

func life(leaf *x509.Certificate) time.Duration { return leaf.NotAfter.Sub(leaf.NotBefore) }

// suggested takes up when the authority would have the certificate renewed, at a time in the window that was chosen by
// chance, and when to ask again. The time stays as long as the window does.
func (c *certificate) suggested(w window, chosen, again, now time.Time) {
	if w != c.window {
		c.window = w
		// One that leaves no time for failures is not followed.
		c.renewAt = earlier(chosen, c.leaf.NotAfter.Add(-life(c.leaf)/8))
	}
	c.askAt = earlier(later(again, now.Add(askSoonest)), now.Add(askLatest))
}

// failed has the next try wait. retry is when the authority has said to come again, the zero time when it has not.
func (c *certificate) failed(now, retry time.Time) {
	c.waitTill = now.Add(pauses[min(c.failures, len(pauses)-1)])
	c.failures++
	if c.told = retry.After(c.waitTill); c.told {
		c.waitTill = earlier(retry, now.Add(longestWait))
	}
}

// setRight takes back waits that are longer than any is: they are of a clock that was ahead, and has been set back since.
func (c *certificate) setRight(now time.Time) {
	if c.waitTill.Sub(now) > longestWait {
		c.waitTill = now
	}
	if c.askAt.Sub(now) > askLatest {
		c.askAt = now
	}
}

// hurry has what has failed tried at once, unless the authority has said to wait.
func (c *certificate) hurry() {
	if c.failures > 0 && !c.told {
		c.waitTill = time.Time{}
	}
}

// orderAt is when a certificate is to be ordered.
func (c *certificate) orderAt() time.Time { return later(c.renewAt, c.waitTill) }

// next is when there is something to do.
func (c *certificate) next() time.Time {
	if c.leaf == nil {
		return c.orderAt()
	}
	return earlier(c.orderAt(), c.askAt)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
