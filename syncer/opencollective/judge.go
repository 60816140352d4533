package opencollective

import (
	"mime"
	"net/http"
	"strings"
)

// judge decides what an answer is: a non-null data with the root that was asked
// for, or a typed error.
func (g *guard) judge(resp *http.Response, body []byte) (*reply, error) {
	e, parsed := parseEnvelope(body, g.room)
	if !isJSON(resp.Header) {
		e, parsed = envelope{}, errNotJSON
	}
	switch status := resp.StatusCode; {
	case status == http.StatusOK:
		if parsed != nil {
			return nil, g.down(status, parsed.Error())
		}
		return g.judgeData(resp, e)
	case status == http.StatusTooManyRequests:
		return nil, &RateLimited{Op: g.doc.op, Wait: waitAsked(resp.Header, g.client.o.Now())}
	case status == http.StatusNotFound:
		return nil, &NotFound{Op: g.doc.op, Endpoint: true}
	case status >= 300 && status < 400:
		return nil, g.down(status, "a redirect to another address, which is not followed")
	case parsed != nil:
		return nil, g.down(status, parsed.Error())
	default:
		return nil, g.judgeRefusal(status, e)
	}
}

// isJSON: what is declared as something else is a page from the edge, whatever
// it contains.
func isJSON(h http.Header) bool {
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && (t == "application/json" || t == "application/graphql-response+json")
}

// judgeRefusal words a JSON answer that is neither 200 nor one of the statuses
// that say everything themselves.
func (g *guard) judgeRefusal(status int, e envelope) error {
	switch status {
	case http.StatusUnauthorized:
		return &Unauthorised{Op: g.doc.op, Reason: tokenFault(e.Error.Message)}
	case http.StatusForbidden:
		return &Forbidden{Op: g.doc.op, Scope: scopeIn(e.messages())}
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return g.refused(e)
	}
	for _, one := range e.Errors {
		if refusals[one.Extensions.Code] {
			return g.refused(e)
		}
	}
	return g.down(status, "an error of its own")
}

// tokenFault reads why upstream answers 401. The message itself is never kept:
// it repeats the token (open-collective.md, section 1.2).
func tokenFault(message string) string {
	switch {
	case strings.HasPrefix(message, "Invalid "):
		return "invalid"
	case strings.HasPrefix(message, "Expired "), message == "jwt expired":
		return "expired"
	case strings.Contains(message, "suspended"):
		return "suspended"
	case strings.HasSuffix(message, "not accepted on GraphQL v1"):
		return "wrong_api"
	}
	return "refused"
}

// judgeData judges a well-formed 200.
func (g *guard) judgeData(resp *http.Response, e envelope) (*reply, error) {
	if !e.Data.there() {
		return nil, g.noData(resp, e)
	}
	if !e.Data.is(isObject) || e.Data.twice() {
		return nil, &SchemaDrift{Op: g.doc.op, Path: "data", What: "want an object"}
	}
	root := e.Data.member(g.doc.root, 0)
	switch there, null := root.there(), root.is(isNull); {
	case !there && len(e.Errors) > 0:
		return nil, g.failure(e.Errors)
	case !there:
		return nil, &SchemaDrift{Op: g.doc.op, Path: g.doc.root, What: "is missing"}
	case null && len(e.Errors) > 0:
		return nil, g.failure(e.Errors)
	case null && g.doc.mayBeNull:
		return nil, &NotFound{Op: g.doc.op}
	case null:
		return nil, g.down(resp.StatusCode, "no data")
	case len(e.Errors) > 0 && !g.acceptable(e.Errors):
		return nil, partial(g.doc.op, e.Errors)
	}
	return newReply(g.doc.op, e.Data)
}

func (g *guard) noData(resp *http.Response, e envelope) error {
	switch {
	case len(e.Errors) > 0:
		return g.failure(e.Errors)
	case strings.HasPrefix(e.Error.Message, "Rate limit exceeded"):
		return &RateLimited{Op: g.doc.op, Wait: waitAsked(resp.Header, g.client.o.Now())}
	}
	return g.down(resp.StatusCode, "no data")
}

// acceptable says whether every error is about the one place where this
// document can do without (a payer whom upstream does not show).
func (g *guard) acceptable(errs []wireError) bool {
	if g.doc.partialAt == nil {
		return false
	}
	want := append([]string{g.doc.root}, g.doc.partialAt...)
	for _, e := range errs {
		if !e.under(want) {
			return false
		}
	}
	return true
}
