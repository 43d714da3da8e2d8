package server

import (
	"errors"
	"math"

	"satchel/backend"
	"satchel/server/wire"
)

// quotaResource is a resource as RFC 9208, 5 calls it, and what it is counted in.
type quotaResource struct {
	name string
	unit int64
}

var quotaResources = [...]quotaResource{
	backend.QuotaStorage:   {"STORAGE", 1024},
	backend.QuotaMessages:  {"MESSAGE", 1},
	backend.QuotaMailboxes: {"MAILBOX", 1},
}

// getQuota: "GETQUOTA" SP quota-root-name. RFC 9208, 4.1.1. An account is one quota
// root, of its own name.
func (s *session) getQuota() error {
	root, err := s.argument()
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	return s.tellQuota(root)
}

// getQuotaRoot: "GETQUOTAROOT" SP mailbox. RFC 9208, 4.1.2: the mailbox need not
// exist, for the question is what would apply. Where nothing is limited there is no
// root.
func (s *session) getQuotaRoot() error {
	name, err := s.onlyMailbox()
	if err != nil {
		return err
	}
	return s.end(s.appendQuotaRoot(s.begin(), name))
}

func (s *session) appendQuotaRoot(b []byte, mailbox string) []byte {
	q, root := s.account.Quota(), s.account.Name()
	b = s.appendMailbox(append(b, "* QUOTAROOT "...), mailbox)
	if q.Limits == unlimited {
		return append(b, "\r\n"...)
	}
	b = wire.AppendAString(append(b, ' '), root)
	return appendQuota(append(b, "\r\n"...), root, &q)
}

var unlimited = backend.Limits{backend.NoLimit, backend.NoLimit, backend.NoLimit}

// setQuota: "SETQUOTA" SP quota-root-name SP "(" [resource SP number64 *(SP resource
// SP number64)] ")". RFC 9208, 4.1.3: what is not named is not limited any more.
func (s *session) setQuota() error {
	root, err := s.argument()
	if err != nil {
		return err
	}
	if err := s.wire.SP(); err != nil {
		return err
	}
	limits, unknown := unlimited, false
	err = s.wire.List(func() error {
		known, err := s.quotaLimit(&limits)
		unknown = unknown || !known
		return err
	})
	if err != nil {
		return err
	}
	if err := s.wire.EOL(); err != nil {
		return err
	}
	if unknown && s.account.AdministersQuotas() {
		return s.no("CANNOT", "Only STORAGE, MESSAGE and MAILBOX can be limited")
	}
	if err := s.account.SetQuotaOf(root, limits); err != nil {
		return s.rootFailed(err)
	}
	s.log().Info("quota set", "root", root, "limits", limits)
	return s.tellQuota(root)
}

// quotaLimit reads a resource with its limit, if it knows the resource.
func (s *session) quotaLimit(limits *backend.Limits) (known bool, err error) {
	name, err := s.wordAndSP()
	if err != nil {
		return false, err
	}
	n, err := s.wire.Number64()
	for r := range quotaResources {
		if quotaResources[r].name == name {
			known = true
			limits[r] = int64(min(n, uint64(math.MaxInt64/quotaResources[r].unit))) * quotaResources[r].unit
		}
	}
	return known, err
}

// tellQuota answers with a root's quota.
func (s *session) tellQuota(root string) error {
	q, err := s.account.QuotaOf(root)
	if err != nil {
		return s.rootFailed(err)
	}
	return s.end(appendQuota(s.begin(), root, &q))
}

// rootFailed answers for a quota root that is not there.
func (s *session) rootFailed(err error) error {
	if errors.Is(err, backend.ErrNotFound) {
		return s.no("NONEXISTENT", "No such quota root")
	}
	return err
}

// appendQuota appends a QUOTA response. RFC 9208, 4.2.1: resources that are not
// limited are left out. Units are rounded up, of usage and limit alike, so what is
// within a limit looks so.
func appendQuota(b []byte, root string, q *backend.Quota) []byte {
	b = append(wire.AppendAString(append(b, "* QUOTA "...), root), " ("...)
	first := true
	for r, limit := range q.Limits {
		if limit == backend.NoLimit {
			continue
		}
		if !first {
			b = append(b, ' ')
		}
		first = false
		unit := quotaResources[r].unit
		b = append(append(b, quotaResources[r].name...), ' ')
		b = append(wire.AppendNumber(b, units(q.Usage[r], unit)), ' ')
		b = wire.AppendNumber(b, units(limit, unit))
	}
	return append(b, ")\r\n"...)
}

func units(n, unit int64) int64 {
	whole := n / unit
	if n%unit > 0 {
		whole++
	}
	return whole
}

func maySetQuota(s *session) bool { return s.account.AdministersQuotas() }
