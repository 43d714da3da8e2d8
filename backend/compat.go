package backend

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/emersion/go-imap"
	imapbackend "github.com/emersion/go-imap/backend"
)

// This file and compat_*.go are go-imap's backend interfaces over the real
// methods, so that a stock go-imap server could serve a data folder. Such a
// server has no views: each call sees the mailbox as it is then, and sequence
// numbers are right only while nobody else removes messages. Package server does
// not go this way.

// Login logs a go-imap user in.
func (b *Backend) Login(info *imap.ConnInfo, user, password string) (imapbackend.User, error) {
	var remote netip.Addr
	if info != nil {
		if tcp, ok := info.RemoteAddr.(*net.TCPAddr); ok {
			remote = tcp.AddrPort().Addr().Unmap()
		}
	}
	a, _, err := b.Authenticate(context.Background(), user, password, remote)
	if errors.Is(err, ErrAuth) {
		return nil, imapbackend.ErrInvalidCredentials
	}
	if err != nil {
		return nil, err
	}
	return a.IMAPUser(), nil
}

// imapUser is an Account as go-imap's backend.User.
type imapUser struct{ a *Account }

// IMAPUser is the account as go-imap sees it. Its Logout releases the account.
func (a *Account) IMAPUser() imapbackend.User { return imapUser{a} }

func (u imapUser) Username() string { return u.a.Name() }

func (u imapUser) ListMailboxes(subscribed bool) ([]imapbackend.Mailbox, error) {
	var list []imapbackend.Mailbox
	for _, info := range u.a.List() {
		if info.Subscribed || !subscribed {
			list = append(list, &imapMailbox{u.a, info.Name})
		}
	}
	return list, nil
}

func (u imapUser) GetMailbox(name string) (imapbackend.Mailbox, error) {
	m, err := u.a.mailbox(name)
	if err != nil {
		return nil, imapbackend.ErrNoSuchMailbox
	}
	return &imapMailbox{u.a, m.name()}, nil
}

func (u imapUser) CreateMailbox(name string) error {
	return imapError(u.a.Create(name, ""))
}

func (u imapUser) DeleteMailbox(name string) error {
	return imapError(u.a.Delete(name))
}

func (u imapUser) RenameMailbox(existing, name string) error {
	return imapError(u.a.Rename(existing, name))
}

func (u imapUser) Logout() error {
	u.a.Release()
	return nil
}

// imapError puts errors into go-imap's words where it has some.
func imapError(err error) error {
	switch {
	case errors.Is(err, ErrNotFound):
		return fmt.Errorf("%w: %w", imapbackend.ErrNoSuchMailbox, err)
	case errors.Is(err, ErrExists):
		return fmt.Errorf("%w: %w", imapbackend.ErrMailboxAlreadyExists, err)
	case errors.Is(err, ErrTooBig):
		return fmt.Errorf("%w: %w", imapbackend.ErrTooBig, err)
	}
	return err
}
