package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"satchel/backend"
	"satchel/server/presence"
)

// files are the pages, each a template within layout.html, and what they need.
//
//go:embed pages
var files embed.FS

// pageCSP is what the pages need: their style, their icon and their forms. There is no script.
const pageCSP = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// assets are served as they are.
var assets = map[string]string{"/style.css": "text/css; charset=utf-8", "/icon.svg": "image/svg+xml"}

// parsePages reads the templates.
func (s *Server) parsePages() map[string]*template.Template {
	functions := template.FuncMap{
		"size": sizeText, "count": countText, "ago": s.ago, "lastUse": s.lastUse, "client": clientText, "by": byText,
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"login", "account", "device", "password", "deleted", "trouble"} {
		pages[name] = template.Must(template.New("layout.html").Funcs(functions).ParseFS(files, "pages/layout.html", "pages/"+name+".html"))
	}
	return pages
}

// show answers with a page.
func (s *Server) show(w http.ResponseWriter, name string, status int, view any) {
	var b bytes.Buffer
	if err := s.pages[name].Execute(&b, map[string]any{"Host": s.cfg.Hostname, "View": view}); err != nil {
		panic(err) // a mistake in the template
	}
	h := w.Header()
	h.Set("Content-Security-Policy", pageCSP)
	h.Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// fail answers when something does not work that should.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	s.log.Error("page failed", "path", r.URL.Path, "error", err)
	s.show(w, "trouble", http.StatusInternalServerError, nil)
}

// asset serves a file that is the same for everybody.
func (s *Server) asset(w http.ResponseWriter, r *http.Request) {
	text, err := files.ReadFile("pages" + r.URL.Path)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", assets[r.URL.Path])
	w.Header().Set("Cache-Control", "public, max-age=3600")
	w.Write(text)
}

// serviceRow is a way to a service, for who types it in.
type serviceRow struct {
	What     string
	Host     string
	Port     int
	Security string
}

// services are the best ways to the services.
func (s *Server) services() (rows []serviceRow) {
	for _, service := range []struct {
		what string
		at   Service
	}{{"Incoming mail (IMAP)", s.cfg.IMAP}, {"Outgoing mail (SMTP)", s.cfg.SMTP}} {
		if ways := service.at.ways(); len(ways) > 0 {
			security := "STARTTLS"
			if ways[0].tls {
				security = "SSL/TLS"
			}
			rows = append(rows, serviceRow{service.what, ways[0].host, ways[0].port, security})
		}
	}
	return rows
}

// sizeText writes a number of bytes with two or three digits that count, in the units in which quotas are set: a limit
// of 5 GiB is shown as that.
func sizeText(n int64) string {
	if n < 1000 {
		return fmt.Sprintf("%d bytes", n)
	}
	v, unit := float64(n), 0
	for v >= 999.5 && unit < 4 {
		v, unit = v/1024, unit+1
	}
	name := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}[unit]
	if v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, name)
	}
	return fmt.Sprintf("%.0f %s", v, name)
}

// countText writes a number of things with its digits in groups.
func countText(n any, one, many string) string {
	digits := fmt.Sprint(n)
	if digits == "1" {
		return "1 " + one
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String() + " " + many
}

// ago says how long something is past. Without a script nobody here knows the reader's time zone.
func (s *Server) ago(t time.Time) string {
	d := s.sessions.now().Sub(t)
	switch {
	case d < 2*time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours ago", int(d.Hours()))
	case d < 60*24*time.Hour:
		return fmt.Sprintf("%d days ago", int(d.Hours()/24))
	}
	return "on " + t.UTC().Format("2 January 2006")
}

// lastUse says when and from where an app password was last used, which is not known to the minute.
func (s *Server) lastUse(app backend.AppPassword) string {
	if app.Used.IsZero() {
		return "never used"
	}
	when := "used " + s.ago(app.Used)
	if s.sessions.now().Sub(app.Used) < 2*backend.UsedStep {
		when = "used in the last ten minutes"
	}
	if app.From.IsValid() {
		when += " from " + app.From.String()
	}
	return when
}

// byText says which password a mail program has logged in by, "" where it was none.
func byText(p presence.Session) string {
	switch {
	case p.Device != "":
		return "by the password of “" + p.Device + "”"
	case p.Credential == backend.MainPassword && p.Method != loginMethod:
		return "by the account’s own password"
	}
	return ""
}

// clientText is what a program calls itself.
func clientText(p presence.Session) string {
	if p.Client == "" {
		return "A mail program"
	}
	return strings.TrimSpace(p.Client + " " + p.Version)
}
