package web

import (
	"encoding/xml"
	"net/http"
)

// autoconfigPaths are where Thunderbird and others ask: at autoconfig.DOMAIN, then at DOMAIN itself.
var autoconfigPaths = []string{"/mail/config-v1.1.xml", "/.well-known/autoconfig/mail/config-v1.1.xml"}

// clientConfig is the document of Mozilla's autoconfiguration, version 1.1.
type clientConfig struct {
	XMLName  xml.Name `xml:"clientConfig"`
	Version  string   `xml:"version,attr"`
	Provider struct {
		ID       string             `xml:"id,attr"`
		Domain   string             `xml:"domain"`
		Name     string             `xml:"displayName"`
		Short    string             `xml:"displayShortName"`
		Incoming []autoconfigServer `xml:"incomingServer"`
		Outgoing []autoconfigServer `xml:"outgoingServer"`
	} `xml:"emailProvider"`
}

type autoconfigServer struct {
	Type     string `xml:"type,attr"`
	Host     string `xml:"hostname"`
	Port     int    `xml:"port"`
	Socket   string `xml:"socketType"`
	Auth     string `xml:"authentication"`
	Username string `xml:"username"`
}

// autoconfig tells a mail program its settings. The program puts the address in itself, so that the answer is the same
// for all addresses of a domain.
func (s *Server) autoconfig(w http.ResponseWriter, r *http.Request) {
	domain := s.domainFor(r, r.URL.Query().Get("emailaddress"))
	if domain == "" {
		http.NotFound(w, r)
		return
	}
	c := clientConfig{Version: "1.1"}
	c.Provider.ID, c.Provider.Domain = domain, domain
	c.Provider.Name, c.Provider.Short = domain, domain
	c.Provider.Incoming = autoconfigServers("imap", s.cfg.IMAP)
	c.Provider.Outgoing = autoconfigServers("smtp", s.cfg.SMTP)
	writeXML(w, c)
}

func autoconfigServers(kind string, service Service) (list []autoconfigServer) {
	for _, way := range service.ways() {
		socket := "STARTTLS"
		if way.tls {
			socket = "SSL"
		}
		list = append(list, autoconfigServer{kind, way.host, way.port, socket, "password-cleartext", "%EMAILADDRESS%"})
	}
	return list
}

// writeXML answers with a document.
func writeXML(w http.ResponseWriter, document any) {
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		panic(err) // documents are structs of texts and numbers
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Write([]byte(xml.Header))
	w.Write(append(text, '\n'))
}
