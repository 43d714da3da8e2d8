package web

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"satchel/backend"
	"satchel/server/presence"
)

// browser is a person's, with cookies. It follows redirects.
type browser struct {
	t      *testing.T
	client *http.Client
	url    string
}

func newBrowser(t *testing.T, s *Server) *browser {
	t.Helper()
	ts := httptest.NewTLSServer(s.Front(HTTPS))
	t.Cleanup(ts.Close)
	client := ts.Client()
	client.Jar, _ = cookiejar.New(nil) // never fails
	return &browser{t, client, ts.URL}
}

// do sends a request and returns the page, with the status of the last answer.
func (b *browser) do(r *http.Request) (page string, status int) {
	b.t.Helper()
	answer, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text), answer.StatusCode
}

func (b *browser) get(path string) (page string, status int) {
	b.t.Helper()
	r, err := http.NewRequest("GET", b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// send posts a form, whose values are given in pairs.
func (b *browser) send(path string, pairs ...string) (page string, status int) {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest("POST", b.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// logIn must succeed.
func (b *browser) logIn(password string) {
	b.t.Helper()
	if page, _ := b.send("/login", "user", "alice@example.org", "password", password); !strings.Contains(page, "<h1>alice@example.org</h1>") {
		b.t.Fatalf("not logged in: %s", page)
	}
}

// out reports whether the browser has to log in.
func (b *browser) out() bool {
	b.t.Helper()
	page, _ := b.get("/account")
	return strings.Contains(page, `action="/login"`)
}

// say fails unless the page has all the words.
func say(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(html.UnescapeString(page), word) {
			t.Errorf("the page does not say %q: %s", word, page)
		}
	}
}

func TestLogin(t *testing.T) {
	s := open(t)
	b := newBrowser(t, s)
	app, err := s.admin.AddAppPassword("alice@example.org", "phone")
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"wrong", app, ""} {
		page, status := b.send("/login", "user", "alice@example.org", "password", wrong)
		if status != http.StatusUnauthorized || strings.Contains(page, "wrong\"") {
			t.Errorf("with %q: %d", wrong, status)
		}
		say(t, page, "The name or the password is wrong", `value="alice@example.org"`)
	}
	nobody, _ := b.send("/login", "user", "nobody@example.org", "password", "wrong")
	alice, _ := b.send("/login", "user", "alice@example.org", "password", "wrong")
	if strings.ReplaceAll(nobody, "nobody@", "alice@") != alice {
		t.Error("it shows who is there")
	}
	if !b.out() {
		t.Error("logged in by a wrong password")
	}
	b.logIn("correct horse")
	if page, _ := b.get("/"); !strings.Contains(page, "<h1>alice@example.org</h1>") {
		t.Error("who has logged in is asked to")
	}
	if b.send("/logout"); !b.out() {
		t.Error("still logged in")
	}
	s.admin.SetDisabled("alice@example.org", true)
	page, status := b.send("/login", "user", "alice@example.org", "password", "correct horse")
	if say(t, page, "This account is disabled"); status != http.StatusForbidden {
		t.Error(status)
	}
	if status, words := s.loginFailed(httptest.NewRequest("POST", "/login", nil), "alice", backend.ErrTooMany); status != http.StatusTooManyRequests || !strings.Contains(words, "too many") {
		t.Error(status, words)
	}
}

// TestLoginCookie: the browser keeps its secret to itself, for this host over TLS, and the server has only a hash of it.
func TestLoginCookie(t *testing.T) {
	s := open(t)
	r := httptest.NewRequest("POST", "https://example.com/login", strings.NewReader("user=alice@example.org&password=correct+horse"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.Front(HTTPS).ServeHTTP(w, r)
	line := w.Result().Header.Get("Set-Cookie")
	if !regexp.MustCompile(`^__Host-satchel=[A-Z2-7]{26}; Path=/; HttpOnly; Secure; SameSite=Strict$`).MatchString(line) {
		t.Errorf("cookie %q", line)
	}
	if w.Code != http.StatusSeeOther || w.Result().Header.Get("Cache-Control") != "no-store" {
		t.Error(w.Code, w.Result().Header)
	}
}

// TestForeign: a form of another site does nothing, whatever cookies the browser sends along.
func TestForeign(t *testing.T) {
	s := open(t)
	for _, header := range []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: https://evil.example"} {
		if r := ask(s.Front(HTTPS), "POST", "https://example.com/login", header); r.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s", header, r.Status)
		}
	}
	for _, url := range []string{"https://example.com/login", "https://127.0.0.1:8143/login"} {
		if r := ask(s.Front(Behind), "POST", url, "Origin: https://example.com"); r.StatusCode != http.StatusUnauthorized {
			t.Errorf("our own, at %s: %s", url, r.Status)
		} else if p := r.Header.Get("Referrer-Policy"); p != "same-origin" { // a browser without Sec-Fetch-Site would say "null"
			t.Errorf("Referrer-Policy: %s", p)
		}
	}
}

// TestClosed: nothing is shown or done for who has not logged in.
func TestClosed(t *testing.T) {
	s := open(t)
	for _, path := range []string{"GET /account", "GET /device", "GET /device/profile", "GET /password",
		"POST /devices", "POST /devices/revoke", "POST /sessions/end", "POST /password", "POST /logout"} {
		method, path, _ := strings.Cut(path, " ")
		r := ask(s.Front(HTTPS), method, "https://example.com"+path, "Cookie: "+cookieName+"=AAAA")
		if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != "/" {
			t.Errorf("%s %s: %s", method, path, r.Status)
		}
	}
	if apps, _ := s.admin.AppPasswords("alice@example.org"); len(apps) > 0 {
		t.Errorf("app passwords: %v", apps)
	}
}

// works tries a password as a mail program would.
func works(t *testing.T, s *Server, password string) bool {
	t.Helper()
	a, _, err := s.admin.Authenticate(context.Background(), "alice@example.org", password, netip.Addr{})
	if err == nil {
		a.Release()
	} else if !errors.Is(err, backend.ErrAuth) {
		t.Fatal(err)
	}
	return err == nil
}

var secretShown = regexp.MustCompile(`<code>([0-9a-z]{5}(?:-[0-9a-z]{5}){3})</code>`)

// TestDevice: a device gets a password that is shown once, with all that sets it up, and can lose it again.
func TestDevice(t *testing.T) {
	s := open(t)
	b := newBrowser(t, s)
	b.logIn("correct horse")
	page, _ := b.send("/devices", "label", " My <b>phone ", "name", "Alice & Co")
	m := secretShown.FindStringSubmatch(page)
	if m == nil || !works(t, s, m[1]) {
		t.Fatalf("no password that works: %s", page)
	}
	say(t, page, "<h1>My <b>phone</h1>", `<path d="M4 4h7v1`, "/device/profile")
	if strings.Contains(page, "<b>phone</h1>") {
		t.Error("a label is taken for HTML")
	}
	if again, _ := b.get("/device"); again != page {
		t.Error("a reload does not show it")
	}
	profile, _ := b.get("/device/profile")
	for _, text := range []string{m[1], "Alice &amp; Co", "alice@example.org"} {
		if !strings.Contains(profile, text) {
			t.Errorf("the profile lacks %q", text)
		}
	}
	page, _ = b.get("/account")
	say(t, page, "My <b>phone", "added just now, used in the last ten minutes")
	if strings.Contains(page, m[1]) {
		t.Error("it is shown again")
	}
	for _, path := range []string{"/device", "/device/profile"} {
		if page, _ := b.get(path); strings.Contains(page, m[1]) {
			t.Errorf("%s shows it after it was left", path)
		}
	}
	page, status := b.send("/devices", "label", "My <b>phone")
	if say(t, page, "There is a device of this name already"); status != http.StatusUnprocessableEntity {
		t.Error(status)
	}
	for _, label := range []string{"", " ", strings.Repeat("x", 65), "a\x00b", "a\u202eb"} {
		if page, status := b.send("/devices", "label", label); status != http.StatusUnprocessableEntity || !strings.Contains(page, "A name of up to 64 letters") {
			t.Errorf("label %q: %d", label, status)
		}
	}
	page, _ = b.send("/devices/revoke", "label", "My <b>phone")
	say(t, page, "The password of “My <b>phone” no longer works")
	if works(t, s, m[1]) {
		t.Error("a revoked password works")
	}
	page, _ = b.send("/devices/revoke", "label", "My <b>phone")
	say(t, page, "There is no such device any more")
	if page, _ = b.get("/account"); strings.Contains(page, "no such device") {
		t.Error("a notice is shown twice")
	}
}

// TestDeviceSessions: the page tells by which password a program is connected, and a device that is revoked is not any more.
func TestDeviceSessions(t *testing.T) {
	s := open(t)
	b, other := newBrowser(t, s), newBrowser(t, s)
	b.logIn("correct horse")
	other.logIn("correct horse")
	mail := s.fronts.(*everybody)
	alice := s.Sessions(presence.Filter{})[0].AccountID
	connect := func(id string, credential int64) {
		mail.programs = append(mail.programs, presence.Session{ID: id, Front: "imap", Account: "alice@example.org", AccountID: alice, Method: "LOGIN", Credential: credential})
	}
	for _, label := range []string{"phone", "tablet", "laptop"} {
		secret, err := s.admin.AddAppPassword("alice@example.org", label)
		if err != nil {
			t.Fatal(err)
		}
		a, by, err := s.admin.Authenticate(context.Background(), "alice@example.org", secret, netip.MustParseAddr("192.0.2.7"))
		if err != nil {
			t.Fatal(err)
		}
		a.Release()
		if label != "laptop" {
			connect(label, by.ID)
		}
	}
	connect("main", backend.MainPassword)
	connect("certificate", backend.Certificate)
	page, _ := b.get("/account")
	say(t, page, "by the password of “phone”", "by the password of “tablet”", "by the account’s own password",
		"used in the last ten minutes from 192.0.2.7, connected now", "used in the last ten minutes from 192.0.2.7<")
	for words, times := range map[string]int{"by the password of": 2, "by the account’s own": 1, "connected now": 2} {
		if n := strings.Count(page, words); n != times {
			t.Errorf("%q %d times: %s", words, n, page)
		}
	}
	page, _ = b.send("/devices/revoke", "label", "phone")
	say(t, page, "what was connected by it is not any more", "by the password of “tablet”")
	if mail.connected() != "tablet main certificate" || b.out() || other.out() {
		t.Errorf("connected: %s", mail.connected())
	}
	b.send("/password", "old", "correct horse", "new", "battery staple", "again", "battery staple")
	if mail.connected() != "tablet certificate" || b.out() || !other.out() {
		t.Errorf("with a new main password: %s", mail.connected())
	}
}

func TestChangePassword(t *testing.T) {
	s := open(t)
	b, other := newBrowser(t, s), newBrowser(t, s)
	b.logIn("correct horse")
	other.logIn("correct horse")
	app, err := s.admin.AddAppPassword("alice@example.org", "phone")
	if err != nil {
		t.Fatal(err)
	}
	for _, try := range []struct {
		old, next, again string
		status           int
		words            string
	}{
		{"correct horse", "short", "short", http.StatusUnprocessableEntity, "too short"},
		{"correct horse", "battery staple", "battery stable", http.StatusUnprocessableEntity, "not the same both times"},
		{"correct horse", "battery\x00staple", "battery\x00staple", http.StatusUnprocessableEntity, "cannot be typed"},
		{"wrong", "battery staple", "battery staple", http.StatusUnauthorized, "The current password is wrong"},
		{app, "battery staple", "battery staple", http.StatusUnauthorized, "The current password is wrong"},
	} {
		page, status := b.send("/password", "old", try.old, "new", try.next, "again", try.again)
		if say(t, page, try.words); status != try.status {
			t.Errorf("%+v: %d", try, status)
		}
	}
	page, _ := b.send("/password", "old", "correct horse", "new", "battery staple", "again", "battery staple")
	say(t, page, "The password was changed")
	if !works(t, s, "battery staple") || works(t, s, "correct horse") || !works(t, s, app) {
		t.Error("the wrong passwords work")
	}
	if b.out() || !other.out() {
		t.Error("this browser has to stay, others have to go")
	}
}

// TestSessionsOnPage: the page tells who is connected, and ends sessions of the account, never of another.
func TestSessionsOnPage(t *testing.T) {
	s := open(t)
	b, other, ben := newBrowser(t, s), newBrowser(t, s), newBrowser(t, s)
	b.logIn("correct horse")
	other.logIn("correct horse")
	info, err := s.admin.AddAccount("ben@example.org", "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	ben.send("/login", "user", "ben@example.org", "password", "correct horse")
	list := s.Sessions(presence.Filter{})
	if len(list) != 3 || list[0].TLS != "TLS 1.3" {
		t.Fatalf("sessions: %+v", list)
	}
	page, _ := b.get("/account")
	if n := strings.Count(page, `name="session"`); n != 1 {
		t.Errorf("%d sessions to end: %s", n, page)
	}
	say(t, page, "127.0.0.1, connected just now, this browser")
	stranger := s.Sessions(presence.Filter{AccountID: info.ID})[0].ID
	if page, _ := b.send("/sessions/end", "session", stranger); !strings.Contains(page, "It had ended already") || ben.out() {
		t.Error("the session of another account was ended")
	}
	if _, status := b.send("/sessions/end"); status != http.StatusBadRequest || b.out() {
		t.Error("no session named:", status)
	}
	id := regexp.MustCompile(`name="session" value="([a-z0-9]+)"`).FindStringSubmatch(page)[1]
	page, _ = b.send("/sessions/end", "session", id)
	if say(t, page, "The session has ended"); !other.out() || b.out() {
		t.Error("the wrong one was ended")
	}
	// What is done on the command line counts here too.
	s.admin.SetDisabled("alice@example.org", true)
	if !b.out() || len(s.Sessions(presence.Filter{AccountID: list[0].AccountID})) > 0 {
		t.Error("a disabled account is looked after")
	}
}
