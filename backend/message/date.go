package message

import (
	"bytes"
	"time"
)

// parseDate reads a Date field (RFC 5322, 3.3 and 4.3): with or without the day of the week, with
// years of two digits, with zones by name, and the order of words that C programs write. The zone
// is in minutes east of UTC; an unknown or missing one counts as 0.
func parseDate(value []byte) (unix int64, zone int32, ok bool) {
	d, ok := readDate(value)
	if !ok || d.clock < 0 {
		return 0, 0, false
	}
	return d.unix(), d.zone, true
}

// date is a Date field as written.
type date struct {
	year  int
	month time.Month
	day   int
	clock int   // seconds of the day, -1 for what is no time
	zone  int32 // minutes east of UTC
}

// unix is the date in Unix seconds.
func (d date) unix() int64 {
	return time.Date(d.year, d.month, d.day, 0, 0, d.clock, 0, time.UTC).Unix() - int64(d.zone)*60
}

// readDate is parseDate that takes a date without a valid time.
func readDate(value []byte) (d date, ok bool) {
	l := lexer{s: value}
	word := l.dateWord()
	if l.skip(); len(word) > 0 && !isDigit(word[0]) {
		l.take(',')
		word = l.dateWord()
	}
	d.day, ok = number(word)
	if ok {
		d.month = monthNamed(l.dateWord())
		d.year, ok = yearOf(l.dateWord())
		d.clock = l.clock()
		d.zone = zoneOf(l.dateWord())
	} else { // "Feb  3 10:11:12 2026"
		d.month = monthNamed(word)
		d.day, ok = number(l.dateWord())
		d.clock = l.clock()
		last := l.dateWord()
		if y, isYear := yearOf(last); isYear {
			d.year = y
		} else {
			d.zone = zoneOf(last)
			d.year, ok = yearOf(l.dateWord())
		}
	}
	return d, ok && d.month != 0 && d.day >= 1 && d.day <= 31
}

// dateWord reads letters, digits and signs; a hyphen parts words where a date needs it to
// ("3-Feb-2026").
func (l *lexer) dateWord() []byte {
	l.skip()
	start := l.at
	for !l.end() {
		c := l.s[l.at]
		sign := (c == '+' || c == '-') && l.at == start
		if !sign && !isDigit(c) && (lower(c) < 'a' || lower(c) > 'z') {
			break
		}
		l.at++
	}
	word := l.s[start:l.at]
	if l.peek() == '-' && len(word) > 0 && isDigit(word[0]) || l.peek() == '-' && monthNamed(word) != 0 {
		l.at++
	}
	return word
}

// clock reads "10:11:12" or "10:11" as seconds of the day; without one it is 0, and -1 when it is
// not a time.
func (l *lexer) clock() int {
	start := l.at
	hour, ok := number(l.dateWord())
	if l.skip(); !ok || !l.take(':') {
		l.at = start
		return 0
	}
	minute, ok := number(l.dateWord())
	second := 0
	if l.skip(); ok && l.take(':') {
		second, ok = number(l.dateWord())
	}
	if !ok || hour > 24 || minute > 59 || second > 60 {
		return -1
	}
	return hour*3600 + minute*60 + second
}

// number reads a word of up to 6 digits.
func number(word []byte) (n int, ok bool) {
	if len(word) == 0 || len(word) > 6 {
		return 0, false
	}
	for _, c := range word {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// yearOf reads a year of two to four digits. RFC 5322, 4.3.
func yearOf(word []byte) (year int, ok bool) {
	year, ok = number(word)
	switch {
	case !ok || len(word) < 2 || year > 9999:
		return 0, false
	case len(word) == 2 && year < 50:
		return 2000 + year, true
	case len(word) <= 3:
		return 1900 + year, true
	}
	return year, true
}

// monthNamed finds a month by its first three letters, 0 when there is none.
func monthNamed(word []byte) time.Month {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	if len(word) < 3 {
		return 0
	}
	i := bytes.Index([]byte(names), bytes.ToLower(word[:3]))
	if i < 0 || i%3 != 0 {
		return 0
	}
	return time.Month(i/3 + 1)
}

// zoneOf reads "+0100" or the name of a zone, in minutes. RFC 5322, 4.3.
func zoneOf(word []byte) int32 {
	if len(word) > 1 && (word[0] == '+' || word[0] == '-') {
		n, ok := number(word[1:])
		if !ok || n/100 > 24 || n%100 > 59 {
			return 0
		}
		minutes := int32(n/100*60 + n%100)
		if word[0] == '-' {
			return -minutes
		}
		return minutes
	}
	switch string(bytes.ToUpper(word)) {
	case "EDT":
		return -4 * 60
	case "EST", "CDT":
		return -5 * 60
	case "CST", "MDT":
		return -6 * 60
	case "MST", "PDT":
		return -7 * 60
	case "PST":
		return -8 * 60
	}
	return 0
}
