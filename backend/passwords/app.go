package passwords

import (
	"crypto/rand"
	"strings"
)

// An app password is four groups of five characters, 100 random bits: no letter
// in it looks like a digit, and no phone's keyboard puts a capital in the middle.
const (
	appAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"
	appGroups   = 4
	appGroup    = 5
)

// NewApp makes a random app password.
func NewApp() string {
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

// AppSpelling returns the app password that somebody may have meant who typed
// it in capitals, with blanks or without hyphens.
func AppSpelling(typed string) (secret string, ok bool) {
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
