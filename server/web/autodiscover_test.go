package web

import (
	"encoding/xml"
	"net/http"
	"strings"
	"testing"
)

// question is what Outlook posts.
func question(address, schema string) string {
	return `<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"><Request>
<EMailAddress>` + address + `</EMailAddress><AcceptableResponseSchema>` + schema + `</AcceptableResponseSchema></Request></Autodiscover>`
}

func TestAutodiscover(t *testing.T) {
	f := open(t).Front(HTTPS)
	for _, try := range []struct {
		path, body string
		code       int // of the error
		login      string
	}{
		{"/autodiscover/autodiscover.xml", question("alice@example.org", outlookAnswer), 0, "alice@example.org"},
		{"/Autodiscover/Autodiscover.xml", question(" n&amp;b@Example.org ", outlookAnswer), 0, "n&b@Example.org"},
		{"/AutoDiscover/AutoDiscover.XML", "<EMailAddress>alice@example.org</EMailAddress>", 0, "alice@example.org"},
		{autodiscoverXML, question("alice@example.net", outlookAnswer), 600, ""},
		{autodiscoverXML, question("example.org", outlookAnswer), 600, ""},
		{autodiscoverXML, "", 600, ""},
		{autodiscoverXML, "<a><EMailAddress>alice@example.org</b>", 600, ""},
		{autodiscoverXML, question(strings.Repeat("a", maxBody)+"@example.org", outlookAnswer), 600, ""},
		{autodiscoverXML, `<!DOCTYPE a [<!ENTITY b "alice@example.org">]><EMailAddress>&b;</EMailAddress>`, 600, ""},
		{autodiscoverXML, question("alice@example.org", "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"), 601, ""},
	} {
		r := post(f, "https://autodiscover.example.org"+try.path, try.body)
		var got discovered
		text := bodyOf(t, r)
		if err := xml.Unmarshal([]byte(text), &got); err != nil || r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s, %v\n%s", try.body, r.Status, err, text)
		}
		if try.code != 0 {
			if got.Response.Error == nil || got.Response.Error.Code != try.code || got.Response.Account != nil {
				t.Errorf("%.200s: %s", try.body, text)
			}
			continue
		}
		want := []discoveredProtocol{
			{"IMAP", "imap.example.com", 993, "off", try.login, "off", "on", "SSL", "on"},
			{"SMTP", "smtp.example.com", 465, "off", try.login, "off", "on", "SSL", "on"},
		}
		if a := got.Response.Account; a == nil || len(a.Protocols) != 2 || a.Protocols[0] != want[0] || a.Protocols[1] != want[1] {
			t.Errorf("%s: %s", try.body, text)
		}
		for _, element := range []string{`<Response xmlns="` + outlookAnswer + `">`, "<AccountType>email</AccountType>", "<Action>settings</Action>"} {
			if !strings.Contains(text, element) {
				t.Errorf("no %s in %s", element, text)
			}
		}
	}
}

func TestAutodiscoverV2(t *testing.T) {
	f := open(t).Front(HTTPS)
	for _, try := range []struct {
		query string
		ok    bool
	}{
		{"?Email=alice@example.org&Protocol=Autodiscoverv1", true},
		{"/v1.0/alice@example.org?Protocol=AutodiscoverV1&RedirectCount=1", true},
		{"?Email=alice@example.org&Protocol=ActiveSync", false},
		{"?Email=alice@example.net&Protocol=AutodiscoverV1", false},
		{"?Protocol=AutodiscoverV1", false},
	} {
		r := ask(f, "GET", "https://autodiscover.example.org/Autodiscover/Autodiscover.json"+try.query)
		text := bodyOf(t, r)
		if ok := text == `{"Protocol":"AutodiscoverV1","Url":"https://example.com/autodiscover/autodiscover.xml"}`+"\n"; ok != try.ok || ok != (r.StatusCode == http.StatusOK) {
			t.Errorf("%s: %s %s", try.query, r.Status, text)
		}
	}
	// Outlook asks in the clear where to go.
	r := ask(open(t).Front(HTTP), "GET", "http://autodiscover.example.org/autodiscover/autodiscover.xml")
	if r.StatusCode != http.StatusFound || r.Header.Get("Location") != "https://example.com/autodiscover/autodiscover.xml" {
		t.Errorf("%s %s", r.Status, r.Header.Get("Location"))
	}
}

// FuzzDiscovery: whatever is posted, what is found in it was in it.
func FuzzDiscovery(f *testing.F) {
	f.Add(question("alice@example.org", outlookAnswer))
	f.Add("<EMailAddress>a<!-- b -->c</EMailAddress>")
	f.Add("<?xml version='1.0' encoding='utf-16'?><EMailAddress>&lt;</EMailAddress>")
	f.Fuzz(func(t *testing.T, body string) {
		address, schema, err := readDiscovery(strings.NewReader(body))
		if err != nil && address+schema != "" {
			t.Errorf("%q, %q and %v", address, schema, err)
		}
		if len(address)+len(schema) > len(body) {
			t.Errorf("%q, %q from %q", address, schema, body)
		}
	})
}
