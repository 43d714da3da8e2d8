package web

import (
	"errors"
	"net/http"
	"time"

	"satchel/backend"
	"satchel/server/presence"
	"satchel/server/printable"
)

// What the log calls a login by a browser, and how much of a text that a browser brings is kept.
const (
	loginMethod = "WEB"
	textKept    = 128
)

// cookieName has a prefix with which browsers take the cookie from this host only, over TLS (RFC 6265bis, 4.1.3).
const cookieName = "__Host-satchel"

// loginPage asks who somebody is.
func (s *Server) loginPage(w http.ResponseWriter, r *http.Request) {
	if s.sessionOf(r) != nil {
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return
	}
	s.show(w, "login", http.StatusOK, loginForm{Services: s.services(), Profiles: s.hasProfiles()})
}

// loginForm is what the page of the same name shows.
type loginForm struct {
	User     string
	Failure  string
	Services []serviceRow
	Profiles bool
}

// login lets an account's owner in, by its own password.
func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	from, user := visitorOf(r), r.PostFormValue("user")
	began := s.admin.LoginsFrom()
	account, err := s.admin.AuthenticateOwner(r.Context(), user, r.PostFormValue("password"), from.guesser())
	id := ""
	if err == nil {
		id, err = s.welcome(w, r, account, began)
	}
	if err != nil {
		status, words := s.loginFailed(r, user, err)
		s.show(w, "login", status, loginForm{User: user, Failure: words, Services: s.services(), Profiles: s.hasProfiles()})
		return
	}
	s.log.Info("login", "rip", from.text(), "session", id, "account", account.Name, "method", loginMethod, "front", string(from.front))
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// welcome begins a session in place of the one that the browser may have, and returns its id. ErrAuth: what it logged in
// by, from a moment of LoginsFrom on, was changed meanwhile.
func (s *Server) welcome(w http.ResponseWriter, r *http.Request, account backend.AccountInfo, began uint64) (id string, err error) {
	if old := s.sessionOf(r); old != nil {
		s.sessions.end(presence.Filter{Session: old.id})
	}
	secret, id := s.sessions.begin(account, visitorOf(r), browserName(r.UserAgent()))
	if s.admin.RevokedSince(account.ID, backend.MainPassword, began) {
		s.sessions.end(presence.Filter{Session: id})
		return "", backend.ErrAuth
	}
	http.SetCookie(w, sessionCookie(secret, 0))
	return id, nil
}

// loginFailed logs an attempt in the words of the IMAP server, has the browser wait, and says what to answer.
func (s *Server) loginFailed(r *http.Request, user string, err error) (status int, words string) {
	from := visitorOf(r)
	s.log.Warn("login failed", "rip", from.text(), "user", printable.Text(user, textKept), "method", loginMethod, "reason", backend.FailureReason(err), "front", string(from.front))
	timer := time.NewTimer(s.cfg.LoginDelay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
	switch {
	case errors.Is(err, backend.ErrAuth):
		return http.StatusUnauthorized, "The name or the password is wrong. App passwords do not work here: use the account’s own."
	case errors.Is(err, backend.ErrDisabled):
		return http.StatusForbidden, "This account is disabled. Ask whoever runs this server."
	case errors.Is(err, backend.ErrTooMany):
		return http.StatusTooManyRequests, "There have been too many attempts. Try again in a few minutes."
	}
	return http.StatusServiceUnavailable, "That did not work, for a reason on our side. Try again later."
}

// logout ends the browser's session.
func (s *Server) logout(w http.ResponseWriter, r *http.Request, one *session) {
	s.sessions.end(presence.Filter{Session: one.id})
	http.SetCookie(w, sessionCookie("", -1))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func sessionCookie(secret string, maxAge int) *http.Cookie {
	return &http.Cookie{Name: cookieName, Value: secret, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
}

// sessionOf is the session of the browser, nil for none.
func (s *Server) sessionOf(r *http.Request) *session {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return nil
	}
	return s.sessions.find(c.Value, visitorOf(r))
}

// owner serves a page to who has logged in; others are sent to where they can. An account that was disabled or removed
// is nobody's any more.
func (s *Server) owner(page func(http.ResponseWriter, *http.Request, *session)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		one := s.sessionOf(r)
		if one != nil {
			info, err := s.admin.AccountByName(one.account.Name)
			if err != nil || info.ID != one.account.ID || info.Disabled {
				s.sessions.end(presence.Filter{Session: one.id})
				one = nil
			} else {
				one.account = info
			}
		}
		if one == nil {
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		page(w, r, one)
	}
}
