package config

import (
	"strings"
	"time"

	"satchel/backend"
)

// Backend is the part of the configuration that the backend needs.
func (c *Config) Backend() backend.Config {
	annotations := map[string]string{}
	for _, line := range c.metadata {
		entry, value, _ := strings.Cut(line, " ")
		annotations[strings.ToLower(entry)] = value
	}
	return backend.Config{
		Data: c.Data, AppendLimit: int64(c.Message), IndexMemory: int64(c.indexMemory), KeepGone: c.keepGone(), KeepVanished: c.keepVanished,
		Annotations: annotations, NoIndex: !c.Index, Extract: c.extract,
		Quotas: c.Quotas(),
		Login:  backend.LoginConfig{Domain: c.Domain, Iterations: c.iterations},
	}
}

// keepGone is how long expunged messages are kept, in the backend's terms.
func (c *Config) keepGone() time.Duration {
	if c.keepExpunged == 0 {
		return -1
	}
	return c.keepExpunged
}

// Quotas is what the configuration says of them.
func (c *Config) Quotas() backend.QuotaConfig {
	return backend.QuotaConfig{
		Limits: backend.Usage{int64(c.quotaStorage), int64(c.quotaMessages), int64(c.quotaMailboxes)},
		Grace:  int(c.quotaGrace), Defer: c.quotaFull == fullDefer, Admins: c.quotaAdmins,
	}
}
