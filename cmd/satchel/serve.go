package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"satchel/backend"
	"satchel/server"
	"satchel/server/control"
	"satchel/server/lmtp"
)

// grace is how long clients and deliveries have to end when the server stops.
const grace = 5 * time.Second

func (p *program) serveCommand() *cobra.Command {
	var imap, imaps, lmtpAddr string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the data folder over IMAP and take mail over LMTP",
		Long: "Serves until SIGTERM or SIGINT, in the foreground. When all sockets are open it prints a line that begins\n" +
			"with \"ready\"; everything else goes to the log on standard error. systemd is told as well (Type=notify).\n\n" +
			"An address is HOST:PORT; an empty one switches that front off. LMTP also listens on unix:PATH. LMTP knows no\n" +
			"passwords: keep it to this host. Without a certificate in the configuration satchel makes a self-signed one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := p.config()
			if err != nil {
				return err
			}
			for _, f := range []struct {
				name  string
				value string
				field *string
			}{{"imap", imap, &cfg.imap}, {"imaps", imaps, &cfg.imaps}, {"lmtp", lmtpAddr, &cfg.lmtp}} {
				if cmd.Flags().Changed(f.name) {
					*f.field = f.value
				}
			}
			return p.serve(cmd.Context(), cfg, nil)
		},
	}
	c.Flags().StringVar(&imap, "imap", "", "HOST:PORT for IMAP with STARTTLS (default :143)")
	c.Flags().StringVar(&imaps, "imaps", "", "HOST:PORT for IMAP over TLS (default :993)")
	c.Flags().StringVar(&lmtpAddr, "lmtp", "", "HOST:PORT or unix:PATH for LMTP (default 127.0.0.1:24)")
	return c
}

// serve runs the server until ctx ends or a socket dies. ready, unless nil, is called when all sockets are open.
func (p *program) serve(ctx context.Context, cfg *config, ready func(*fronts) error) error {
	f := &fronts{cfg: cfg, log: newLog(cfg, p.errOut), ended: make(chan error, 3)}
	defer f.close()
	if err := f.open(); err != nil {
		return err
	}
	f.serve()
	fmt.Fprintf(p.out, "ready pid=%d imap=%s imaps=%s lmtp=%s\n", os.Getpid(), f.addr("imap"), f.addr("imaps"), f.addr("lmtp"))
	notify("READY=1")
	if ready != nil {
		if err := ready(f); err != nil {
			return err
		}
	}
	select {
	case <-ctx.Done():
		notify("STOPPING=1")
		f.log.Info("stopping")
		return nil
	case err := <-f.ended:
		return err
	}
}

func newLog(cfg *config, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: cfg.logLevel}
	if cfg.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// fronts is a running server: the backend and all through which it is reached. What is nil is switched off, or was not
// opened before something failed.
type fronts struct {
	cfg *config
	log *slog.Logger

	be      *backend.Backend
	imap    *server.Server
	lmtp    *lmtp.Server
	mail    net.Listener // lmtp's
	control *control.Server

	serving bool
	ended   chan error
}

// open takes the data folder and opens all sockets. The soft limit of open files needs no care: Go's runtime raises it
// to the hard one.
func (f *fronts) open() (err error) {
	cfg := f.cfg
	if err := cfg.checkFronts(); err != nil {
		return configError{err}
	}
	becfg := cfg.backend()
	becfg.Log = f.log
	if becfg.Login.Tokens, err = cfg.issuer(); err != nil {
		return configError{err}
	}
	if f.be, err = backend.Open(becfg); err != nil {
		return err
	}
	certificates, err := f.certificates()
	if err != nil {
		return err
	}
	f.imap, err = server.New(f.be, server.Config{
		IMAP: cfg.imap, IMAPS: cfg.imaps, TLS: certificates.TLSConfig(),
		MaxConnections: cfg.connections, MaxPerAddress: cfg.perAddress,
		MessageLimit: cfg.messages, SaveLimit: cfg.saves,
		LoginTimeout: cfg.loginTimeout, IdleTimeout: cfg.idleTimeout, Hide: cfg.hide, Log: f.log,
	})
	if err != nil {
		return err
	}
	if err := f.imap.Listen(); err != nil {
		return err
	}
	if err := f.openLMTP(); err != nil {
		return err
	}
	f.control, err = control.Listen(cfg.data, f.be, f.imap.Disconnect, f.log)
	return err
}

