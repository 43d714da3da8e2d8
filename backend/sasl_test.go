package backend

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/xdg-go/scram"

	"satchel/storage"
)

// begin starts an exchange whose accounts open to nothing but their name.
func begin(t *testing.T, d *directory, mechanism string, conn SASLConn) *Exchange {
	t.Helper()
	x, err := d.exchange(context.Background(), mechanism, conn, func(id, name string) (*Account, error) {
		return &Account{id: id, name: name}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// play runs the exchange with what a client says, "-" being nothing at all, and
// returns the name of who logged in.
func play(x *Exchange, says ...string) (name string, err error) {
	for _, s := range says {
		response := []byte(s)
		if s == "-" {
			response = nil
		}
		_, done, err := x.Next(response)
		if err != nil {
			return "", err
		}
		if done {
			return x.Account().Name(), nil
		}
	}
	return "", errors.New("not done")
}

func TestSASLPasswords(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	mustAdd(t, d, "bob", "secret")
	if err := d.addAddress("alice", "info@example.org"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mechanism, says, want string
		err                   error
	}{
		{"PLAIN", "\x00alice\x00secret", "alice", nil},
		{"PLAIN", "-|\x00alice\x00secret", "alice", nil},
		{"PLAIN", "Alice\x00info@example.org\x00secret", "alice", nil},
		{"PLAIN", "\x00alice\x00wrong", "", ErrAuth},
		{"PLAIN", "\x00nobody\x00secret", "", ErrAuth},
		{"PLAIN", "bob\x00alice\x00secret", "", ErrAuth}, // RFC 4616, 2: acting as somebody else
		{"PLAIN", "nobody\x00alice\x00secret", "", ErrAuth},
		{"PLAIN", "", "", ErrSASL},
		{"PLAIN", "alice\x00secret", "", ErrSASL},
		{"PLAIN", "\x00alice\x00sec\x00ret", "", ErrSASL},
		{"LOGIN", "-|alice|secret", "alice", nil},
		{"LOGIN", "alice|secret", "alice", nil},
		{"LOGIN", "alice|wrong", "", ErrAuth},
		{"LOGIN", "|", "", ErrAuth},
	} {
		x := begin(t, d, c.mechanism, SASLConn{Remote: loopback})
		name, err := play(x, strings.Split(c.says, "|")...)
		if name != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s %q: %q, %v; want %q, %v", c.mechanism, c.says, name, err, c.want, c.err)
		}
		if c.err != nil && x.Account() != nil {
			t.Errorf("%s %q: an account after an error", c.mechanism, c.says)
		}
	}
	for _, mechanism := range []string{"plain", "CRAM-MD5", "", "SCRAM-SHA-256-PLUS"} {
		if _, err := d.exchange(context.Background(), mechanism, SASLConn{}, nil); !errors.Is(err, ErrSASL) {
			t.Errorf("mechanism %q without TLS: %v, want ErrSASL", mechanism, err)
		}
	}
}

func TestLoginServerPrompts(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	x := begin(t, d, "LOGIN", SASLConn{Remote: loopback})
	for _, c := range []struct{ says, asks string }{{"-", "Username:"}, {"alice", "Password:"}} {
		response := []byte(c.says)
		if c.says == "-" {
			response = nil
		}
		if challenge, done, err := x.Next(response); string(challenge) != c.asks || done || err != nil {
			t.Errorf("after %q: %q, %v, %v", c.says, challenge, done, err)
		}
	}
}

// RFC 7677, 3: the example exchange, byte for byte.
func TestSCRAMVector(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCredential("", "pencil", salt, 4096, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.AddAccount(storage.DirectoryAccount{Folder: newFolder(), Name: "user", Salt: salt, Iterations: 4096}, c); err != nil {
		t.Fatal(err)
	}
	x := begin(t, d, "SCRAM-SHA-256", SASLConn{Remote: loopback})
	x.server.(*scramServer).nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	for _, step := range []struct {
		says, want string
		done       bool
	}{
		{"n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
			"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", false},
		{"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
			"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", false},
		{"", "", true},
	} {
		challenge, done, err := x.Next([]byte(step.says))
		if string(challenge) != step.want || done != step.done || err != nil {
			t.Fatalf("%q: %q, %v, %v; want %q", step.says, challenge, done, err, step.want)
		}
	}
	if x.Account().Name() != "user" || x.User() != "user" {
		t.Errorf("logged in as %q by %q", x.Account().Name(), x.User())
	}
}

// scramLogin runs a real SCRAM client against an exchange. binding is for -PLUS.
func scramLogin(t *testing.T, d *directory, conn SASLConn, user, password string, binding *scram.ChannelBinding) (string, error) {
	t.Helper()
	client, err := scram.SHA256.NewClient(user, password, "")
	if err != nil {
		t.Fatal(err)
	}
	talk, mechanism := client.NewConversation(), "SCRAM-SHA-256"
	if binding != nil {
		talk, mechanism = client.NewConversationWithChannelBinding(*binding), "SCRAM-SHA-256-PLUS"
	}
	x := begin(t, d, mechanism, conn)
	challenge := []byte(nil)
	if challenge, _, err = x.Next(nil); err != nil || len(challenge) != 0 {
		t.Fatalf("no initial response: %q, %v", challenge, err)
	}
	for {
		says, err := talk.Step(string(challenge))
		if err != nil {
			t.Fatalf("client: %v", err)
		}
		var done bool
		if challenge, done, err = x.Next([]byte(says)); err != nil {
			return "", err
		}
		if done {
			if !talk.Valid() {
				t.Error("the server did not prove itself")
			}
			return x.Account().Name(), nil
		}
	}
}

func TestSCRAMPasswords(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	mustAdd(t, d, "dora", "secret")
	var apps []string
	for _, label := range []string{"phone", "laptop"} {
		secret, err := d.addAppPassword("alice", label)
		if err != nil {
			t.Fatal(err)
		}
		apps = append(apps, secret)
	}
	if err := d.setDisabled("dora", true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		user, password string
		err            error
	}{
		{"alice", "secret", nil}, {"ALICE@example.org", "secret", nil}, {"alice", apps[0], nil}, {"alice", apps[1], nil},
		{"alice", "wrong", ErrAuth}, {"nobody", "secret", ErrAuth}, {"a,b=c", "secret", ErrAuth},
		{"dora", "secret", ErrDisabled}, {"dora", "wrong", ErrAuth},
	} {
		name, err := scramLogin(t, d, SASLConn{Remote: loopback}, c.user, c.password, nil)
		if !errors.Is(err, c.err) || err == nil && name != "alice" {
			t.Errorf("%s/%s: %q, %v; want %v", c.user, c.password, name, err, c.err)
		}
	}
}

// What the server says first must not tell who exists.
func TestSCRAMSalts(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	mustAdd(t, d, "carol@example.org", "secret")
	salt := func(user string) string {
		x := begin(t, d, "SCRAM-SHA-256", SASLConn{Remote: loopback})
		challenge, _, err := x.Next([]byte("n,,n=" + user + ",r=abc"))
		_, rest, ok := strings.Cut(string(challenge), ",s=")
		if err != nil || !ok || !strings.HasSuffix(rest, ",i=4096") {
			t.Fatalf("%s: %q, %v", user, challenge, err)
		}
		return rest
	}
	for _, name := range []string{"alice", "carol", "nobody"} {
		want := salt(name)
		for _, user := range []string{strings.ToUpper(name), name + "@example.org", name + "@elsewhere.example"} {
			if got := salt(user); got != want {
				t.Errorf("salt of %s differs from that of %s", user, name)
			}
		}
	}
	if salt("alice") == salt("nobody") {
		t.Error("two names have one salt")
	}
	if err := d.setPassword("carol@example.org", "new"); err != nil {
		t.Fatal(err)
	}
	if salt("carol@example.org") != salt("carol@elsewhere.example") {
		t.Error("a new password tells that the account exists")
	}
}

func TestSCRAMMalformed(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	mustAdd(t, d, "alice", "secret")
	for _, c := range []struct {
		says []string
		err  error
	}{
		{[]string{""}, ErrSASL},
		{[]string{"n,,"}, ErrSASL},
		{[]string{"n,,m=x,n=alice,r=a"}, ErrSASL},
		{[]string{"n,,n=al=ice,r=a"}, ErrSASL},
		{[]string{"p=tls-unique,,n=alice,r=a"}, ErrSASL}, // not -PLUS
		{[]string{"n,,n=alice,r=a", ""}, ErrAuth},
		{[]string{"n,,n=alice,r=a", "c=biws,r=a,p=AAAA"}, ErrAuth},
		{[]string{"n,,n=alice,r=a", "c=biws,r=wrong,p=x", "c=biws"}, ErrAuth},
	} {
		x := begin(t, d, "SCRAM-SHA-256", SASLConn{Remote: loopback})
		if _, err := play(x, c.says...); !errors.Is(err, c.err) {
			t.Errorf("%q: %v, want %v", c.says, err, c.err)
		}
		if _, _, err := x.Next([]byte("n,,n=alice,r=a")); !errors.Is(err, ErrSASL) {
			t.Errorf("%q and once more: %v, want ErrSASL", c.says, err)
		}
	}
}

func TestMechanisms(t *testing.T) {
	d, _ := testDirectory(t, LoginConfig{})
	for _, c := range []struct {
		conn SASLConn
		want string
	}{
		{SASLConn{}, "SCRAM-SHA-256 PLAIN LOGIN"},
		{SASLConn{TLS: &tls.ConnectionState{}}, "SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN"},
		{SASLConn{TLS: &tls.ConnectionState{}, Identities: []string{"a@b"}}, "EXTERNAL SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN"},
	} {
		if got := strings.Join(d.mechanisms(c.conn), " "); got != c.want {
			t.Errorf("%v, want %s", got, c.want)
		}
	}
	var _ sasl.Server = (*Exchange)(nil)
}
