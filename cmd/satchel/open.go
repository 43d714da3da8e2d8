package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"satchel/backend"
	"satchel/cmd/satchel/config"
	"satchel/server/control"
)

// patience is how long a command waits for another one, or for a server that is starting or stopping, to let go of the
// data folder, and a server for a command.
const patience = 10 * time.Second

// admin reaches the data folder: through the server that runs on it, or directly. create allows a folder to be made.
func (p *program) admin(ctx context.Context, create bool) (control.Admin, error) {
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.Data); err != nil && !(create && os.IsNotExist(err)) {
		return nil, fmt.Errorf("data folder: %w (--data says where it is)", err)
	}
	var a control.Admin
	err = whenFree(ctx, func() (taken bool, err error) {
		a, err = reach(c, create)
		return errors.Is(err, backend.ErrInUse), err
	})
	return a, withCure(err, c.Data)
}

// whenFree tries until the data folder is not taken by another process, or patience or ctx ends, and returns what the last
// try did.
func whenFree(ctx context.Context, try func() (taken bool, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		taken, err := try()
		if !taken {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}

// reach tries once. ErrInUse says that a process has the folder that does not answer, or not yet.
func reach(c *config.Config, create bool) (control.Admin, error) {
	remote, err := control.Dial(c.Data)
	if err == nil {
		return remote, nil
	}
	if !errors.Is(err, control.ErrNoServer) {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(c.Data, "directory.db")); errors.Is(err, fs.ErrNotExist) && !create {
		return nil, fmt.Errorf("%s is no data folder of satchel's, or its disk is not mounted: it has no directory.db (--data says where it is, \"satchel setup\" makes one)", c.Data)
	}
	if err := becomeOwner(c.Data); err != nil {
		return nil, err
	}
	be, err := backend.Open(c.Backend())
	if err != nil {
		return nil, err
	}
	return control.NewLocal(be, nil), nil
}

// withAdmin runs f with the data folder and lets go of it.
func (p *program) withAdmin(ctx context.Context, create bool, f func(control.Admin) error) error {
	a, err := p.admin(ctx, create)
	if err != nil {
		return err
	}
	err = f(a)
	if e := a.Close(); err == nil {
		err = e
	}
	if c, e := p.config(); e == nil && errors.Is(err, control.ErrNoServer) {
		err = fmt.Errorf("%w %s: start one (systemctl start satchel), or name its folder with --data or --config", err, c.Data)
	}
	return err
}
