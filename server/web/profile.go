package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// profilePath is where anybody gets the profile for an address, without a password.
const profilePath = "/profile.mobileconfig"

// person is who sets a mail program up.
type person struct {
	login    string
	address  string
	name     string // as others see it, or ""
	password string // "" when it is not known
}

// profile makes the configuration profile that sets Apple's Mail up. Without a password the device asks for it.
func (s *Server) profile(p person) []byte {
	in, out := s.cfg.IMAP.ways()[0], s.cfg.SMTP.ways()[0]
	// The same names and numbers each time: then a profile replaces the one before.
	id := "satchel." + s.cfg.Hostname + "." + profileUUID("profile", s.cfg.Hostname, p.address)
	mail := dict{
		{"PayloadType", "com.apple.mail.managed"},
		{"PayloadVersion", 1},
		{"PayloadIdentifier", id + ".mail"},
		{"PayloadUUID", profileUUID("mail", s.cfg.Hostname, p.address)},
		{"PayloadDisplayName", p.address},
		{"EmailAccountType", "EmailTypeIMAP"},
		{"EmailAccountDescription", p.address},
		{"EmailAddress", p.address},
		{"IncomingMailServerAuthentication", "EmailAuthPassword"},
		{"IncomingMailServerHostName", in.host},
		{"IncomingMailServerPortNumber", in.port},
		{"IncomingMailServerUseSSL", true},
		{"IncomingMailServerUsername", p.login},
		{"OutgoingMailServerAuthentication", "EmailAuthPassword"},
		{"OutgoingMailServerHostName", out.host},
		{"OutgoingMailServerPortNumber", out.port},
		{"OutgoingMailServerUseSSL", true},
		{"OutgoingMailServerUsername", p.login},
		{"OutgoingPasswordSameAsIncomingPassword", true},
	}
	for _, known := range []entry{{"EmailAccountName", p.name}, {"IncomingPassword", p.password}} {
		if known.value != "" {
			mail = append(mail, known)
		}
	}
	return plist(dict{
		{"PayloadType", "Configuration"},
		{"PayloadVersion", 1},
		{"PayloadIdentifier", id},
		{"PayloadUUID", profileUUID("profile", s.cfg.Hostname, p.address)},
		{"PayloadDisplayName", "Mail for " + p.address},
		{"PayloadDescription", "Sets Mail up for " + p.address + " at " + in.host + "."},
		{"PayloadOrganization", s.cfg.Hostname},
		{"PayloadContent", []dict{mail}},
	})
}

// profileUUID is a UUID that stands for its parts (RFC 9562, 5.8).
func profileUUID(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	u := sum[:16]
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	h := strings.ToUpper(hex.EncodeToString(u))
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}

// hasProfiles reports whether profiles can be made: they need both services.
func (s *Server) hasProfiles() bool { return s.cfg.IMAP.offered() && s.cfg.SMTP.offered() }

// publicProfile serves the profile for any address of our domains.
func (s *Server) publicProfile(w http.ResponseWriter, r *http.Request) {
	address := strings.TrimSpace(r.URL.Query().Get("emailaddress"))
	if !strings.Contains(address, "@") || s.domainFor(r, address) == "" || !s.hasProfiles() {
		http.NotFound(w, r)
		return
	}
	s.writeProfile(w, person{login: address, address: address})
}

// writeProfile answers with a profile, signed where we can: then the device says that it is from this server.
func (s *Server) writeProfile(w http.ResponseWriter, p person) {
	text := s.profile(p)
	signed, err := s.sign(text)
	if err != nil {
		s.log.Debug("profile goes out without a signature", "error", err)
		signed = text
	}
	w.Header().Set("Content-Type", "application/x-apple-aspen-config")
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(p.address)+".mobileconfig")
	w.Write(signed)
}
