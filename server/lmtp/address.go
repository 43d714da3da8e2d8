package lmtp

import (
	"bytes"
	"strconv"
	"strings"
)

// noDomain stands, between the frame and the session, for the domain of an address that has none: accounts may be called
// just "alice", and RFC 5321, 4.5.1 wants "RCPT TO:<postmaster>" taken, but go-smtp refuses such an address. RFC 2606
// keeps the name from ever being a real one.
const noDomain = "@no-domain.invalid"

// completed gives a MAIL or RCPT command with noDomain put into an address without a domain; other lines as they are.
func completed(line []byte) []byte {
	if !hasPrefixFold(line, "RCPT TO:") && !hasPrefixFold(line, "MAIL FROM:") {
		return line
	}
	from, to := bytes.IndexByte(line, '<'), bytes.IndexByte(line, '>')
	if from < 0 || to <= from+1 || bytes.IndexByte(line[from:to], '@') >= 0 {
		return line
	}
	full := append([]byte(nil), line[:to]...)
	full = append(full, noDomain...)
	return append(full, line[to:]...)
}

// asGiven is an address as the client wrote it.
func asGiven(address string) string { return strings.TrimSuffix(address, noDomain) }

// chunk gives the number of bytes that follow a BDAT command (RFC 3030, 2); 0 for other lines.
func chunk(line []byte) int64 {
	if !hasPrefixFold(line, "BDAT ") {
		return 0
	}
	args := strings.Fields(string(line[len("BDAT "):]))
	if len(args) == 0 {
		return 0
	}
	n, err := strconv.ParseUint(args[0], 10, 32)
	if err != nil {
		return 0
	}
	return int64(n)
}

func hasPrefixFold(line []byte, prefix string) bool {
	return len(line) >= len(prefix) && strings.EqualFold(string(line[:len(prefix)]), prefix)
}
