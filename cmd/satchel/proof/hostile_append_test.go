package proof

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// What clients may have the server hold that send messages at the same time, all of
// them together, in the middle of their commands and after these.
const (
	stalledClients = 8
	stalledMemory  = 128 << 10 // KiB
)

// stalled is a MULTIAPPEND of messages that stops in the middle.
type stalled struct {
	name           string
	messages, size int
}

// TestHostileAppend: clients send all that a command may have, and then wait before they
// end it. What waits is on disk, and so is most of a large message that is being stored.
func TestHostileAppend(t *testing.T) {
	for _, s := range []stalled{
		{"messages of 17 KB", 1500, 17_000},
		{"messages of 900 KB", 30, 900_000},
		{"tiny messages", 9_900, 30},
		{"a large message", 1, 25_000_000},
	} {
		t.Run(s.name, func(t *testing.T) {
			p := start(t, newData(t))
			login(t, p, user).append(letter("bait@example.org"))
			before := p.memory(t, "Anonymous")
			clients := make([]*client, stalledClients)
			for i := range clients {
				clients[i] = login(t, p, user)
			}
			for _, step := range []struct {
				name string
				run  func(*client) error
			}{{"sent", s.send}, {"stored", s.finish}} {
				together(t, clients, step.run)
				grown := p.memory(t, "Anonymous") - before
				t.Logf("%s: grown by %d KiB", step.name, grown)
				if grown > stalledMemory {
					t.Errorf("%s: the process grew by %d KiB, at most %d are allowed", step.name, grown, stalledMemory)
				}
			}
			p.stop(t)
		})
	}
}

func together(t *testing.T, clients []*client, run func(*client) error) {
	t.Helper()
	var wg sync.WaitGroup
	for _, c := range clients {
		c.SetDeadline(time.Now().Add(2 * time.Minute))
		wg.Go(func() {
			if err := run(c); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// send sends all messages and the announcement of one more: that the server asks for
// it says that it has read the others.
func (s stalled) send(c *client) error {
	fmt.Fprintf(c, "z APPEND INBOX")
	noise := rand.NewChaCha8([32]byte{1})
	message := make([]byte, s.size)
	for range s.messages {
		noise.Read(message)
		for i := range message {
			message[i] |= 1 // no NUL
		}
		copy(message, "Subject: x\r\n\r\n")
		fmt.Fprintf(c, " {%d+}\r\n%s", len(message), message)
	}
	fmt.Fprintf(c, " {5}\r\n")
	return expect(c, "+ ")
}

func (s stalled) finish(c *client) error {
	fmt.Fprintf(c, "hello\r\n")
	return expect(c, "z OK")
}

// expect reads until a response that begins with want, or the end of the command.
func expect(c *client, want string) error {
	for {
		r, err := c.response()
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(r, want):
			return nil
		case strings.HasPrefix(r, "z "):
			return fmt.Errorf("%s, want %s", r, want)
		}
	}
}
