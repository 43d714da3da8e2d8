package server

import (
	"encoding/base64"
	"strings"
	"testing"

	"satchel/backend"
	"satchel/backend/token"
	"satchel/backend/token/tokentest"
)

// TestOAuth: what a client sees of OAUTHBEARER (RFC 7628, 4) and XOAUTH2, with the
// tokens of an issuer on loopback; none of them is logged.
func TestOAuth(t *testing.T) {
	issuer := tokentest.Start(t)
	srv := startServerOver(t, backend.Config{Login: backend.LoginConfig{
		Domain: "example.org", Tokens: token.Config{Issuer: issuer.URL, Audience: tokentest.Audience}}})
	b64 := base64.StdEncoding.EncodeToString
	good := tokentest.Sign(t, issuer.Key("rsa"), issuer.Claims(testUser+"@example.org", nil))
	bad := tokentest.Sign(t, issuer.Key("rsa"), issuer.Claims(testUser+"@example.org", map[string]any{"exp": 1}))
	bearer := func(secret string) string {
		return b64([]byte("n,a=" + testUser + "@example.org,\x01host=localhost\x01auth=Bearer " + secret + "\x01\x01"))
	}
	xoauth2 := func(secret string) string {
		return b64([]byte("user=" + testUser + "@example.org\x01auth=Bearer " + secret + "\x01\x01"))
	}
	c := newClient(t, srv.dial(t, "imap"))
	if list := c.do(t, "a CAPABILITY"); !strings.Contains(list, " AUTH=OAUTHBEARER AUTH=XOAUTH2") {
		t.Errorf("offered: %s", list)
	}
	for _, refused := range []struct{ command, dummy, status string }{
		{"AUTHENTICATE OAUTHBEARER " + bearer(bad), "AQ==", `"status":"invalid_token"`},
		{"AUTHENTICATE XOAUTH2 " + xoauth2(bad), "", `"status":"401"`},
	} {
		c.say(t, "b "+refused.command)
		line, _ := c.in.ReadString('\n')
		told, err := base64.StdEncoding.DecodeString(strings.TrimSpace(strings.TrimPrefix(line, "+ ")))
		if err != nil || !strings.Contains(string(told), refused.status) || !strings.Contains(string(told), "/.well-known/openid-configuration") {
			t.Errorf("told %q of %q, %v", told, line, err)
		}
		c.say(t, refused.dummy)
		c.want(t, "b NO [AUTHENTICATIONFAILED] ")
		// A client may also give up at once.
		c.say(t, "c "+refused.command)
		c.want(t, "+ ")
		c.say(t, "*")
		c.want(t, "c BAD ")
	}
	c.say(t, "d AUTHENTICATE OAUTHBEARER")
	if line, _ := c.in.ReadString('\n'); line != "+ \r\n" {
		t.Errorf("asked with %q", line)
	}
	c.say(t, bearer(good))
	c.want(t, "d OK [CAPABILITY ")
	c.do(t, "e UNAUTHENTICATE")
	if got := c.do(t, "f AUTHENTICATE XOAUTH2 "+xoauth2(good)); !strings.HasPrefix(got, "f OK ") {
		t.Errorf("XOAUTH2: %s", got)
	}
	log := srv.log.String()
	if !strings.Contains(log, "user="+testUser+"@example.org method=OAUTHBEARER reason=\"token expired\"") {
		t.Errorf("the failed logins are not in the log:\n%s", log)
	}
	for _, secret := range []string{good, bad, bearer(good), bad[:40], good[len(good)-40:]} {
		if strings.Contains(log, secret) {
			t.Errorf("a token is in the log:\n%s", log)
		}
	}
}
