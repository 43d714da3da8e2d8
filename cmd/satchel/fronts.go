package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/config"
	"satchel/server"
	"satchel/server/control"
	"satchel/server/lmtp"
	"satchel/server/web"
)

// grace is how long clients and deliveries have to end when the server stops.
const grace = 5 * time.Second

// fronts is a running server: the backend and all through which it is reached. What is nil is switched off, or was not
// opened before something failed.
type fronts struct {
	cfg     *config.Config // in force
	level   slog.LevelVar
	log     *slog.Logger
	logged  *logged
	since   time.Time
	sockets map[string][]net.Listener // that systemd has opened, or root before it became somebody else

	be           *backend.Backend
	certificates *server.Certificates
	acme         renewals
	imap         *server.Server
	lmtp         *lmtp.Server
	web          *web.Server
	side         []sideFront
	control      *control.Server

	serving bool
	ended   chan error // the first front that died

	works sync.WaitGroup // what goes on beside the fronts
	halt  context.CancelFunc
}

// open takes the data folder and opens all sockets. The soft limit of open files needs no care: Go's runtime raises it
// to the hard one.
func (f *fronts) open(ctx context.Context) error {
	if err := f.cfg.CheckFronts(); err != nil {
		return configError{err}
	}
	proxies, err := f.cfg.ProxyNetworks()
	if err != nil {
		return configError{err}
	}
	for _, open := range []func() error{
		func() error { return f.openBackend(ctx) },
		f.openCertificates,
		func() error { return f.openIMAP(proxies) },
		func() error { return f.openLocal(proxies) },
		func() error { return f.openWeb(proxies) },
		f.openMetrics,
	} {
		if err := open(); err != nil {
			return err
		}
	}
	f.control, err = control.Listen(f.cfg.Data, f.be, f, f.log)
	return err
}

// openBackend takes the data folder. A command that has it, such as one that looks whether a server runs, is waited for.
func (f *fronts) openBackend(ctx context.Context) (err error) {
	cfg := f.cfg.Backend()
	cfg.Log = f.log
	if cfg.Login.Tokens, err = f.cfg.Issuer(); err != nil {
		return configError{err}
	}
	if err := f.becomeOwner(); err != nil {
		return err
	}
	err = whenFree(ctx, func() (taken bool, err error) {
		f.be, err = backend.Open(cfg)
		return errors.Is(err, backend.ErrInUse) && !isServed(cfg.Data), err
	})
	return withCure(err, f.cfg.Data)
}

// isServed reports whether a server answers on a data folder.
func isServed(data string) bool {
	_, err := control.Dial(data)
	return err == nil
}

// openCertificates loads them, and prepares to get some by ACME.
func (f *fronts) openCertificates() error {
	pairs, err := f.cfg.MadePairs()
	if err != nil {
		return err
	}
	if f.certificates, err = server.LoadCertificates(pairs, f.cfg.ClientCA, f.log); err != nil {
		return err
	}
	f.certificates.AnswerChallenges(f.acme.certificate)
	manager, err := newACME(f.cfg, f.log, f.obtained)
	if err == nil {
		f.acme.manager.Store(manager)
	}
	return err
}

func (f *fronts) openIMAP(proxies []netip.Prefix) (err error) {
	cfg := f.cfg
	f.imap, err = server.New(f.be, server.Config{
		IMAP: cfg.IMAP, IMAPS: cfg.IMAPS, Sockets: f.sockets, TLS: f.certificates.TLSConfig(), Proxies: proxies,
		MaxConnections: cfg.Connections, MaxPerAddress: cfg.PerAddress,
		MessageLimit: cfg.Messages, SaveLimit: cfg.SavedMessages,
		LoginTimeout: cfg.LoginTimeout, IdleTimeout: cfg.IdleTimeout, Hide: cfg.Hide, Log: f.log,
	})
	if err != nil {
		return err
	}
	if err := f.imap.Listen(); err != nil {
		return fmt.Errorf("%w%s", err, cureListen("imap", err))
	}
	return nil
}

// becomeOwner has root serve as the user whose the data folder is, as systemd does. What may need root's rights, the
// sockets, is opened before.
func (f *fronts) becomeOwner() error {
	cfg := f.cfg
	if uid, _, ok := ownerOf(cfg.Data); !ok || uid == 0 || os.Geteuid() != 0 {
		return nil
	}
	for _, name := range config.Fronts {
		opened, err := f.listen(name, cfg.Address(name))
		if err != nil {
			return err
		}
		f.sockets[name] = opened
	}
	return becomeOwner(cfg.Data)
}

// serve starts all fronts; the first one that dies is told on ended.
func (f *fronts) serve() {
	f.serving = true
	ctx, halt := context.WithCancel(context.Background())
	f.halt = halt
	f.works.Go(func() { f.certificates.Watch(ctx) })
	f.acme.start(f.acme.manager.Load())
	f.run(f.control.Serve)
	if f.addr("imap") != "" || f.addr("imaps") != "" { // without a front Serve has nothing to wait for
		f.run(f.imap.Serve)
	}
	for _, front := range f.side {
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
	for _, front := range f.side {
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
	f.acme.stop()
	if f.halt != nil {
		f.halt()
		f.works.Wait()
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
