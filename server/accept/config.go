package accept

import (
	"log/slog"
	"time"
)

// Config says how connections are served. Zero values are replaced by the defaults named.
type Config struct {
	MaxConnections int           // at a time; 1000: an MTA has one for each process that asks
	IdleTimeout    time.Duration // a connection may be silent for; 10 minutes
	WriteTimeout   time.Duration // for each answer; 10 seconds

	Log *slog.Logger // slog.Default()
}

// SetDefaults replaces zero values.
func (c *Config) SetDefaults() {
	if c.MaxConnections <= 0 {
		c.MaxConnections = 1000
	}
	if c.IdleTimeout <= 0 {
		c.IdleTimeout = 10 * time.Minute
	}
	if c.WriteTimeout <= 0 {
		c.WriteTimeout = 10 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}
