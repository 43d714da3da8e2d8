package web

import (
	"errors"
	"net/http"
	"strings"

	"satchel/backend"
	"satchel/server/printable"
)

// addDevice makes an app password, which the next page shows.
func (s *Server) addDevice(w http.ResponseWriter, r *http.Request, one *session) {
	label := strings.Join(strings.Fields(r.PostFormValue("label")), " ")
	if label == "" || printable.Text(label, maxLabel) != label {
		s.refuseDevice(w, r, one, label, "A name of up to 64 letters is needed, such as “Phone”.")
		return
	}
	secret, err := s.admin.AddAppPassword(one.account.Name, label)
	switch {
	case errors.Is(err, backend.ErrExists):
		s.refuseDevice(w, r, one, label, "There is a device of this name already. Revoke that one first, or choose another name.")
		return
	case errors.Is(err, backend.ErrLimit):
		s.refuseDevice(w, r, one, label, "There are as many devices as there can be. Revoke those that you no longer use.")
		return
	case err != nil:
		s.fail(w, r, err)
		return
	}
	s.log.Info("app password added", "account", one.account.Name, "label", label, "rip", visitorOf(r).text())
	f := fresh{label: label, secret: secret, owner: printable.Text(r.PostFormValue("name"), maxLabel), until: s.sessions.now().Add(secretLife)}
	s.sessions.change(one.id, func(one *session) { one.fresh = f })
	http.Redirect(w, r, "/device", http.StatusSeeOther)
}

// maxLabel is how long the names of a device and of its owner may be, in bytes.
const maxLabel = 64

func (s *Server) refuseDevice(w http.ResponseWriter, r *http.Request, one *session, label, words string) {
	s.showAccount(w, r, one, http.StatusUnprocessableEntity, accountView{Failure: words, Label: label})
}

// deviceView is what the page of a new app password shows.
type deviceView struct {
	Label, Secret string
	Login         string
	Services      []serviceRow
	Code          *code // nil where none can be made
	Profile       bool
}

// device shows the app password that was just made. Only this browser can see it, and for a few minutes.
func (s *Server) device(w http.ResponseWriter, r *http.Request, one *session) {
	if one.fresh.secret == "" {
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return
	}
	v := deviceView{Label: one.fresh.label, Secret: one.fresh.secret, Login: one.account.Name, Services: s.services()}
	if p, ok := s.person(one); ok {
		v.Profile = true
		v.Code = s.setupCode(p)
	}
	s.show(w, "device", http.StatusOK, v)
}

// person is who sets a device up, with the new app password; not ok where mail programs cannot be set up by us.
func (s *Server) person(one *session) (p person, ok bool) {
	p = person{login: one.account.Name, address: s.mailAddress(one.account), name: one.fresh.owner, password: one.fresh.secret}
	return p, p.address != "" && p.password != "" && s.hasProfiles()
}

// deviceProfile serves the profile that sets up the device, password included.
func (s *Server) deviceProfile(w http.ResponseWriter, r *http.Request, one *session) {
	p, ok := s.person(one)
	if !ok {
		http.Redirect(w, r, "/account", http.StatusSeeOther)
		return
	}
	s.writeProfile(w, p)
}

// revokeDevice makes an app password worthless.
func (s *Server) revokeDevice(w http.ResponseWriter, r *http.Request, one *session) {
	label := r.PostFormValue("label")
	err := s.admin.RevokeAppPassword(one.account.Name, label)
	switch {
	case errors.Is(err, backend.ErrNotFound):
		s.backToAccount(w, r, one, "There is no such device any more.")
		return
	case err != nil:
		s.fail(w, r, err)
		return
	}
	s.log.Info("app password revoked", "account", one.account.Name, "label", printable.Text(label, textKept), "rip", visitorOf(r).text())
	s.backToAccount(w, r, one, "The password of “"+label+"” no longer works, and what was connected by it is not any more. Other devices have not noticed.")
}
