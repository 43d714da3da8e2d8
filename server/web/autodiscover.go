package web

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Where Outlook asks, in whatever case, and the schemas that it asks in and for.
const (
	autodiscoverXML  = "/autodiscover/autodiscover.xml"
	autodiscoverJSON = "/autodiscover/autodiscover.json"

	autodiscoverAnswer = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
	outlookAnswer      = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
)

// autodiscoverPath is a path of Outlook's in lower case; others stay as they are.
func autodiscoverPath(path string) string {
	if lower := strings.ToLower(path); lower == autodiscoverXML || strings.HasPrefix(lower, autodiscoverJSON) {
		return lower
	}
	return path
}

// discovered is the answer: settings, or what is wrong with the question.
type discovered struct {
	XMLName  xml.Name `xml:"Autodiscover"`
	NS       string   `xml:"xmlns,attr"`
	Response struct {
		NS      string             `xml:"xmlns,attr"`
		Error   *discoverError     `xml:"Error,omitempty"`
		Account *discoveredAccount `xml:"Account,omitempty"`
	} `xml:"Response"`
}

type discoverError struct {
	Code    int    `xml:"ErrorCode"`
	Message string `xml:"Message"`
}

type discoveredAccount struct {
	Type      string               `xml:"AccountType"`
	Action    string               `xml:"Action"`
	Protocols []discoveredProtocol `xml:"Protocol"`
}

type discoveredProtocol struct {
	Type           string `xml:"Type"`
	Server         string `xml:"Server"`
	Port           int    `xml:"Port"`
	DomainRequired string `xml:"DomainRequired"`
	LoginName      string `xml:"LoginName"`
	SPA            string `xml:"SPA"`
	SSL            string `xml:"SSL"`
	Encryption     string `xml:"Encryption"`
	AuthRequired   string `xml:"AuthRequired"`
}

// autodiscover tells Outlook its settings.
func (s *Server) autodiscover(w http.ResponseWriter, r *http.Request) {
	var answer discovered
	answer.NS, answer.Response.NS = autodiscoverAnswer, outlookAnswer
	address, schema, err := readDiscovery(r.Body)
	switch {
	case err != nil || !strings.Contains(address, "@") || s.domainFor(r, address) == "":
		answer.Response.NS = autodiscoverAnswer
		answer.Response.Error = &discoverError{600, "Invalid Request"}
	case schema != "" && schema != outlookAnswer:
		answer.Response.NS = autodiscoverAnswer
		answer.Response.Error = &discoverError{601, "Provider is not available"}
	default:
		answer.Response.Account = &discoveredAccount{Type: "email", Action: "settings", Protocols: append(
			discoveredProtocols("IMAP", s.cfg.IMAP, address), discoveredProtocols("SMTP", s.cfg.SMTP, address)...)}
	}
	writeXML(w, answer)
}

// discoveredProtocols names the best way to a service: Outlook takes one.
func discoveredProtocols(kind string, service Service, address string) []discoveredProtocol {
	ways := service.ways()
	if len(ways) == 0 {
		return nil
	}
	encryption := "TLS" // which means STARTTLS
	if ways[0].tls {
		encryption = "SSL"
	}
	return []discoveredProtocol{{kind, ways[0].host, ways[0].port, "off", address, "off", "on", encryption, "on"}}
}

// readDiscovery finds the address and the schema wanted in a question. The elements count wherever they stand: programs
// differ in what they put around them.
func readDiscovery(body io.Reader) (address, schema string, err error) {
	d := xml.NewDecoder(body)
	in := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return strings.TrimSpace(address), strings.TrimSpace(schema), nil
		}
		if err != nil {
			return "", "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			in = t.Name.Local
		case xml.EndElement:
			in = ""
		case xml.CharData:
			switch in {
			case "EMailAddress":
				address += string(t)
			case "AcceptableResponseSchema":
				schema += string(t)
			}
		}
	}
}

// autodiscoverV2 tells newer programs where the question in XML is asked: of Microsoft's own protocols there is none here.
func (s *Server) autodiscoverV2(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	address := r.PathValue("address")
	for name, values := range q {
		if strings.EqualFold(name, "email") && address == "" {
			address = values[0]
		}
	}
	protocol := q.Get("Protocol")
	if protocol == "" {
		protocol = q.Get("protocol")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if !strings.EqualFold(protocol, "AutodiscoverV1") || !strings.Contains(address, "@") || s.domainFor(r, address) == "" {
		w.WriteHeader(http.StatusBadRequest)
		json.NewEncoder(w).Encode(map[string]string{"ErrorCode": "InvalidProtocol", "ErrorMessage": "Only AutodiscoverV1 is served, for addresses of this server."})
		return
	}
	json.NewEncoder(w).Encode(map[string]string{"Protocol": "AutodiscoverV1", "Url": s.cfg.URL + autodiscoverXML})
}
