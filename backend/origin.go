package backend

import (
	"bytes"
	"strings"

	"satchel/backend/message"
)

// Origin is what a message is called in the logs of those who passed it on, "" where
// it says nothing. It is what the message says, so it may be anything.
type Origin struct {
	MessageID string // with its angle brackets
	Queue     string // where it was handed in: the id of its first Received field
}

// Origin finds it in the message's header.
func (d *Delivery) Origin() Origin {
	return Origin{MessageID: field(d.ready.Header, "Message-ID"), Queue: queueOf(field(d.ready.Header, "Received"))}
}

// field is the first header field of a name, unfolded.
func field(header []byte, name string) string {
	first, _, _ := bytes.Cut(message.AppendHeaderFields(nil, header, []string{name}, false), []byte("\r\n\r\n"))
	_, value, _ := bytes.Cut(first, []byte(":"))
	for i := 0; i+2 < len(value); i++ {
		if value[i] == '\n' && value[i+1] != ' ' && value[i+1] != '\t' {
			value = value[:i] // another of the same name
			break
		}
	}
	return strings.Join(strings.Fields(string(value)), " ")
}

// queueOf finds the ID clause of a Received field. RFC 5321, 4.4.
func queueOf(received string) string {
	clauses, _, _ := strings.Cut(received, ";")
	words := strings.Fields(clauses)
	for i, word := range words[:max(len(words)-1, 0)] {
		if strings.EqualFold(word, "id") {
			return words[i+1]
		}
	}
	return ""
}
