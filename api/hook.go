package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"regexp"
)

// hookPath is where Open Collective says that something happened
// (open-collective.md, section 4). Its calls carry no signature, so the secret
// stands in the address, and nothing in them is believed: a call is a hint to
// read soon, and its body is not even looked at. The secret reaches no log and no
// metric, because both name the pattern and never the address.
const hookPath = "/hooks/opencollective/{secret}"

// ShortestHookSecret is how long the secret of the webhook is at least.
const ShortestHookSecret = 20

// hookSecretForm is what needs no escaping in an address.
var hookSecretForm = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)

// HookSecretFault says what is wrong with a secret for the webhook's address,
// without a letter of it; "" for nothing.
func HookSecretFault(secret string) string {
	const remedy = "such as openssl rand -hex 20 makes"
	switch {
	case !hookSecretForm.MatchString(secret):
		return "holds a character that does not stand in an address as it is: take letters, digits, - and _, " + remedy
	case len(secret) < ShortestHookSecret:
		return fmt.Sprintf("is shorter than %d characters: take a longer one, %s", ShortestHookSecret, remedy)
	}
	return ""
}

// secretHash stands for a secret that is compared.
type secretHash [sha256.Size]byte

func hashOf(secret string) *secretHash {
	if secret == "" {
		return nil
	}
	h := secretHash(sha256.Sum256([]byte(secret)))
	return &h
}

// matches compares in a time that tells nothing about the secret.
func (h *secretHash) matches(given string) bool {
	if h == nil {
		return false
	}
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(h[:], sum[:]) == 1
}

// knocked says that a request for a route by secret has the right one.
func (a *API) knocked(r *http.Request) bool { return a.hook.matches(r.PathValue("secret")) }

// hinted passes the hint on.
func (a *API) hinted(*call) (any, error) {
	a.o.Hint()
	return nothing{}, nil
}

// nothing is an answer without a body.
type nothing struct{}
