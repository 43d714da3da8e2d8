// Package socketmap answers an MTA's questions about addresses, in the protocol of Postfix's and Sendmail's socketmap
// tables.
//
// It owns netstrings, the names of the maps and the form of the answers. Whose an address is the backend decides. The
// answers are no secret, but the socket is for programs of this host. A Server is safe for concurrent use.
package socketmap

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"satchel/backend"
	"satchel/server/accept"
)

// Server answers over one backend.
type Server struct {
	*accept.Server

	cfg  accept.Config
	maps map[string]lookup
}

// lookup finds the value of a key in a map.
type lookup func(key string) (value string, err error)

// New makes a server; Serve starts it, Shutdown ends it. The map "mailbox" has every address that mail is taken for,
// "login" every address that somebody may send from; the value is the account's name. "domain" has every domain at
// which there are addresses; the value is the domain. "full" has the addresses whose account is full; the value is how
// Postfix is to refuse a recipient.
func New(be *backend.Backend, cfg accept.Config) *Server {
	cfg.SetDefaults()
	s := &Server{cfg: cfg, maps: map[string]lookup{
		"mailbox": func(address string) (string, error) {
			info, _, err := be.Resolve(address)
			return info.Name, err
		},
		"login": func(address string) (string, error) {
			info, err := be.ResolveSender(address)
			return info.Name, err
		},
		"domain": func(domain string) (string, error) {
			ours, err := be.HasDomain(domain)
			if err == nil && !ours {
				err = backend.ErrNotFound
			}
			return domain, err
		},
		"full": func(address string) (string, error) { return full(be, address) },
	}}
	s.Server = accept.New("socketmap", cfg.MaxConnections, cfg.Log, s.talk)
	return s
}

// full looks up a key of Postfix's access(5), which may also be a domain, or "local@". ErrNotFound when there is room.
func full(be *backend.Backend, key string) (action string, err error) {
	if at := strings.LastIndexByte(key, '@'); at <= 0 || at == len(key)-1 {
		return "", backend.ErrNotFound
	}
	info, _, err := be.Resolve(key)
	if err == nil {
		err = be.Admit(info, 1)
	}
	switch {
	case err == nil:
		return "", backend.ErrNotFound
	case errors.Is(err, backend.ErrDeferred):
		return "452 4.2.2 The mailbox is full, try again later", nil
	case errors.Is(err, backend.ErrOverQuota):
		return "552 5.2.2 The mailbox is full", nil
	}
	return "", err
}

// talk answers one connection's questions until it ends, or says something else than a netstring.
func (s *Server) talk(_ context.Context, conn net.Conn) {
	in := bufio.NewReaderSize(conn, maxNetstring)
	var request, answer []byte
	for {
		conn.SetReadDeadline(time.Now().Add(s.cfg.IdleTimeout))
		var err error
		if request, err = readNetstring(in, request[:0]); err != nil {
			if errors.Is(err, errNetstring) || errors.Is(err, io.ErrUnexpectedEOF) {
				s.cfg.Log.Warn("socketmap connection ended", "reason", err)
			}
			return
		}
		answer = appendNetstring(answer[:0], s.answer(string(request)))
		conn.SetWriteDeadline(time.Now().Add(s.cfg.WriteTimeout))
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

// answer looks up "MAP KEY". TEMP has the MTA try again later.
func (s *Server) answer(request string) string {
	name, key, _ := strings.Cut(request, " ")
	find, ok := s.maps[name]
	if !ok {
		return "PERM no such map: there are mailbox, login, domain and full"
	}
	switch value, err := find(key); {
	case err == nil:
		return "OK " + value
	case errors.Is(err, backend.ErrNotFound):
		return "NOTFOUND "
	default:
		s.cfg.Log.Error("cannot look up", "map", name, "error", err)
		return "TEMP trouble here, try again later"
	}
}
