package opencollective

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// defaultPause is how long upstream's fixed window lasts: what to wait where a
// rate limit comes without a number.
const defaultPause = time.Minute

// refusals are upstream's codes for "this query is not one I answer".
var refusals = map[string]bool{
	"GRAPHQL_VALIDATION_FAILED": true, "GRAPHQL_PARSE_FAILED": true, "BAD_USER_INPUT": true, "BAD_REQUEST": true,
	"ValidationFailed": true, "BadRequest": true,
}

// failure words errors that came without data. The first error whose code says
// something decides; codes as in open-collective.md, section 1.6.
func (g *guard) failure(errs []wireError) error {
	for _, e := range errs {
		if err := g.known(e, errs); err != nil {
			return err
		}
	}
	return g.down(200, "an internal error of its own")
}

func (g *guard) known(e wireError, all []wireError) error {
	op, code := g.doc.op, e.Extensions.Code
	switch {
	case code == "RateLimitExceeded":
		return &RateLimited{Op: op, Wait: defaultPause}
	case code == "Unauthorized" || code == "UNAUTHENTICATED":
		return &Unauthorised{Op: op, Reason: "login_needed"}
	case code == "InvalidToken":
		return &Unauthorised{Op: op, Reason: "invalid"}
	case code == "Forbidden" || code == "FORBIDDEN":
		return &Forbidden{Op: op, Scope: scopeIn([]string{e.Message})}
	case code == "NotFound", strings.HasPrefix(e.Message, "No collective found with "):
		return &NotFound{Op: op}
	case strings.HasPrefix(e.Message, "Cannot fetch more than "):
		return &SchemaDrift{Op: op, Path: "limit", What: "so many rows at once are no longer allowed"}
	case refusals[code]:
		return g.refused(envelope{Errors: all})
	}
	return nil
}

var scopePattern = regexp.MustCompile(`in scope "([a-zA-Z]{1,30})"`)

// scopeIn finds the scope that upstream misses; "" when it names none.
func scopeIn(messages []string) string {
	for _, m := range messages {
		if found := scopePattern.FindStringSubmatch(m); found != nil {
			return found[1]
		}
	}
	return ""
}

// schemaMessage is a message whose few words are names of the schema.
type schemaMessage struct {
	pattern *regexp.Regexp
	words   string
}

// validation messages whose few words are names of the schema, hence safe to
// repeat; all else that upstream writes is left out. What counts to 60 takes a
// millisecond to compile, so that waits until it is needed.
var validation = sync.OnceValue(func() []schemaMessage {
	return []schemaMessage{
		{regexp.MustCompile(`^Cannot query field "(\w{1,60})" on type "(\w{1,60})"`), "there is no field $1 on $2"},
		{regexp.MustCompile(`^Unknown argument "(\w{1,60})" on field "([\w.]{1,60})"`), "there is no argument $1 on $2"},
		{regexp.MustCompile(`^Value "(\w{1,60})" does not exist in "(\w{1,60})" enum`), "there is no value $1 in $2"},
		{regexp.MustCompile(`^Unknown type "(\w{1,60})"`), "there is no type $1"},
	}
})

// refused is a query that upstream does not accept as it stands.
func (g *guard) refused(e envelope) error {
	what := "it refuses the query"
	for _, m := range e.messages() {
		if words := schemaWords(m); words != "" && !g.holdsToken(words) {
			what += ": " + words
			break
		}
	}
	return &SchemaDrift{Op: g.doc.op, What: what, Refused: true}
}

// tellingPart is how many characters of a token in a row give it away.
const tellingPart = 8

// holdsToken says whether a text holds the token or a telling part of it: what
// upstream repeats may be cut.
func (g *guard) holdsToken(s string) bool {
	token := g.client.o.Token
	if token == "" {
		return false
	}
	for i := 0; i == 0 || i+tellingPart <= len(token); i++ {
		if strings.Contains(s, token[i:min(i+tellingPart, len(token))]) {
			return true
		}
	}
	return false
}

func schemaWords(message string) string {
	for _, v := range validation() {
		if at := v.pattern.FindStringSubmatchIndex(message); at != nil {
			return string(v.pattern.ExpandString(nil, v.words, message, at))
		}
	}
	return ""
}

// partial lists where and why data is missing, each place once. Only words that
// look like names of the schema are repeated.
func partial(op string, errs []wireError) error {
	p := &Partial{Op: op}
	for _, e := range errs {
		p.Paths = appendOnce(p.Paths, e.place())
		p.Codes = appendOnce(p.Codes, e.code())
	}
	slices.Sort(p.Paths)
	slices.Sort(p.Codes)
	return p
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) || len(list) >= 8 {
		return list
	}
	return append(list, s)
}
