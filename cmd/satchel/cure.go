package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"satchel/server/web"
)

// withCure adds what to do to the system's errors about the data folder; others stay as they are.
func withCure(err error, data string) error {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w (%s)", err, whoMay(data))
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w (the disk is mounted read-only, which happens when it fails: see dmesg; under systemd, ReadWritePaths= of the unit must name the folder)", err)
	}
	return err
}

// whoMay says how to get at a data folder that this process may not look into or write to.
func whoMay(data string) string {
	uid, _, ok := ownerOf(data)
	switch {
	case ok && uid == os.Geteuid():
		return fmt.Sprintf("something in the data folder is not %s's, whose the folder is: chown -R %[1]s %s", userName(uid), data)
	case !ok || uid == 0:
		return "run this as root"
	}
	return fmt.Sprintf("run this as root or as %s, whose the data folder is", userName(uid))
}

// ownerOf is whose a file or folder is, where that can be found out.
func ownerOf(path string) (uid, gid int, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return int(stat.Uid), int(stat.Gid), true
}

func userName(uid int) string {
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		return cmp.Or(u.Username, u.Uid)
	}
	return strconv.Itoa(uid)
}

// becomeOwner makes root act as the owner of the data folder, so that no file in it becomes root's and out of reach for
// the server.
func becomeOwner(data string) error {
	uid, gid, ok := ownerOf(data)
	if !ok || uid == 0 || os.Geteuid() != 0 {
		return nil // a folder that is missing will be ours
	}
	if err := errors.Join(syscall.Setgroups([]int{gid}), syscall.Setgid(gid), syscall.Setuid(uid)); err != nil {
		return fmt.Errorf("become the owner of %s: %w", data, err)
	}
	return nil
}

// cureListen says what to do where a front's address is not to be had.
func cureListen(name string, err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE) && (name == string(web.HTTPS) || name == string(web.HTTP)):
		return "; the web server that has it can pass requests on to listen.web: docs/CLIENTS.md, and docs/CERTIFICATES.md for ACME"
	case errors.Is(err, syscall.EADDRINUSE):
		return `; "ss -ltnp" shows which program has it: stop that one, or choose another address in [listen]`
	case errors.Is(err, syscall.EACCES):
		return "; ports below 1024 need root, or the right that the systemd unit has (systemctl start satchel)"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "; this host has no such address: correct it in [listen]"
	}
	return ""
}
