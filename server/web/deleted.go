package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"satchel/backend"
)

// maxDeleted is how many deleted messages a page shows.
const maxDeleted = 200

// deletedView is what the page of deleted mail shows.
type deletedView struct {
	Name   string
	Find   string // what was looked for
	Page   backend.ExpungedPage
	Days   int // how long it is kept
	Notice string
}

// deleted shows what was deleted lately, or of that what has a text in it.
func (s *Server) deleted(w http.ResponseWriter, r *http.Request, one *session) {
	v := deletedView{Name: one.account.Name, Find: strings.TrimSpace(r.PostFormValue("find")), Notice: s.sessions.takeNotice(one.id)}
	var err error
	v.Page, err = s.admin.Expunged(r.Context(), one.account.Name, backend.ExpungedFilter{Text: v.Find}, maxDeleted)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	v.Days = int(v.Page.For.Hours()) / 24
	s.show(w, "deleted", http.StatusOK, v)
}

// bringBack puts deleted messages back to where they were.
func (s *Server) bringBack(w http.ResponseWriter, r *http.Request, one *session) {
	r.ParseForm() // what cannot be read is not there
	var ids []backend.MessageID
	for _, text := range r.PostForm["message"] {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && len(ids) < maxDeleted {
			ids = append(ids, backend.MessageID(id))
		}
	}
	notice := "Choose the messages that you want back."
	if len(ids) > 0 {
		did, err := s.admin.Undelete(r.Context(), one.account.Name, backend.ExpungedFilter{IDs: ids}, "", func(int, int) error { return nil })
		switch {
		case errors.Is(err, backend.ErrOverQuota):
			notice = "There is no room for them: delete something else first."
		case err != nil:
			s.fail(w, r, err)
			return
		default:
			notice = broughtBack(did)
			s.log.Info("messages brought back by their owner", "account", one.account.Name, "rip", visitorOf(r).text(), "session", one.id)
		}
	}
	s.goOn(w, r, one, "/deleted", notice)
}

// broughtBack says what has come back.
func broughtBack(did backend.Undeleted) string {
	n := 0
	var into []string
	for _, m := range did.Into {
		n += m.Messages
		into = append(into, m.Mailbox)
	}
	if n == 0 {
		return "They were not there any more."
	}
	return countText(n, "message is", "messages are") + " back, in " + strings.Join(into, ", ") + "."
}
