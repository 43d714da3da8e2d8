package metrics

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"satchel/backend"
	"satchel/backend/passwords"
	"satchel/server"
	"satchel/server/lmtp"
)

// house is a server with all that is told of.
type house struct {
	be   *backend.Backend
	imap *server.Server
	url  string
}

func open(t *testing.T) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	h := &house{}
	var err error
	if h.be, err = backend.Open(backend.Config{Data: t.TempDir(), Login: backend.LoginConfig{Iterations: passwords.MinIterations}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.be.Close() })
	if _, err = h.be.AddAccount("alice", "correct horse"); err != nil {
		t.Fatal(err)
	}
	pair, err := server.SelfSigned(t.TempDir(), "mail.example.org")
	if err != nil {
		t.Fatal(err)
	}
	certificates, err := server.LoadCertificates([]server.KeyPair{pair}, "", log)
	if err != nil {
		t.Fatal(err)
	}
	if h.imap, err = server.New(h.be, server.Config{IMAP: "127.0.0.1:0", Log: log}); err != nil {
		t.Fatal(err)
	}
	if err := h.imap.Listen(); err != nil {
		t.Fatal(err)
	}
	go h.imap.Serve()
	t.Cleanup(func() { h.imap.Shutdown(context.Background()) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{Version: "v1", Backend: h.be, IMAP: h.imap, LMTP: lmtp.New(h.be, lmtp.Config{Log: log}), LastBackup: func() (time.Time, int) { return time.Unix(7, 0), 3 }, Certificates: certificates, Log: log})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Shutdown(context.Background())
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	h.url = "http://" + l.Addr().String()
	return h
}

func (h *house) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	r, err := http.Get(h.url + path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

// families reads /metrics as Prometheus does.
func (h *house) families(t *testing.T) map[string]*dto.MetricFamily {
	t.Helper()
	status, body := h.get(t, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d: %s", status, body)
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	list, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	problems, err := promlint.New(strings.NewReader(body)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	return list
}

// play has a client, and mail, do something of everything.
func (h *house) play(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("tcp", h.imap.Addr("imap").String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	io.WriteString(conn, "a LOGIN alice wrong\r\nb LOGIN alice \"correct horse\"\r\nc SELECT INBOX\r\nd SEARCH TEXT x\r\ne XYZZY\r\nf LOGOUT\r\n")
	if answers, err := io.ReadAll(conn); err != nil || !bytes.Contains(answers, []byte("f OK")) {
		t.Fatalf("%v in %s", err, answers)
	}
	spool := h.be.NewSpool()
	defer spool.Close()
	io.WriteString(spool, "Subject: x\r\n\r\n")
	d, err := h.be.NewDelivery("", "", spool)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	if _, err := d.To("alice"); err != nil {
		t.Fatal(err)
	}
}

// TestMetrics: what Prometheus reads is well formed, is what has happened, and says nothing of anybody. All of it is in
// docs/MONITORING.md, which lists nothing else.
func TestMetrics(t *testing.T) {
	h := open(t)
	h.play(t)
	list := h.families(t)
	for _, tt := range []struct {
		name   string
		labels map[string]string
		want   float64
	}{
		{"satchel_logins_total", map[string]string{"method": "password", "result": "ok"}, 1},
		{"satchel_logins_total", map[string]string{"method": "password", "result": "password"}, 1},
		{"satchel_commands_total", map[string]string{"command": "LOGIN", "result": "no"}, 1},
		{"satchel_commands_total", map[string]string{"command": "SEARCH", "result": "ok"}, 1},
		{"satchel_unknown_commands_total", nil, 1},
		{"satchel_deliveries_total", map[string]string{"result": "ok"}, 1},
		{"satchel_connections_total", map[string]string{"front": "imap"}, 1},
		{"satchel_backup_timestamp_seconds", nil, 7},
		{"satchel_backup_failed_accounts", nil, 3},
		{"satchel_build_info", map[string]string{"version": "v1"}, 1},
	} {
		if got := value(list[tt.name], tt.labels); got != tt.want {
			t.Errorf("%s %v: %v, want %v", tt.name, tt.labels, got, tt.want)
		}
	}
	if h := list["satchel_delivery_duration_seconds"].Metric[0].Histogram; h.GetSampleCount() != 1 || h.GetSampleSum() <= 0 || h.GetBucket()[0].GetUpperBound() != 0.0001 {
		t.Errorf("delivery: %v", h)
	}
	if until := value(list["satchel_certificate_expiry_timestamp_seconds"], map[string]string{"source": "self-signed"}); until < float64(time.Now().Unix()) {
		t.Errorf("the certificate ends at %v", until)
	}
	documented(t, list)
	for name, family := range list {
		if text := family.String(); strings.Contains(text, "alice") || strings.Contains(text, "XYZZY") {
			t.Errorf("%s tells of somebody: %s", name, text)
		}
	}
}

// value is that of the metric with these labels among others, -1 when there is none.
func value(f *dto.MetricFamily, labels map[string]string) float64 {
	for _, m := range f.GetMetric() {
		n := 0
		for _, l := range m.Label {
			if labels[l.GetName()] == l.GetValue() {
				n++
			}
		}
		if n == len(labels) {
			return m.Counter.GetValue() + m.Gauge.GetValue()
		}
	}
	return -1
}

var shownMetric = regexp.MustCompile("(?m)^\\| `(satchel_[a-z_]+)`")

func documented(t *testing.T, list map[string]*dto.MetricFamily) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "MONITORING.md"))
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, m := range shownMetric.FindAllSubmatch(page, -1) {
		shown[string(m[1])] = true
		if list[string(m[1])] == nil {
			t.Errorf("there is no %s", m[1])
		}
	}
	for name := range list {
		if strings.HasPrefix(name, "satchel_") && !shown[name] {
			t.Errorf("docs/MONITORING.md lacks %s", name)
		}
	}
}

// TestHealth: a server lives and is ready; one whose folder is closed lives on and is not.
func TestHealth(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/health", "/ready"} {
		if status, body := h.get(t, path); status != http.StatusOK || body != "ok\n" {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	if status, _ := h.get(t, "/"); status != http.StatusNotFound {
		t.Errorf("/: %d", status)
	}
	h.be.Close()
	if status, _ := h.get(t, "/health"); status != http.StatusOK {
		t.Errorf("/health without a folder: %d", status)
	}
	if status, body := h.get(t, "/ready"); status != http.StatusServiceUnavailable || body == "ok\n" {
		t.Errorf("/ready without a folder: %d %q", status, body)
	}
}

var ruleMetric = regexp.MustCompile(`satchel_[a-z_]+`)

// TestRules: the rules on the page are about metrics that there are.
func TestRules(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "MONITORING.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rules, _ := strings.Cut(string(page), "\ngroups:\n")
	rules, _, _ = strings.Cut(rules, "\n```")
	found := ruleMetric.FindAllString(rules, -1)
	for _, name := range found {
		if !strings.Contains(string(page), "| `"+strings.TrimSuffix(name, "_bucket")+"`") {
			t.Errorf("a rule is about %s, which there is not", name)
		}
	}
	if len(found) < 5 {
		t.Errorf("found %q in the rules", found)
	}
}
