package control

import (
	"time"
)

// Status is how a running server is doing.
type Status struct {
	Trouble []Trouble `json:"trouble"` // the worst first; empty when all is well

	Version   string            `json:"version"`
	PID       int               `json:"pid"`
	Since     time.Time         `json:"since"`
	Listening map[string]string `json:"listening"` // where, by front

	Sessions     map[string]int `json:"sessions"` // by front
	LoggedIn     int            `json:"sessions_logged_in"`
	SessionLimit int            `json:"sessions_limit"` // of IMAP

	Accounts     int `json:"accounts"`
	Disabled     int `json:"accounts_disabled"`
	OpenAccounts int `json:"accounts_open"`

	Memory        int64 `json:"memory_bytes"` // of the process
	OpenMailboxes int   `json:"mailboxes_open"`
	IndexMemory   int64 `json:"mailbox_index_bytes"`

	Data     string `json:"data"` // the folder
	DataSize int64  `json:"data_bytes"`
	DiskFree uint64 `json:"disk_free_bytes"`
	DiskSize uint64 `json:"disk_size_bytes"`

	SearchIndex bool  `json:"search_index"` // there is to be one
	Unindexed   int64 `json:"search_unindexed_messages"`

	Expunged      int   `json:"expunged_messages"` // kept, of the accounts in use, as of the last hour
	ExpungedBytes int64 `json:"expunged_bytes"`

	Certificates []Certificate `json:"certificates"`
	PolicyHosts  []string      `json:"mta_sts_without_certificate,omitempty"` // where the policy of MTA-STS cannot be fetched
	Backup       *Backup       `json:"backup"`                                // the last one; null when there was none
	Logged       Logged        `json:"logged"`
}

// Trouble is what somebody should look after.
type Trouble struct {
	Text   string `json:"text"`
	Urgent bool   `json:"urgent"` // people or mail are shut out by it, or soon will be
}

// Certificate is one that the server has, or waits for.
type Certificate struct {
	Names    []string  `json:"names"`
	Source   string    `json:"source"`         // "file", "ACME" or "self-signed"
	Until    time.Time `json:"until,omitzero"` // zero while there is none
	Expiring bool      `json:"expiring"`       // its end is so near that the log warns
	Trouble  string    `json:"trouble,omitempty"`
}

// Backup is a backup that was made.
type Backup struct {
	At     time.Time `json:"at"`
	Folder string    `json:"folder"`
	Failed int       `json:"failed"` // accounts that it does not have as it should
}

// Logged counts what the log has had since the server was started.
type Logged struct {
	Warnings  uint64    `json:"warnings"`
	Errors    uint64    `json:"errors"`
	LastError string    `json:"last_error,omitempty"` // its message, and the cause
	LastAt    time.Time `json:"last_error_at,omitzero"`
}

// Status implements Admin.
func (l *Local) Status() (Status, error) {
	if l.fronts == nil {
		return Status{}, ErrNoServer
	}
	return l.fronts.Status()
}

// Ready implements Admin.
func (l *Local) Ready() error {
	if l.fronts == nil {
		return ErrNoServer
	}
	return l.Backend.Ready()
}

// Ready implements Admin.
func (r *Remote) Ready() error {
	_, err := ask[nothing](r, opReady, nothing{})
	return err
}

// Status implements Admin.
func (r *Remote) Status() (Status, error) { return ask[Status](r, opStatus, nothing{}) }
