package config

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

func checkFull(c *Config) error {
	if c.quotaFull != fullReject && c.quotaFull != fullDefer {
		return fmt.Errorf("%q is neither %s nor %s", c.quotaFull, fullReject, fullDefer)
	}
	return nil
}

func checkAdmins(c *Config) error {
	err := backend.QuotaConfig{Admins: c.quotaAdmins}.Check()
	if cause := errors.Unwrap(err); cause != nil {
		return cause
	}
	return err
}
