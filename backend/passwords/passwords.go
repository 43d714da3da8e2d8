// Package passwords owns what is kept of a password and how one is compared with that: the keys of SCRAM (RFC 5802), what
// may be a password, app passwords, and a bound on how much work logins make. It does not know whose a password is, nor
// which are right. Safe for concurrent use.
package passwords

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xdg-go/stringprep"
)

// How secrets are kept. One derivation of DefaultIterations takes 10 to 30 ms
// of a core: dear for who guesses, while the memo spares who knows.
const (
	// DefaultIterations is PBKDF2's count for new passwords.
	DefaultIterations = 65_536
	// MinIterations is the least that RFC 7677, 4 allows.
	MinIterations = 4096

	// MaxLength is how long a password may be, in bytes.
	MaxLength = 1024

	// Advised is how many characters make a password that is not soon guessed.
	Advised = 10

	saltSize = 16 // bytes
)

// Keys is what RFC 5802, 3 has the server keep of a password: StoredKey and ServerKey.
type Keys struct{ Stored, Server []byte }

// Derive is the dear step: password, salt and iterations to the keys. It bounds neither the password nor how many are
// derived at once: Check and a Deriver do.
func Derive(password string, salt []byte, iterations int) (Keys, error) {
	salted, err := pbkdf2.Key(sha256.New, prepare(password), salt, iterations, sha256.Size)
	if err != nil {
		return Keys{}, fmt.Errorf("derive keys: %w", err)
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	return Keys{stored[:], mac(salted, "Server Key")}, nil
}

// IsShort reports whether a password has fewer characters than Advised. Check takes it nevertheless.
func IsShort(password string) bool { return utf8.RuneCountInString(password) < Advised }

// Salt makes the salt of a name: always the same, and not to be foretold by who does not know the secret.
func Salt(secret []byte, name string) []byte { return mac(secret, "salt\x00", name)[:saltSize] }

// mac is HMAC-SHA-256 over the parts.
func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// prepare applies SASLprep (RFC 4013), so that every keyboard's way to
// write the password gives the same bytes. What SASLprep refuses, such as an
// emoji, is taken as it is.
func prepare(password string) string {
	if prepared, err := stringprep.SASLprep.Prepare(password); err == nil {
		return prepared
	}
	return password
}

// Check says why a password may not be set, nil when it may. The error does not have it.
func Check(password string) error {
	switch {
	case prepare(password) == "":
		return errors.New("the password is empty")
	case len(password) > MaxLength:
		return fmt.Errorf("the password is longer than %d bytes", MaxLength)
	case !utf8.ValidString(password):
		return errors.New("the password is not in UTF-8, as mail programs send it")
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("the password has a control character, such as the end of a line")
	}
	return nil
}
