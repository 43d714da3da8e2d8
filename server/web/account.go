package web

import (
	"net/http"
	"slices"
	"strings"

	"satchel/backend"
	"satchel/server/control"
	"satchel/server/presence"
	"satchel/server/printable"
)

// accountView is what the account's page shows.
type accountView struct {
	Name      string
	Addresses []string // others than the name
	Apps      []backend.AppPassword
	Folders   []control.Mailbox
	Quota     backend.Quota
	Kept      bool // there is mail that was deleted
	Sessions  []presence.Session
	Current   string // the session that asks
	Services  []serviceRow
	Notice    string
	Failure   string
	Label     string // of a device that was not added
}

// account shows the account's page.
func (s *Server) account(w http.ResponseWriter, r *http.Request, one *session) {
	s.sessions.change(one.id, func(one *session) { one.fresh = fresh{} }) // it was shown
	s.showAccount(w, r, one, http.StatusOK, accountView{Notice: s.sessions.takeNotice(one.id)})
}

// showAccount fills in what is known of the account.
func (s *Server) showAccount(w http.ResponseWriter, r *http.Request, one *session, status int, v accountView) {
	v.Name, v.Current, v.Services = one.account.Name, one.id, s.services()
	for _, address := range one.account.Addresses {
		if address != v.Name {
			v.Addresses = append(v.Addresses, address)
		}
	}
	var err error
	if v.Apps, err = s.admin.AppPasswords(v.Name); err == nil {
		err = s.addStorage(r, &v)
	}
	if err == nil {
		err = s.admin.Sessions(control.Which{Account: v.Name}, func(p presence.Session) error {
			v.Sessions = append(v.Sessions, p)
			return nil
		})
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, "account", status, &v)
}

// addStorage fills in what the account has, and may have.
func (s *Server) addStorage(r *http.Request, v *accountView) error {
	quota, err := s.admin.AccountQuota(v.Name)
	if err != nil {
		return err
	}
	v.Quota = quota.Quota
	deleted, err := s.admin.Expunged(r.Context(), v.Name, backend.ExpungedFilter{}, 1)
	if err != nil {
		return err
	}
	v.Kept = deleted.Kept > 0
	all, err := s.admin.Mailboxes(v.Name)
	for _, m := range all {
		if m.Exists {
			v.Folders = append(v.Folders, m)
		}
	}
	return err
}

// Connected reports whether there is a session that an app password let in.
func (v *accountView) Connected(app backend.AppPassword) bool {
	return slices.ContainsFunc(v.Sessions, func(p presence.Session) bool { return p.Credential == app.ID })
}

// Limited reports whether the account may have so much and no more.
func (v *accountView) Limited() bool { return v.Limit() != backend.NoLimit }

// Used, Limit, Percent and Messages say what the account has, in bytes or messages.
func (v *accountView) Used() int64     { return v.Quota.Usage[backend.QuotaStorage] }
func (v *accountView) Limit() int64    { return v.Quota.Limits[backend.QuotaStorage] }
func (v *accountView) Percent() int64  { return v.Quota.Percent(backend.QuotaStorage) }
func (v *accountView) Messages() int64 { return v.Quota.Usage[backend.QuotaMessages] }

// endSession ends one of the account's sessions.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request, one *session) {
	which := presence.Filter{Session: r.PostFormValue("session"), AccountID: one.account.ID}
	if which.Session == "" {
		http.Error(w, "Which session?", http.StatusBadRequest)
		return
	}
	notice := "It had ended already."
	if s.fronts.EndSessions(which, "Disconnected by the owner of the account") > 0 {
		s.log.Info("session ended by its owner", "account", one.account.Name, "session", printable.Text(which.Session, textKept), "rip", visitorOf(r).text())
		notice = "The session has ended. A program that knows a password connects again: to shut it out, revoke its password."
	}
	s.backToAccount(w, r, one, notice)
}

// backToAccount is goOn with the account's page.
func (s *Server) backToAccount(w http.ResponseWriter, r *http.Request, one *session, notice string) {
	s.goOn(w, r, one, "/account", notice)
}

// goOn goes on with a page, which says what was done.
func (s *Server) goOn(w http.ResponseWriter, r *http.Request, one *session, page, notice string) {
	s.sessions.change(one.id, func(one *session) { one.notice = notice })
	http.Redirect(w, r, page, http.StatusSeeOther)
}

// mailAddress is the address that an account's owner sends from, "" when it has none that is whole.
func (s *Server) mailAddress(info backend.AccountInfo) string {
	for _, address := range append([]string{info.Name}, info.Addresses...) {
		if local, _, ok := strings.Cut(address, "@"); ok && local != "" {
			return address
		}
	}
	if s.cfg.Domain != "" {
		return info.Name + "@" + s.cfg.Domain
	}
	return ""
}
