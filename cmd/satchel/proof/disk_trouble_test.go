package proof

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// What can become of a message on a failing disk.
var (
	errRefused = errors.New("not taken")
	errShut    = errors.New("not let in") // which the server takes its time to say
)

// trouble brings messages from several connections and changes mailboxes over others, whatever the answers are, and
// returns how many were refused. Where logins fail there are few: each takes two seconds.
func trouble(p *program, round int, acked *ledger) (refused int) {
	const messages = 40
	var crowd sync.WaitGroup
	var mu sync.Mutex
	try := func(bring func(id string) error, suffix string) {
		for n, shut := 0, 0; n < messages && shut < 2; n++ {
			err := bring(fmt.Sprintf("%d.%s", n, suffix))
			if err == errShut {
				shut++
			}
			if err != nil {
				mu.Lock()
				refused++
				mu.Unlock()
			}
		}
	}
	for i := range 3 {
		crowd.Go(func() { try(shuffling(p, uint64(3*round+i)), "") })
		crowd.Go(func() { try(carrying(p, acked), fmt.Sprintf("%d.%d.lmtp@example.org", round, i)) })
		crowd.Go(func() { try(appending(p, acked), fmt.Sprintf("%d.%d.imap@example.org", round, i)) })
	}
	crowd.Wait()
	return refused
}

// carrying brings a message by LMTP, appending by IMAP, over a connection of each one's own.
func carrying(p *program, acked *ledger) func(id string) error {
	return func(id string) error {
		c, err := lmtp(p.lmtp)
		if err != nil {
			return errRefused
		}
		defer c.Close()
		r, err := c.deliver(user, letter(id))
		if err != nil || !strings.HasPrefix(r, "250") {
			return errRefused
		}
		acked.note(id, 0)
		return nil
	}
}

// enter logs in. Its errors are errRefused and errShut.
func enter(p *program) (*client, error) {
	c, err := connect(p.imap, false)
	if err != nil {
		return nil, errRefused
	}
	if _, status, err := c.do("LOGIN %s %q", user, password); err != nil || !strings.HasPrefix(status, "OK") {
		c.Close()
		return nil, errShut
	}
	return c, nil
}

func appending(p *program, acked *ledger) func(id string) error {
	return func(id string) error {
		c, err := enter(p)
		if err != nil {
			return err
		}
		defer c.Close()
		status, err := c.append(letter(id))
		m := appendUID.FindStringSubmatch(status)
		if err != nil || m == nil {
			return errRefused
		}
		uid, _ := strconv.ParseInt(m[1], 10, 64)
		acked.note(id, uid)
		return nil
	}
}
