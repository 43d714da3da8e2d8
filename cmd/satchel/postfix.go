package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
	"satchel/server/control"
)

// postfixText is what "satchel postfix" prints.
//
//go:embed postfix.txt
var postfixText string

var postfixScript = template.Must(template.New("postfix").Parse(postfixText))

// queueDirectory is Postfix's, in which Debian locks most of its processes up.
const queueDirectory = "/var/spool/postfix"

func (p *program) postfixCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "postfix",
		Short: "Print the commands that put Postfix in front of this server",
		Long: "Prints a shell script of postconf commands: mail for the addresses of satchel goes to satchel over LMTP, all other\n" +
			"addresses are refused, and people log in with satchel's passwords to send, on the ports 587 and 465. Look at it,\n" +
			"and have it run as root on this host:\n\n" +
			"    satchel postfix | sh -e\n\n" +
			"It can be run again, and has to be when listen.*, tls.*, acme.*, hostname or limits.message have changed.\n" +
			"Accounts, addresses and domains Postfix asks for as they are: they need no second run, nor do renewed certificates.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := p.config()
			if err != nil {
				return err
			}
			if c.Data, err = filepath.Abs(c.Data); err != nil {
				return err
			}
			s, err := postfixOf(c)
			if err != nil {
				return err
			}
			s.Certificate, s.Key = p.postfixCertificate(cmd.Context(), c)
			err = p.withAdmin(cmd.Context(), false, func(a control.Admin) (err error) {
				s.Local, err = localHost(a, c.Hostname)
				return err
			})
			if err != nil {
				return err
			}
			return postfixScript.Execute(p.out, s)
		},
	}
}

// postfixSettings is what the script says of this server, in Postfix's words.
type postfixSettings struct {
	Host             string
	Local            bool // the host's name is no domain of satchel's, and the host may have mail of its own
	LMTP, Auth, Map  string
	Certificate, Key string // files, the same where one has both
	MessageSize      int64  // bytes
}

// postfixOf puts the configuration into Postfix's words. The error says which key is missing.
func postfixOf(c *config.Config) (*postfixSettings, error) {
	if c.Auth == "" || c.Socketmap == "" {
		return nil, errors.New("there is nothing yet that Postfix could ask: give the configuration listen.auth and listen.socketmap, such as\n" +
			"    [listen]\n    auth = \"127.0.0.1:12325\"\n    socketmap = \"127.0.0.1:12326\"\nand restart satchel")
	}
	if c.LMTP == "" {
		return nil, errors.New("listen.lmtp is \"\": without LMTP Postfix cannot hand mail over")
	}
	s := &postfixSettings{Host: c.Hostname, MessageSize: int64(c.Message)}
	var errs [3]error
	s.LMTP, errs[0] = postfixAddress(c.LMTP)
	s.Auth, errs[1] = postfixAddress(c.Auth)
	s.Map, errs[2] = postfixAddress(c.Socketmap)
	s.Auth = strings.TrimPrefix(s.Auth, "unix:")
	return s, errors.Join(errs[:]...)
}

// certificatePatience is how long Postfix's certificate is waited for.
const certificatePatience = time.Minute

// postfixCertificate is the one for who asks for no name, or the one that satchel has made as long as an authority has
// not given any.
func (p *program) postfixCertificate(ctx context.Context, c *config.Config) (certificate, key string) {
	pairs := c.KeyPairs()
	first := pairs[0]
	if first.ACME == "" || p.awaitFile(ctx, c.Data, first.Certificate, "waiting for the certificate of "+first.ACME) {
		return first.Certificate, first.Key
	}
	fmt.Fprintf(p.errOut, "satchel: no authority has given a certificate for %s yet: the log of the server says why. Postfix gets\n"+
		"satchel's own one; run this again when there is a better one\n", first.ACME)
	own := pairs[len(pairs)-1]
	return own.Certificate, own.Key
}

// awaitFile waits until the server that runs on a data folder has made a file; false when it does not come.
func (p *program) awaitFile(ctx context.Context, data, path, what string) bool {
	ctx, cancel := context.WithTimeout(ctx, certificatePatience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for said := false; ; said = true {
		if _, err := os.Stat(path); err == nil {
			return true
		}
		if _, err := control.Dial(data); err != nil {
			return false
		}
		if !said {
			fmt.Fprintln(p.errOut, what)
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// postfixAddress says HOST:PORT or unix:PATH as Postfix does.
func postfixAddress(addr string) (string, error) {
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		inside, ok := strings.CutPrefix(path, queueDirectory+"/")
		if !ok {
			return "", fmt.Errorf("%s: Postfix's processes see only what is in %s: use a socket in %[2]s/satchel, or a port", path, queueDirectory)
		}
		return "unix:" + inside, nil
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "inet:" + net.JoinHostPort(host, port), nil
}

// localHost says whether mail for the host's own name is the host's affair.
func localHost(a control.Admin, host string) (bool, error) {
	accounts, err := a.Accounts()
	if err != nil {
		return false, err
	}
	for _, account := range accounts {
		at := func(address string) bool { return strings.HasSuffix(address, "@"+host) }
		if slices.ContainsFunc(account.Addresses, at) {
			return false, nil
		}
	}
	return true, nil
}
