package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"satchel/backend"
)

// share is a part of the whole, written "10%".
type share int

func parseShare(s string) (share, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(s, "%"))
	if err != nil || !strings.HasSuffix(s, "%") || n < 0 || n > 100 {
		return 0, fmt.Errorf(`%q is not a share such as "10%%"`, s)
	}
	return share(n), nil
}

func (s share) String() string { return strconv.Itoa(int(s)) + "%" }

// What quota.full says that a delivery to a full account ends with.
const (
	fullReject = "reject"
	fullDefer  = "defer"
)

func checkFull(c *config) error {
	if c.quotaFull != fullReject && c.quotaFull != fullDefer {
		return fmt.Errorf("%q is neither %s nor %s", c.quotaFull, fullReject, fullDefer)
	}
	return nil
}

func checkAdmins(c *config) error {
	err := backend.QuotaConfig{Admins: c.quotaAdmins}.Check()
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}

// quotas is what the configuration says of them.
func (c *config) quotas() backend.QuotaConfig {
	return backend.QuotaConfig{
		Limits: backend.Usage{int64(c.quotaStorage), int64(c.quotaMessages), int64(c.quotaMailboxes)},
		Grace:  int(c.quotaGrace), Defer: c.quotaFull == fullDefer, Admins: c.quotaAdmins,
	}
}
