package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"path/filepath"
	"syscall"

	"satchel/backend"
)

// ErrNoServer says that nobody answers on a data folder's control socket.
var ErrNoServer = errors.New("no server is running on the data folder")

// Remote asks the process that has the data folder.
type Remote struct {
	data string
}

// Dial finds the server on a data folder. ErrNoServer when there is none.
func Dial(data string) (*Remote, error) {
	r := &Remote{data: data}
	s, err := r.connect()
	if err != nil {
		return nil, err
	}
	s.conn.Close()
	return r, nil
}

func (r *Remote) connect() (*stream, error) {
	path, release, err := shortPath(filepath.Join(r.data, socketName))
	if err != nil {
		return nil, noServer(err)
	}
	defer release()
	conn, err := net.Dial("unix", path)
	if err != nil {
		return nil, noServer(err)
	}
	return newStream(conn), nil
}

// noServer tells an absent server from one that cannot be reached.
func noServer(err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return ErrNoServer
	}
	return fmt.Errorf("control socket: %w", err)
}

// Close implements Admin; the server stays as it is.
func (r *Remote) Close() error { return nil }

// begin makes a request and leaves the stream for what follows it.
func (r *Remote) begin(op string, args any) (*stream, error) {
	s, err := r.connect()
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(args)
	if err == nil {
		err = s.send(kindRequest, request{op, raw})
	}
	if err != nil {
		s.conn.Close()
		return nil, err
	}
	return s, nil
}

// ask makes a request that has one answer.
func ask[R any](r *Remote, op string, args any) (result R, err error) {
	s, err := r.begin(op, args)
	if err != nil {
		return result, err
	}
	defer s.conn.Close()
	return result, s.result(&result)
}

// result sends what is still here and reads the last answer.
func (s *stream) result(into any) error { return s.read(kindResult, into) }

// item sends what is still here and reads one of several answers.
func (s *stream) item(into any) error { return s.read(kindItem, into) }

func (s *stream) read(want kind, into any) error {
	if err := s.flush(); err != nil {
		return s.lost(err)
	}
	k, b, err := s.answer()
	if err != nil {
		return err
	}
	if k != want || json.Unmarshal(b, into) != nil {
		return errProtocol
	}
	return nil
}

// answer reads a frame; a failure that the server reports comes back as an error.
func (s *stream) answer() (kind, []byte, error) {
	k, b, err := s.next()
	if err == io.EOF {
		err = errors.New("the server closed the connection")
	}
	if err != nil {
		return 0, nil, fmt.Errorf("control socket: %w", err)
	}
	if k != kindError {
		return k, b, nil
	}
	var f failure
	if json.Unmarshal(b, &f) != nil {
		return 0, nil, errProtocol
	}
	return 0, nil, f.error()
}

// lost explains a write that failed: a server that gives up says why before it closes.
func (s *stream) lost(err error) error {
	for {
		k, _, aerr := s.answer()
		if aerr != nil {
			var r *remoteError
			if errors.As(aerr, &r) {
				return aerr
			}
			return fmt.Errorf("control socket: %w", err)
		}
		if k == kindResult {
			return errProtocol
		}
	}
}

// Accounts implements Admin.
func (r *Remote) Accounts() ([]backend.AccountInfo, error) {
	return ask[[]backend.AccountInfo](r, opAccounts, nothing{})
}

// Account implements Admin.
func (r *Remote) Account(name string) (backend.AccountInfo, error) {
	return ask[backend.AccountInfo](r, opAccount, name)
}

// AddAccount implements Admin.
func (r *Remote) AddAccount(name, password string) (backend.AccountInfo, error) {
	return ask[backend.AccountInfo](r, opAdd, nameAnd{name, password})
}

// SetPassword implements Admin.
func (r *Remote) SetPassword(name, password string) error {
	_, err := ask[nothing](r, opPassword, nameAnd{name, password})
	return err
}

// SetDisabled implements Admin.
func (r *Remote) SetDisabled(name string, disabled bool) error {
	_, err := ask[nothing](r, opDisable, disableArgs{name, disabled})
	return err
}

// RemoveAccount implements Admin.
func (r *Remote) RemoveAccount(name string) error {
	_, err := ask[nothing](r, opRemove, name)
	return err
}

// AddAddress implements Admin.
func (r *Remote) AddAddress(account, address string) error {
	_, err := ask[nothing](r, opAddrAdd, nameAnd{account, address})
	return err
}

// RemoveAddress implements Admin.
func (r *Remote) RemoveAddress(account, address string) error {
	_, err := ask[nothing](r, opAddrRemove, nameAnd{account, address})
	return err
}

// AddAppPassword implements Admin.
func (r *Remote) AddAppPassword(account, label string) (string, error) {
	return ask[string](r, opAppAdd, nameAnd{account, label})
}

// AppPasswords implements Admin.
func (r *Remote) AppPasswords(account string) ([]backend.AppPassword, error) {
	return ask[[]backend.AppPassword](r, opApps, account)
}

// RevokeAppPassword implements Admin.
func (r *Remote) RevokeAppPassword(account, label string) error {
	_, err := ask[nothing](r, opAppRevoke, nameAnd{account, label})
	return err
}

// AccountQuota implements Admin.
func (r *Remote) AccountQuota(account string) (backend.AccountQuota, error) {
	return ask[backend.AccountQuota](r, opQuota, account)
}

// SetQuota implements Admin.
func (r *Remote) SetQuota(account string, own backend.Limits) error {
	_, err := ask[nothing](r, opQuotaSet, quotaArgs{account, own})
	return err
}

// Mailboxes implements Admin.
func (r *Remote) Mailboxes(account string) ([]Mailbox, error) {
	return ask[[]Mailbox](r, opMailboxes, account)
}

// Upstreams implements Admin.
func (r *Remote) Upstreams(account string) ([]backend.Upstream, error) {
	return ask[[]backend.Upstream](r, opUpstreams, account)
}

// RenameUpstream implements Admin.
func (r *Remote) RenameUpstream(account, from, to, mailbox string) error {
	_, err := ask[nothing](r, opUpRename, upstreamArgs{account, from, to, mailbox})
	return err
}

// IndexStatus implements Admin.
func (r *Remote) IndexStatus(account string) (backend.IndexStatus, error) {
	return ask[backend.IndexStatus](r, opIndex, account)
}

// EndSessions implements Admin.
func (r *Remote) EndSessions(which Which) (int, error) { return ask[int](r, opKick, which) }
