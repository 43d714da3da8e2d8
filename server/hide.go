package server

import (
	"regexp"
	"slices"
	"strings"

	"satchel/backend"
)

// HideRule keeps capabilities from clients that announce themselves so, or from
// accounts: they are not announced, and ENABLE, COMPRESS, UNAUTHENTICATE and
// AUTHENTICATE refuse them.
type HideRule struct {
	Client       string   // of the name in the client's ID, "*" for any text in it; "" for every client
	Account      string   // of the account's name, likewise
	Capabilities []string // in any case of letters
}

// DefaultHide is what holds where Config.Hide is nil. Microsoft's cloud, which
// logs in for Outlook's users, enables all that is offered, UIDONLY too, and goes
// on to use sequence numbers.
func DefaultHide() []HideRule {
	return []HideRule{{Client: "Microsoft Office 365*", Capabilities: []string{"UIDONLY"}}}
}

// Hideable lists the capabilities that a rule can name.
func Hideable() []string {
	var names []string
	for _, row := range capabilityTable() {
		if row.name != "IMAP4rev1" && row.name != "LOGINDISABLED" {
			names = append(names, strings.TrimSuffix(row.name, "="))
		}
	}
	for i := range enablings {
		names = append(names, enablings[i].name)
	}
	for _, m := range backend.AllMechanisms() {
		names = append(names, "AUTH="+m)
	}
	return names
}

// hiding is a rule ready for use.
type hiding struct {
	client, account *regexp.Regexp // nil: any
	capabilities    []string       // in capitals
}

func prepareHide(rules []HideRule) []hiding {
	var list []hiding
	for _, r := range rules {
		h := hiding{client: wildcard(r.Client), account: wildcard(r.Account)}
		for _, name := range r.Capabilities {
			h.capabilities = append(h.capabilities, strings.ToUpper(name))
		}
		list = append(list, h)
	}
	return list
}

// SetHide replaces the rules, nil for DefaultHide. They count for a session from
// when its client next tells its name or logs in.
func (s *Server) SetHide(rules []HideRule) {
	if rules == nil {
		rules = DefaultHide()
	}
	prepared := prepareHide(rules)
	s.hide.Store(&prepared)
}

// wildcard compiles a pattern in which "*" stands for any text. Go's matching
// takes time in proportion to both.
func wildcard(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	return regexp.MustCompile("(?is)^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

// rehide works out anew what is hidden, as the client or the account is another.
// It reports whether that changed anything.
func (s *session) rehide() bool {
	account := ""
	if s.account != nil {
		account = s.account.Name()
	}
	var hidden []string
	rules := *s.srv.hide.Load()
	for i := range rules {
		r := &rules[i]
		if (r.client == nil || r.client.MatchString(s.client)) && (r.account == nil || r.account.MatchString(account)) {
			hidden = append(hidden, r.capabilities...)
		}
	}
	changed := !slices.Equal(hidden, s.hidden)
	s.hidden = hidden
	return changed
}

// hides reports whether a capability, named as in the table, is kept from this
// client.
func (s *session) hides(name string) bool {
	return len(s.hidden) > 0 && slices.Contains(s.hidden, strings.ToUpper(strings.TrimSuffix(name, "=")))
}
