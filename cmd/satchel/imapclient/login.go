package imapclient

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-sasl"

	"satchel/server/wire"
)

// ErrNoLogin says that a server takes none of the ways to log in.
var ErrNoLogin = errors.New("the server takes no password on this connection")

// ErrLogin is about logging in.
var ErrLogin = errors.New("log in")

// Login logs in with a password: by AUTHENTICATE PLAIN where the server has it, for that takes any of them, else by LOGIN.
func (c *Client) Login(user, password string) error {
	if err := c.capability(); err != nil || c.inside {
		return err
	}
	if c.Has("AUTH=PLAIN") {
		return c.authenticate(sasl.NewPlainClient("", user, password))
	}
	if c.Has("LOGINDISABLED") {
		return ErrNoLogin
	}
	if strings.ContainsAny(user+password, "\r\n\x00") {
		return fmt.Errorf("the name or the password has characters that LOGIN cannot say")
	}
	c.caps = nil
	err := c.command(nil, "LOGIN", string(wire.AppendQuoted(nil, user)), string(wire.AppendQuoted(nil, password)))
	return c.loggedIn(err)
}

// LoginToken logs in with a bearer token, by OAUTHBEARER or XOAUTH2.
func (c *Client) LoginToken(user, token string) error {
	if err := c.capability(); err != nil || c.inside {
		return err
	}
	switch {
	case c.Has("AUTH=XOAUTH2"):
		return c.authenticate(&xoauth2{user, token})
	case c.Has("AUTH=OAUTHBEARER"):
		return c.authenticate(sasl.NewOAuthBearerClient(&sasl.OAuthBearerOptions{Username: user, Token: token}))
	}
	return fmt.Errorf("%w: it knows neither XOAUTH2 nor OAUTHBEARER", ErrNoLogin)
}

// loggedIn looks at the capabilities anew, for others may be offered now, and says who is here: some servers open no folder
// for strangers (RFC 2971).
func (c *Client) loggedIn(err error) error {
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLogin, err)
	}
	if err := c.capability(); err != nil || !c.Has("ID") {
		return err
	}
	err = c.command(nil, `ID ("name" "satchel")`)
	if c.Refused(err) {
		return nil
	}
	return err
}

// authenticate runs a SASL mechanism. What the server asks after the first answer tells why it refuses; an empty answer
// ends that.
func (c *Client) authenticate(mech sasl.Client) error {
	name, first, err := mech.Start()
	if err != nil {
		return err
	}
	parts := []string{"AUTHENTICATE", name}
	pending := base64.StdEncoding.EncodeToString(first)
	if c.Has("SASL-IR") {
		parts, pending = append(parts, pending), ""
	}
	c.caps = nil
	err = c.command(func(name string, _ uint32) bool {
		if name != "+" {
			return false
		}
		c.line()
		c.out.WriteString(pending + "\r\n")
		if err := c.out.Flush(); err != nil {
			c.fail(err)
		}
		pending = ""
		return true
	}, parts...)
	return c.loggedIn(err)
}

// xoauth2 is Google's and Microsoft's mechanism before there was RFC 7628.
type xoauth2 struct{ user, token string }

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token + "\x01\x01"), nil
}

// Next implements sasl.Client; nothing is left to say.
func (x *xoauth2) Next([]byte) ([]byte, error) { return nil, nil }
