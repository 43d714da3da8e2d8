package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// wholeDay is that of a duration: people who write "14d" do not mean the clock to change in between.
const wholeDay = 24 * time.Hour

// maxDays keeps durations far from their limit.
const maxDays = 100_000

// ParseDuration reads "30m", "1h30m", "14d" and the like; less than nothing is a duration too.
func ParseDuration(s string) (time.Duration, error) {
	rest, whole := s, time.Duration(0)
	if number, after, found := strings.Cut(s, "d"); found {
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || n > maxDays {
			return 0, DurationError(s)
		}
		if rest, whole = after, time.Duration(n)*wholeDay; rest == "" {
			return whole, nil
		}
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d > maxDays*wholeDay-whole || whole > 0 && d < 0 {
		return 0, DurationError(s)
	}
	return whole + d, nil
}

// DurationError says that a text is no duration.
func DurationError(s string) error {
	return fmt.Errorf(`%q is not a time such as "30m", "24h" or "14d"`, s)
}

// FormatDuration leaves zeros out, and says days where it can: 30m, not 30m0s, 14d, not 336h.
func FormatDuration(d time.Duration) string {
	if d >= 2*wholeDay && d%wholeDay == 0 {
		return fmt.Sprintf("%dd", d/wholeDay)
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
