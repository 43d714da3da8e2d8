package web

import (
	"net/http"

	"satchel/backend"
	"satchel/backend/passwords"
)

// passwordForm is what the page of the same name shows.
type passwordForm struct {
	Name    string
	Least   int
	Failure string
}

func (s *Server) passwordPage(w http.ResponseWriter, r *http.Request, one *session) {
	s.show(w, "password", http.StatusOK, passwordForm{Name: one.account.Name, Least: passwords.Advised})
}

// changePassword sets a new one for who knows the old one. The sessions that the old one let in end, but the one that asks
// goes on.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request, one *session) {
	refuse := func(status int, words string) {
		s.show(w, "password", status, passwordForm{Name: one.account.Name, Least: passwords.Advised, Failure: words})
	}
	next := r.PostFormValue("new")
	_, unfit := backend.CheckAccount(one.account.Name, next)
	switch {
	case passwords.IsShort(next):
		refuse(http.StatusUnprocessableEntity, "The new password is too short.")
		return
	case next != r.PostFormValue("again"):
		refuse(http.StatusUnprocessableEntity, "The new password was not the same both times.")
		return
	case unfit != nil:
		refuse(http.StatusUnprocessableEntity, "The new password is too long, or has a character that cannot be typed.")
		return
	}
	account, err := s.admin.AuthenticateOwner(r.Context(), one.account.Name, r.PostFormValue("old"), visitorOf(r).guesser())
	if err != nil || account.ID != one.account.ID {
		status, words := s.loginFailed(r, one.account.Name, err)
		if status == http.StatusUnauthorized {
			words = "The current password is wrong."
		}
		refuse(status, words)
		return
	}
	if err := s.admin.SetPassword(account.Name, next); err != nil {
		s.fail(w, r, err)
		return
	}
	s.log.Info("password changed", "account", account.Name, "rip", visitorOf(r).text())
	id, err := s.welcome(w, r, account, s.admin.LoginsFrom())
	if err != nil { // by somebody else, once more
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.backToAccount(w, r, &session{id: id}, "The password was changed. Programs that had the old one have to be told; app passwords work as before.")
}
