package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"coopcloud.tech/goodstanding/roll"
	"coopcloud.tech/goodstanding/store"
)

// problemType is a kind of problem (RFC 9457). Its slug is part of API v1.
type problemType struct {
	slug   string
	status int
	title  string
}

// The kinds of problems.
var (
	badRequest    = problemType{"bad-request", http.StatusBadRequest, "The request cannot be understood"}
	tokenMissing  = problemType{"token-missing", http.StatusUnauthorized, "A token is needed"}
	tokenInvalid  = problemType{"token-invalid", http.StatusUnauthorized, "The token does not count"}
	scopeMissing  = problemType{"scope-missing", http.StatusForbidden, "The token is for something else"}
	notFound      = problemType{"not-found", http.StatusNotFound, "There is nothing here"}
	notPublished  = problemType{"not-published", http.StatusNotFound, "The provider list is not public yet"}
	wrongMethod   = problemType{"method-not-allowed", http.StatusMethodNotAllowed, "This is not done here"}
	tooLarge      = problemType{"request-too-large", http.StatusRequestEntityTooLarge, "The request is too large"}
	wrongContent  = problemType{"wrong-content-type", http.StatusUnsupportedMediaType, "The body is not what this takes"}
	addressTooBig = problemType{"address-too-long", http.StatusRequestURITooLong, "The address is too long"}
	refusedChange = problemType{"refused", http.StatusConflict, "This cannot be done"}
	notReady      = problemType{"not-ready", http.StatusServiceUnavailable, "Not ready yet"}
	tookTooLong   = problemType{"timeout", http.StatusServiceUnavailable, "This took too long"}
	internal      = problemType{"internal", http.StatusInternalServerError, "Something went wrong here"}
)

// urn is the problem's type.
func (t problemType) urn() string { return "urn:goodstanding:problem:" + t.slug }

// problem is an error as it is answered.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Errors are all reasons, where there are several of the same kind.
	Errors []string `json:"errors,omitempty"`
}

// refusal is an answer that is a problem.
type refusal struct {
	kind    problemType
	detail  string
	reasons []string
	header  map[string]string
}

func (r *refusal) Error() string { return r.kind.slug + ": " + r.detail }

func refuse(kind problemType, format string, args ...any) *refusal {
	return &refusal{kind: kind, detail: fmt.Sprintf(format, args...)}
}

// with adds a header to the answer.
func (r *refusal) with(name, value string) *refusal {
	r.header = map[string]string{name: value}
	return r
}

// refusalOf is what an error becomes for whoever asked. It is the only place
// where errors of the house become HTTP. An error that is not known to be meant
// for people becomes "internal", without a word of its text.
func refusalOf(err error) *refusal {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	if e, ok := errors.AsType[*roll.NotFound](err); ok {
		return refuse(notFound, "%s", e.Error())
	}
	if e, ok := errors.AsType[*roll.Refused](err); ok {
		return &refusal{kind: refusedChange, detail: e.Error(), reasons: e.Reasons}
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(tooLarge, "a request has at most %d bytes", mostBody)
	}
	if f, ok := errors.AsType[*store.Fault](err); ok && (f.Problem == store.Unreachable || f.Problem == store.Busy) {
		return refuse(notReady, "the database does not answer: nothing was changed, try again").with("Retry-After", "2")
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return refuse(tookTooLong, "try again in a while")
	}
	return &refusal{kind: internal}
}

func (r *refusal) write(w http.ResponseWriter) {
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	p := problem{Type: r.kind.urn(), Title: r.kind.title, Status: r.kind.status, Detail: r.detail, Errors: r.reasons}
	content, err := json.Marshal(p)
	if err != nil { // texts always marshal
		content = []byte("{}")
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	send(w, r.kind.status, kindProblem, append(content, '\n'))
}
