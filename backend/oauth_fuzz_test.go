package backend

import (
	"strings"
	"testing"
)

// FuzzBearer: a client's message gives a token and a name, which are in it, or nothing.
func FuzzBearer(f *testing.F) {
	f.Add("n,a=carol@example.org,\x01host=x\x01auth=Bearer t\x01\x01", true)
	f.Add("y,,\x01auth=bearer t=\x01\x01", true)
	f.Add("n,a=a=2Cb=3D,\x01auth=Bearer t\x01auth=Bearer u\x01\x01", true)
	f.Add("user=carol\x01auth=Bearer t\x01\x01", false)
	f.Add("\x01\x01\x01", false)
	f.Fuzz(func(t *testing.T, message string, gs2 bool) {
		b := bearer{login: &login{}, gs2: gs2}
		secret, ok := b.parse(message)
		switch {
		case ok != (secret != ""):
			t.Fatalf("%q is good: %v", secret, ok)
		case !strings.Contains(message, secret) || strings.Contains(secret, "\x01"):
			t.Fatalf("the token is %q", secret)
		case len(b.user) > len(message) || b.user != b.identity || !gs2 && !strings.Contains(message, b.user):
			t.Fatalf("the user is %q, %q", b.user, b.identity)
		}
	})
}
