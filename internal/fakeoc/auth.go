package fakeoc

import (
	"net/http"
	"strings"
)

// viewer is who asks: the zero value is nobody.
type viewer struct {
	account *Account
	scopes  []string
	bucket  string // what the limit counts by
	limit   int
}

// The limits of a minute (open-collective.md, section 1.3).
const (
	perToken = 100
	perIP    = 10
)

// authenticate finds who asks. A wrong personal token is refused and told back,
// as upstream does; a wrong bearer, also a personal token sent as one, is
// silently nobody (section 1.2).
func (s *Server) authenticate(r *http.Request, key string) (v viewer, refused string) {
	secret := key
	for _, given := range []string{r.Header.Get("Personal-Token"), r.Header.Get("Api-Key"), r.URL.Query().Get("personalToken"), r.URL.Query().Get("apiKey")} {
		if secret == "" {
			secret = given
		}
	}
	if secret == "" {
		if r.Header.Get("Authorization") == "Bearer "+expiredBearer {
			return v, unauthorised("jwt_expired", "jwt expired")
		}
		host, _, _ := strings.Cut(r.RemoteAddr, ":")
		return viewer{bucket: "ip " + host, limit: perIP}, ""
	}
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	t := s.world.tokens[secret]
	switch {
	case t == nil:
		return v, unauthorised("unauthorized", "Invalid Personal Token (Api Key): "+secret)
	case t.Expired:
		return v, unauthorised("unauthorized", "Expired Personal Token (Api Key)")
	case t.Suspended:
		return v, unauthorised("unauthorized", "Suspended Personal Token (Api Key)")
	}
	return viewer{account: t.Owner, scopes: t.Scopes, bucket: "token " + secret, limit: perToken}, ""
}

// expiredBearer is the one OAuth token that the fake knows: one that has expired.
const expiredBearer = "expired"

func unauthorised(kind, message string) string {
	words, err := marshal(message)
	if err != nil {
		panic("fakeoc: " + err.Error()) // a string can be written
	}
	return `{"error":{"code":401,"type":"` + kind + `","message":` + string(words) + `}}`
}
