package wire

import (
	"strconv"
	"strings"
	"time"
)

// Date reads a date such as 1-Feb-1994, quoted or not, and returns its first moment in UTC.
func (c *Conn) Date() (time.Time, error) {
	s, err := c.AString()
	if err != nil {
		return time.Time{}, err
	}
	day, rest, _ := strings.Cut(s, "-")
	// RFC 3501, 9: date-day has one or two digits.
	if len(day) == 1 {
		day = "0" + day
	}
	t, ok := parseDay(day + "-" + rest)
	if !ok {
		return time.Time{}, errDate
	}
	return t, nil
}

// DateTime reads a date-time such as " 1-Feb-1994 21:52:25 -0800", quoted, in the zone given. RFC 3501, 9: the day has
// two digits, or a space and one; Horde sends one alone.
func (c *Conn) DateTime() (time.Time, error) {
	s, err := c.String()
	if err != nil {
		return time.Time{}, err
	}
	if len(s) == len("1-Feb-1994 21:52:25 -0800") {
		s = " " + s
	}
	if len(s) != len("01-Feb-1994 21:52:25 -0800") || s[11] != ' ' || s[20] != ' ' {
		return time.Time{}, errDate
	}
	if s[0] == ' ' {
		s = "0" + s[1:]
	}
	day, ok1 := parseDay(s[:11])
	clock, ok2 := parseClock(s[12:20])
	zone, ok3 := parseZone(s[21:])
	if !ok1 || !ok2 || !ok3 {
		return time.Time{}, errDate
	}
	return day.Add(clock - zone).In(time.FixedZone("", int(zone/time.Second))), nil
}

// parseDay parses dd-Mon-yyyy, and refuses days that the month does not have.
func parseDay(s string) (time.Time, bool) {
	if len(s) != 11 || s[2] != '-' || s[6] != '-' {
		return time.Time{}, false
	}
	day, ok1 := twoDigits(s[:2])
	century, ok2 := twoDigits(s[7:9])
	year, ok3 := twoDigits(s[9:])
	month := monthOf(s[3:6])
	if !ok1 || !ok2 || !ok3 || month == 0 {
		return time.Time{}, false
	}
	t := time.Date(100*century+year, month, day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == day
}

// parseClock parses hh:mm:ss, where a leap second is the last of its minute.
func parseClock(s string) (time.Duration, bool) {
	h, ok1 := twoDigits(s[:2])
	m, ok2 := twoDigits(s[3:5])
	sec, ok3 := twoDigits(s[6:])
	if !ok1 || !ok2 || !ok3 || s[2] != ':' || s[5] != ':' || h > 23 || m > 59 || sec > 60 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute + time.Duration(min(sec, 59))*time.Second, true
}

// parseZone parses +hhmm or -hhmm.
func parseZone(s string) (time.Duration, bool) {
	h, ok1 := twoDigits(s[1:3])
	m, ok2 := twoDigits(s[3:])
	if !ok1 || !ok2 || h > 23 || m > 59 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	zone := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if s[0] == '-' {
		zone = -zone
	}
	return zone, true
}

func twoDigits(s string) (int, bool) {
	if !digit[s[0]] || !digit[s[1]] {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

const months = "JanFebMarAprMayJunJulAugSepOctNovDec"

// monthOf returns the month of its three letters in any case, or 0.
func monthOf(s string) time.Month {
	for i := 0; i < len(months); i += 3 {
		if strings.EqualFold(months[i:i+3], s) {
			return time.Month(i/3 + 1)
		}
	}
	return 0
}
