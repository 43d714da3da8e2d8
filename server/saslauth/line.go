package saslauth

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// maxLine is how long a line may be, as with Dovecot: a bearer token is the longest thing in one.
const maxLine = 16 << 10

// What ends a connection: the other end does not speak the protocol.
var (
	errLine    = errors.New("a line is longer than 16 KiB")
	errVersion = errors.New("not version 1 of the protocol")
	errSyntax  = errors.New("a line makes no sense")
)

// request is AUTH: a client of the MTA wants to log in.
type request struct {
	id        uint32
	mechanism string // in capitals
	service   string // "smtp", as a rule
	remote    netip.Addr
	secured   bool // the client's password does not pass in the clear
	initial   []byte
}

// parseAuth reads "AUTH" TAB id TAB mechanism *(TAB name ["=" value]). Unknown names mean nothing; resp, the initial
// response, is the last by the protocol, and what stands after it is not looked at.
func parseAuth(args []string) (request, error) {
	if len(args) < 2 {
		return request{}, errSyntax
	}
	id, err := parseID(args[0])
	if err != nil {
		return request{}, err
	}
	r := request{id: id, mechanism: strings.ToUpper(args[1]), service: "auth"}
	for _, arg := range args[2:] {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "service":
			r.service = unescape(value)
		case "rip":
			r.remote, _ = netip.ParseAddr(value)
		case "secured":
			r.secured = true
		case "resp":
			if value != "" { // Exim writes that when its client has said nothing yet
				r.initial, err = decode(value)
			}
			return r, err
		}
	}
	return r, nil
}

// parseContinue reads "CONT" TAB id TAB response.
func parseContinue(args []string) (id uint32, response []byte, err error) {
	if len(args) != 2 {
		return 0, nil, errSyntax
	}
	if id, err = parseID(args[0]); err != nil {
		return 0, nil, err
	}
	response, err = decode(args[1])
	return id, response, err
}

func parseID(text string) (uint32, error) {
	id, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, errSyntax // with no word of the line: it may have a password in it
	}
	return uint32(id), nil
}

// checkVersion reads "VERSION" TAB major TAB minor. Minor versions understand each other.
func checkVersion(args []string) error {
	if len(args) < 1 || args[0] != "1" {
		return errVersion
	}
	return nil
}

// decode reads a response, which is never nil. RFC 4954, 4: "=" is how SMTP writes an empty one.
func decode(text string) ([]byte, error) {
	if text == "=" {
		return []byte{}, nil
	}
	response, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errSyntax
	}
	return response, nil
}

// Values are free of what has a meaning in the protocol: \001 and a letter stand for it.
var (
	escapes   = strings.NewReplacer("\x00", "\x010", "\x01", "\x011", "\t", "\x01t", "\r", "\x01r", "\n", "\x01l")
	unescapes = strings.NewReplacer("\x010", "\x00", "\x011", "\x01", "\x01t", "\t", "\x01r", "\r", "\x01l", "\n", "\x01", "")
)

func escape(value string) string   { return escapes.Replace(value) }
func unescape(value string) string { return unescapes.Replace(value) }

// line puts an answer together. The arguments are as they are to be sent.
func line(command string, id uint32, args ...string) string {
	text := fmt.Sprintf("%s\t%d", command, id)
	for _, arg := range args {
		text += "\t" + arg
	}
	return text + "\n"
}
