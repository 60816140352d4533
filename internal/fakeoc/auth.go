package fakeoc

import (
	"cmp"
	"net/http"
	"strings"
)

// caller is who sends a request: the secret of a token, or nothing.
type caller struct {
	secret string
	token  *Token // nil for the public
	// refused is the message that turns the caller away, kind upstream's name for it.
	refused, kind string
}

// expiredBearer is the one OAuth token that the fake knows: one that has expired.
const expiredBearer = "Bearer expired"

// identify reads the token from a header, the query or the path. What stands
// after Bearer is no personal token, so whoever sends one there is the public
// (open-collective.md, section 1.2). The caller holds the world's lock.
func (w *World) identify(r *http.Request) caller {
	q := r.URL.Query()
	c := caller{secret: cmp.Or(r.Header.Get("Personal-Token"), r.Header.Get("Api-Key"), q.Get("personalToken"), q.Get("apiKey"), pathKey(r.URL.Path))}
	c.kind = "unauthorized"
	if c.secret == "" {
		if r.Header.Get("Authorization") == expiredBearer {
			c.kind, c.refused = "jwt_expired", "jwt expired"
		}
		return c
	}
	c.token = w.tokens[c.secret]
	switch {
	case c.token == nil:
		c.refused = "Invalid Personal Token (Api Key): " + c.secret
	case c.token.Expired:
		c.refused = "Expired Personal Token (Api Key)"
	case c.token.Suspended:
		c.refused = "Your personal token has been suspended, likely due to abuse. Please contact support to reactivate it."
	}
	return c
}

// pathKey is the key in /graphql/v2/<key>.
func pathKey(path string) string {
	key, found := strings.CutPrefix(path, endpoint+"/")
	if !found {
		return ""
	}
	return strings.TrimSuffix(key, "/")
}