// checkFronts looks at what flags may have brought, which the file's checks have not seen.
func (c *config) checkFronts() error {
	errs := []error{checkLMTP(c), validAddress(c.imap), validAddress(c.imaps)}
	if (c.cert == "") != (c.key == "") {
		errs = append(errs, errors.New("tls.cert and tls.key go together: one is missing"))
	}
	return errors.Join(errs...)
}

// certificates loads the configured certificate, or one that satchel makes for this host.
func (f *fronts) certificates() (*server.Certificates, error) {
	pair := server.KeyPair{Certificate: f.cfg.cert, Key: f.cfg.key}
	if pair.Certificate == "" {
		var err error
		if pair, err = server.SelfSigned(filepath.Join(f.cfg.data, "tls"), f.cfg.hostname); err != nil {
			return nil, err
		}
	}
	return server.LoadCertificates([]server.KeyPair{pair}, f.cfg.clientCA, f.log)
}

func (f *fronts) openLMTP() (err error) {
	if f.cfg.lmtp == "" {
		return nil
	}
	if f.mail, err = listenLMTP(f.cfg.lmtp); err != nil {
		return fmt.Errorf("lmtp: %w", err)
	}
	f.lmtp = lmtp.New(f.be, lmtp.Config{Hostname: f.cfg.hostname, MaxConnections: f.cfg.lmtpConns,
		MaxRecipients: f.cfg.recipients, Log: f.log})
	return nil
}

// listenLMTP opens HOST:PORT or unix:PATH. A socket that a dead server left behind is replaced; every local user may
// connect to the new one, as to a port, unless its folder forbids it.
func listenLMTP(addr string) (net.Listener, error) {
	path, ok := strings.CutPrefix(addr, "unix:")
	if !ok {
		return net.Listen("tcp", addr)
	}
	if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if c, err := net.Dial("unix", path); err == nil {
			c.Close()
			return nil, fmt.Errorf("%s: another process listens there", path)
		}
		os.Remove(path)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o666); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// serve starts all fronts; the first one that dies is told on ended.
func (f *fronts) serve() {
	f.serving = true
	go func() { f.ended <- f.control.Serve() }()
	if f.cfg.imap != "" || f.cfg.imaps != "" { // without a front Serve has nothing to wait for
		go func() { f.ended <- f.imap.Serve() }()
	}
	if f.lmtp != nil {
		go func() { f.ended <- f.lmtp.Serve(f.mail) }()
	}
}

// addr is where a front listens, "" when it is switched off.
func (f *fronts) addr(name string) string {
	var a net.Addr
	if name == "lmtp" && f.mail != nil {
		a = f.mail.Addr()
	} else if name != "lmtp" {
		a = f.imap.Addr(name)
	}
	switch {
	case a == nil:
		return ""
	case a.Network() == "unix":
		return "unix:" + a.String()
	}
	return a.String()
}

// close stops in order: fronts first, the backend when nobody uses it any more.
func (f *fronts) close() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	stopped := make(chan struct{}, 3)
	stop := func(shutdown func(context.Context)) {
		shutdown(ctx)
		stopped <- struct{}{}
	}
	n := 0
	if f.control != nil {
		n++
		go stop(f.control.Shutdown)
	}
	if f.lmtp != nil && f.serving {
		n++
		go stop(f.lmtp.Shutdown)
	} else if f.mail != nil {
		f.mail.Close()
	}
	if f.imap != nil {
		n++
		go stop(f.imap.Shutdown)
	}
	for range n {
		<-stopped
	}
	if f.be == nil {
		return
	}
	if err := f.be.Close(); err != nil {
		f.log.Error("closing the data folder", "error", err)
	}
}
