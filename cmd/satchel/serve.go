package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
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
			"with \"ready\"; everything else goes to the log on standard error.\n\n" +
			"An address is HOST:PORT; an empty one switches that front off. LMTP also listens on unix:PATH. LMTP knows no\n" +
			"passwords: keep it to this host. Without a certificate in the configuration satchel makes a self-signed one.\n\n" +
			"SIGHUP has the configuration read again. Changes of these keys count then, of all others after a restart:\n" +
			strings.Join(liveKeys, ", ") + ".\n\n" +
			"systemd is told how the server is doing (Type=notify, WatchdogSec=). Sockets that it has opened under the names\n" +
			"(FileDescriptorName=) imap, imaps, lmtp, auth and socketmap are served in place of the addresses.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			read := func() (*config, error) {
				cfg, err := p.config()
				if err != nil {
					return nil, err
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
				return cfg, nil
			}
			hangup := make(chan os.Signal, 1)
			signal.Notify(hangup, syscall.SIGHUP)
			defer signal.Stop(hangup)
			return p.serve(cmd.Context(), read, hangup, nil)
		},
	}
	c.Flags().StringVar(&imap, "imap", "", "HOST:PORT for IMAP with STARTTLS (default :143)")
	c.Flags().StringVar(&imaps, "imaps", "", "HOST:PORT for IMAP over TLS (default :993)")
	c.Flags().StringVar(&lmtpAddr, "lmtp", "", "HOST:PORT or unix:PATH for LMTP (default 127.0.0.1:24)")
	return c
}

// serve runs the server until ctx ends or a socket dies. read gives the configuration, at the start and whenever again
// says so. ready, unless nil, is called when all sockets are open.
func (p *program) serve(ctx context.Context, read func() (*config, error), again <-chan os.Signal, ready func(*fronts) error) error {
	f, err := p.newFronts(read)
	if err != nil {
		return err
	}
	defer f.close()
	if err := f.open(); err != nil {
		return err
	}
	f.serve()
	fmt.Fprintln(p.out, f.readyLine())
	notify(f.log, daemon.SdNotifyReady)
	go f.watchdog(ctx)
	if ready != nil {
		if err := ready(f); err != nil {
			return err
		}
	}
	for {
		select {
		case <-again:
			f.reload(read)
		case <-ctx.Done():
			notify(f.log, daemon.SdNotifyStopping)
			f.log.Info("stopping")
			return nil
		case err := <-f.ended:
			return err
		}
	}
}

// newFronts reads the configuration and takes the sockets that systemd has opened, if any.
func (p *program) newFronts(read func() (*config, error)) (*fronts, error) {
	cfg, err := read()
	if err != nil {
		return nil, err
	}
	sockets, err := passedSockets()
	if err != nil {
		return nil, err
	}
	f := &fronts{cfg: cfg, sockets: sockets, ended: make(chan error, 1)}
	f.level.Set(cfg.logLevel)
	f.log = newLog(cfg, &f.level, p.errOut)
	return f, nil
}

func newLog(cfg *config, level slog.Leveler, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if cfg.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// fronts is a running server: the backend and all through which it is reached. What is nil is switched off, or was not
// opened before something failed.
type fronts struct {
	cfg     *config // in force
	level   slog.LevelVar
	log     *slog.Logger
	sockets map[string][]net.Listener // that systemd has opened

	be           *backend.Backend
	certificates *server.Certificates
	imap         *server.Server
	lmtp         *lmtp.Server
	local        []localFront
	control      *control.Server

	serving bool
	ended   chan error // the first front that died
}

// open takes the data folder and opens all sockets. The soft limit of open files needs no care: Go's runtime raises it
// to the hard one.
func (f *fronts) open() (err error) {
	cfg := f.cfg
	if err := cfg.checkFronts(); err != nil {
		return configError{err}
	}
	proxies, err := cfg.proxyNetworks()
	if err != nil {
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
	pair, err := f.keyPair(cfg)
	if err != nil {
		return err
	}
	if f.certificates, err = server.LoadCertificates(pair, cfg.clientCA, f.log); err != nil {
		return err
	}
	f.imap, err = server.New(f.be, server.Config{
		IMAP: cfg.imap, IMAPS: cfg.imaps, Sockets: f.sockets, TLS: f.certificates.TLSConfig(), Proxies: proxies,
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
	if err := f.openLocal(proxies); err != nil {
		return err
	}
	f.control, err = control.Listen(cfg.data, f.be, f.imap.Disconnect, f.log)
	return err
}

// checkFronts looks at what flags may have brought, which the file's checks have not seen.
func (c *config) checkFronts() error {
	errs := []error{validAddress(c.imap), validAddress(c.imaps), validLocal(c.lmtp)}
	if (c.cert == "") != (c.key == "") {
		errs = append(errs, errors.New("tls.cert and tls.key go together: one is missing"))
	}
	return errors.Join(errs...)
}

// keyPair is the configured certificate, or one that satchel makes for this host.
func (f *fronts) keyPair(cfg *config) ([]server.KeyPair, error) {
	if cfg.cert != "" {
		return cfg.keyPair(), nil
	}
	pair, err := server.SelfSigned(filepath.Join(f.cfg.data, "tls"), f.cfg.hostname)
	return []server.KeyPair{pair}, err
}

func (c *config) keyPair() []server.KeyPair {
	return []server.KeyPair{{Certificate: c.cert, Key: c.key}}
}

// serve starts all fronts; the first one that dies is told on ended.
func (f *fronts) serve() {
	f.serving = true
	f.run(f.control.Serve)
	if f.addr("imap") != "" || f.addr("imaps") != "" { // without a front Serve has nothing to wait for
		f.run(f.imap.Serve)
	}
	for _, front := range f.local {
		for _, l := range front.listeners {
			f.run(func() error { return front.server.Serve(l) })
		}
	}
}

func (f *fronts) run(serve func() error) {
	go func() {
		select {
		case f.ended <- serve():
		default:
		}
	}()
}

// close stops in order: fronts first, the backend when nobody uses it any more.
func (f *fronts) close() {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	stopped := make(chan struct{})
	stop := func(shutdown func(context.Context)) {
		shutdown(ctx)
		stopped <- struct{}{}
	}
	n := 0
	if f.control != nil {
		n++
		go stop(f.control.Shutdown)
	}
	for _, front := range f.local {
		if f.serving {
			n++
			go stop(front.server.Shutdown)
		} else {
			front.close()
		}
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
