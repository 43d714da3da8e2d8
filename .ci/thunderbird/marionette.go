package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// marionette speaks Gecko's remote protocol: JSON with its length before it. One
// request at a time.
type marionette struct {
	conn net.Conn
	in   *bufio.Reader
	id   int
}

// maxAnswer bounds one message of Thunderbird.
const maxAnswer = 64 << 20

// dialMarionette connects as soon as Thunderbird listens, within a limit.
func dialMarionette(addr string, limit time.Duration) (*marionette, error) {
	deadline := time.Now().Add(limit)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			m := &marionette{conn: conn, in: bufio.NewReader(conn)}
			if err = m.begin(); err == nil {
				return m, nil
			}
			conn.Close()
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("no answer on %s: %w", addr, err)
		}
		<-tick.C
	}
}

// begin greets, and asks for scripts to run with the rights of the program itself.
func (m *marionette) begin() error {
	if _, err := m.read(); err != nil {
		return err
	}
	for _, call := range []struct {
		name string
		args map[string]any
	}{
		{"WebDriver:NewSession", map[string]any{"unhandledPromptBehavior": "ignore"}},
		{"Marionette:SetContext", map[string]any{"value": "chrome"}},
		{"WebDriver:SetTimeouts", map[string]any{"script": 90000}},
	} {
		if _, err := m.call(call.name, call.args); err != nil {
			return err
		}
	}
	return nil
}

// run runs the body of an async function, and gives back what it returns.
func (m *marionette) run(script string, args ...any) (json.RawMessage, error) {
	if args == nil {
		args = []any{}
	}
	return m.call("WebDriver:ExecuteAsyncScript", map[string]any{
		"script": `const done = arguments[arguments.length - 1], args = Array.from(arguments).slice(0, -1);
			(async () => {` + script + `})().then(v => done({value: v}), e => done({error: String(e) + " " + (e && e.stack || "")}));`,
		"args": args, "newSandbox": false,
	})
}

func (m *marionette) call(name string, args map[string]any) (json.RawMessage, error) {
	m.id++
	b, err := json.Marshal([]any{0, m.id, name, args})
	if err != nil {
		return nil, err
	}
	m.conn.SetDeadline(time.Now().Add(2 * time.Minute))
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(b), b); err != nil {
		return nil, err
	}
	b, err = m.read()
	if err != nil {
		return nil, err
	}
	var answer [4]json.RawMessage
	if err := json.Unmarshal(b, &answer); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if string(answer[2]) != "null" {
		return nil, fmt.Errorf("%s: %.500s", name, answer[2])
	}
	return answer[3], nil
}

// script is run with the answer's value put into v, unless it is nil.
func (m *marionette) script(v any, body string, args ...any) error {
	raw, err := m.run(body, args...)
	if err != nil {
		return err
	}
	var answer struct {
		Value struct {
			Value json.RawMessage
			Error string
		}
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return err
	}
	if answer.Value.Error != "" {
		return errors.New(answer.Value.Error)
	}
	if v == nil || answer.Value.Value == nil {
		return nil
	}
	return json.Unmarshal(answer.Value.Value, v)
}

func (m *marionette) read() ([]byte, error) {
	length, err := m.in.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil || n < 0 || n > maxAnswer {
		return nil, fmt.Errorf("a message of %q bytes", length)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(m.in, b)
	return b, err
}
