package api

import (
	"net/http"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// authorise finds the token of a request and says whether it has the scope. A
// token that is unknown, revoked or expired is refused alike. Tokens are looked
// up by the hash of their text, among those that the snapshot read, so reading
// goes on with the database stopped.
func (s *snapshot) authorise(r *http.Request, scope roll.Scope, now instant.Instant) (roll.Token, *refusal) {
	given := r.Header.Values("Authorization")
	if len(given) == 0 {
		return roll.Token{}, refuse(tokenMissing, "send a token with the scope %s as Authorization: Bearer gs_…", scope).
			with("WWW-Authenticate", `Bearer realm="goodstanding"`)
	}
	kind, text, _ := strings.Cut(given[0], " ")
	token, ok := s.tokens[roll.TokenHash(strings.TrimSpace(text))]
	if len(given) > 1 || !strings.EqualFold(kind, "Bearer") || !ok || !token.Standing(now) {
		return roll.Token{}, refuse(tokenInvalid, "it is unknown, revoked or expired, or not sent as Authorization: Bearer gs_…").
			with("WWW-Authenticate", `Bearer realm="goodstanding", error="invalid_token"`)
	}
	if !token.Has(scope) {
		return token, refuse(scopeMissing, "this needs a token with the scope %s", scope).
			with("WWW-Authenticate", `Bearer realm="goodstanding", error="insufficient_scope", scope="`+string(scope)+`"`)
	}
	return token, nil
}
