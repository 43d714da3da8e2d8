package backend

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xdg-go/stringprep"

	"satchel/storage"
)

// How secrets are kept. One derivation of DefaultIterations takes 10 to 30 ms
// of a core: dear for who guesses, while the memo spares who knows.
const (
	// DefaultIterations is PBKDF2's count for new passwords.
	DefaultIterations = 65_536
	// MinIterations is the least that RFC 7677, 4 allows.
	MinIterations = 4096

	saltSize    = 16   // bytes
	maxPassword = 1024 // bytes
)

// scramKeys is what RFC 5802, 3 has the server keep of a password.
type scramKeys struct{ stored, server []byte }

// deriveKeys is the dear step: password, salt and iterations to SCRAM keys.
func deriveKeys(password string, salt []byte, iterations int) (scramKeys, error) {
	salted, err := pbkdf2.Key(sha256.New, preparePassword(password), salt, iterations, sha256.Size)
	if err != nil {
		return scramKeys{}, fmt.Errorf("derive keys: %w", err)
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	return scramKeys{stored[:], mac(salted, "Server Key")}, nil
}

// mac is HMAC-SHA-256 over the parts.
func mac(key []byte, parts ...string) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// preparePassword applies SASLprep (RFC 4013), so that every keyboard's way to
// write the password gives the same bytes. What SASLprep refuses, such as an
// emoji, is taken as it is.
func preparePassword(password string) string {
	if prepared, err := stringprep.SASLprep.Prepare(password); err == nil {
		return prepared
	}
	return password
}

// checkPassword says whether a password may be set.
func checkPassword(password string) error {
	switch {
	case preparePassword(password) == "":
		return errors.New("the password is empty")
	case len(password) > maxPassword:
		return fmt.Errorf("the password is longer than %d bytes", maxPassword)
	case !utf8.ValidString(password):
		return errors.New("the password is not in UTF-8, as mail programs send it")
	case strings.ContainsFunc(password, unicode.IsControl):
		return errors.New("the password has a control character, such as the end of a line")
	}
	return nil
}

// match returns the credential with that StoredKey. It takes the same time
// whichever it is, and whether there is one.
func match(list []storage.Credential, stored []byte) (found storage.Credential, ok bool) {
	for _, c := range list {
		if hmac.Equal(c.StoredKey, stored) {
			found, ok = c, true
		}
	}
	return found, ok
}

// An app password is four groups of five characters, 100 random bits: no letter
// in it looks like a digit, and no phone's keyboard puts a capital in the middle.
const (
	appAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	appGroups   = 4
	appGroup    = 5
)

// newAppPassword makes a random secret.
func newAppPassword() string {
	random := make([]byte, appGroups*appGroup)
	rand.Read(random) // never fails
	for i, b := range random {
		random[i] = appAlphabet[b%byte(len(appAlphabet))]
	}
	return groupApp(string(random))
}

func groupApp(secret string) string {
	groups := make([]string, appGroups)
	for i := range groups {
		groups[i] = secret[i*appGroup : (i+1)*appGroup]
	}
	return strings.Join(groups, "-")
}

// appSpelling returns the app password that somebody may have meant who typed
// it in capitals, with blanks or without hyphens.
func appSpelling(typed string) (secret string, ok bool) {
	if len(typed) < appGroups*appGroup || len(typed) > 2*appGroups*(appGroup+1) {
		return "", false
	}
	plain := strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(typed))
	other := func(r rune) bool { return !strings.ContainsRune(appAlphabet, r) }
	if len(plain) != appGroups*appGroup || strings.ContainsFunc(plain, other) {
		return "", false
	}
	secret = groupApp(plain)
	return secret, secret != typed
}
