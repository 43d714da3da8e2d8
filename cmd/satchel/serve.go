package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"satchel/cmd/satchel/config"
)

func (p *program) serveCommand() *cobra.Command {
	var imap, imaps, lmtpAddr, https, http string
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
			"(FileDescriptorName=) imap, imaps, lmtp, auth, socketmap, https, http, web and metrics are\n" +
			"served in place of the addresses.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			read := func() (*config.Config, error) {
				cfg, err := p.config()
				if err != nil {
					return nil, err
				}
				for _, f := range []struct {
					name  string
					value string
					field *string
				}{{"imap", imap, &cfg.IMAP}, {"imaps", imaps, &cfg.IMAPS}, {"lmtp", lmtpAddr, &cfg.LMTP},
					{"https", https, &cfg.HTTPS}, {"http", http, &cfg.HTTP}} {
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
	c.Flags().StringVar(&https, "https", "", "HOST:PORT for browsers and the set-up of mail programs (default nowhere)")
	c.Flags().StringVar(&http, "http", "", "HOST:PORT for the same in the clear, which leads to https (default nowhere)")
	mayBeEmpty(c, "imap", "imaps", "lmtp", "https", "http") // nowhere
	return c
}

// serve runs the server until ctx ends or a socket dies. read gives the configuration, at the start and whenever again
// says so. ready, unless nil, is called when all sockets are open.
func (p *program) serve(ctx context.Context, read func() (*config.Config, error), again <-chan os.Signal, ready func(*fronts) error) error {
	f, err := p.newFronts(read)
	if err != nil {
		return err
	}
	defer f.close()
	if err := f.open(ctx); err != nil {
		return err
	}
	f.warnOfPolicy()
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
func (p *program) newFronts(read func() (*config.Config, error)) (*fronts, error) {
	cfg, err := read()
	if err != nil {
		return nil, err
	}
	sockets, err := passedSockets()
	if err != nil {
		return nil, err
	}
	f := &fronts{cfg: cfg, sockets: sockets, since: time.Now(), ended: make(chan error, 1)}
	f.level.Set(cfg.LogLevel)
	f.log, f.logged = newLog(cfg, &f.level, p.errOut)
	return f, nil
}
