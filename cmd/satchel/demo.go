package main

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/cmd/satchel/config"
	"satchel/cmd/satchel/crlf"
	"satchel/server/control"
)

// Where demo serves: ports that need no rights.
const (
	demoIMAP  = "127.0.0.1:1143"
	demoIMAPS = "127.0.0.1:1993"
	demoLMTP  = "127.0.0.1:1024"
	demoHTTPS = "127.0.0.1:1443"

	demoAccount = "alice@example.org"
	// demoSecretFile keeps the password of the account that demo made, to be shown at later starts.
	demoSecretFile = "demo-password"
)

// demoMail is the sample mail: demo/FOLDER/NN-name.eml, each a template with dates.
//
//go:embed demo
var demoMail embed.FS

func (p *program) demoCommand() *cobra.Command {
	var imap, imaps, lmtpAddr, https string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Serve on unprivileged ports, with an account to try",
		Long: "Serves like \"serve\" on loopback. At the first start it makes the account " + demoAccount + " with a few\n" +
			"messages; the password, made by chance, is kept in the data folder and printed. For trying satchel out only.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			read := func() (*config.Config, error) {
				cfg, err := p.config()
				if err != nil {
					return nil, err
				}
				if p.dataFlag == "" && p.configPath == "" {
					cfg.Data = "data"
				}
				cfg.IMAP, cfg.IMAPS, cfg.LMTP = imap, imaps, lmtpAddr
				cfg.HTTPS, cfg.HTTP, cfg.Web, cfg.Metrics, cfg.ACME.Email = https, "", "", "", ""
				return cfg, demoAddress(cfg)
			}
			return p.serve(cmd.Context(), read, nil, p.demoReady)
		},
	}
	c.Flags().StringVar(&imap, "imap", demoIMAP, "HOST:PORT for IMAP with STARTTLS")
	c.Flags().StringVar(&imaps, "imaps", demoIMAPS, "HOST:PORT for IMAP over TLS")
	c.Flags().StringVar(&lmtpAddr, "lmtp", demoLMTP, "HOST:PORT or unix:PATH for LMTP")
	c.Flags().StringVar(&https, "https", demoHTTPS, "HOST:PORT for browsers")
	mayBeEmpty(c, "imap", "imaps", "lmtp", "https") // nowhere
	return c
}

// demoAddress keeps a server whose password lies in a file on this host.
func demoAddress(cfg *config.Config) error {
	for _, addr := range []string{cfg.IMAP, cfg.IMAPS, cfg.LMTP, cfg.HTTPS} {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			continue // none, or a unix socket
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return usageError{fmt.Errorf("demo serves on this host only: %s is not a loopback address", addr)}
		}
	}
	return nil
}

// demoReady makes the account if there is none yet, and says how to log in.
func (p *program) demoReady(f *fronts) error {
	l := control.NewLocal(f.be, f)
	secretFile := filepath.Join(f.cfg.Data, demoSecretFile)
	_, err := l.Account(demoAccount)
	if errors.Is(err, backend.ErrNotFound) {
		err = p.makeDemo(l, secretFile)
	}
	if err != nil {
		return err
	}
	secret, err := os.ReadFile(secretFile)
	if err != nil {
		secret = []byte("(what you have set)")
	}
	p.sayHow(f, strings.TrimSpace(string(secret)))
	return nil
}

func (p *program) makeDemo(l *control.Local, secretFile string) error {
	secret := strings.ToLower(rand.Text()[:12])
	if err := os.WriteFile(secretFile, []byte(secret+"\n"), 0o600); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if _, err := l.AddAccount(demoAccount, secret); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	if err := fillDemo(l, time.Now()); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// fillDemo imports the sample mail.
func fillDemo(l *control.Local, now time.Time) error {
	folders, err := fs.ReadDir(demoMail, "demo")
	if err != nil {
		return err
	}
	for _, d := range folders {
		name := strings.ReplaceAll(d.Name(), "_", "/")
		imp, err := l.Import(control.Target{Account: demoAccount, Mailbox: name, Subscribe: true})
		if err != nil {
			return err
		}
		defer imp.Abort()
		files, err := fs.ReadDir(demoMail, "demo/"+d.Name())
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := addDemo(imp, "demo/"+d.Name()+"/"+f.Name(), now); err != nil {
				return err
			}
		}
		if _, err := imp.Finish(control.End{}); err != nil {
			return err
		}
	}
	return nil
}

// demoMessage is what a sample message can say about itself: {{.Ago 3}} is a Date field's text three hours ago,
// {{.Seen}} and {{.Flagged}} set flags.
type demoMessage struct {
	now   time.Time
	date  time.Time
	flags backend.Flags
}

// Ago gives the date so many hours ago, which becomes the message's internal date too.
func (d *demoMessage) Ago(hours int) string {
	d.date = d.now.Add(-time.Duration(hours) * time.Hour)
	return d.date.Format(time.RFC1123Z)
}

// Seen marks the message as read.
func (d *demoMessage) Seen() string { d.flags |= backend.FlagSeen; return "" }

// Flagged marks the message with a star.
func (d *demoMessage) Flagged() string { d.flags |= backend.FlagFlagged; return "" }

// Answered marks the message as answered.
func (d *demoMessage) Answered() string { d.flags |= backend.FlagAnswered; return "" }

// Draft marks the message as a draft.
func (d *demoMessage) Draft() string { d.flags |= backend.FlagDraft; return "" }

func addDemo(imp control.Import, path string, now time.Time) error {
	t, err := template.ParseFS(demoMail, path)
	if err != nil {
		return err
	}
	d := &demoMessage{now: now, date: now}
	var text bytes.Buffer
	if err := t.Execute(&text, d); err != nil {
		return err
	}
	m := &control.Message{Name: path, Flags: d.flags, Date: d.date, Key: []byte(path)}
	return imp.Add(m, crlf.NewReader(&text))
}

// sayHow prints what a person types into a mail program.
func (p *program) sayHow(f *fronts, secret string) {
	host, port, _ := net.SplitHostPort(f.addr("imap"))
	_, portTLS, _ := net.SplitHostPort(f.addr("imaps"))
	page := "switched off"
	if addr := f.addr("https"); addr != "" {
		page = "https://" + addr + "/"
	}
	fmt.Fprintf(p.out, `
Satchel is running. In Thunderbird: New Account > Email, then "Configure manually":

    Protocol      IMAP
    Hostname      %s
    Port          %s with STARTTLS, or %s with SSL/TLS
    Username      %s
    Password      %s

The account's page: %s

The certificate is self-signed: let Thunderbird and the browser make an exception for it.
New mail comes in over LMTP (%s), or so:

    printf 'Subject: Hello\n\nIt works.\n' | %s deliver %s --data %s

Stop with Ctrl-C.

`, host, port, portTLS, demoAccount, secret, page, cmp.Or(f.addr("lmtp"), "switched off"), os.Args[0], demoAccount, f.cfg.Data)
}
