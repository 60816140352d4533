package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"coopcloud.tech/goodstanding/chair"
	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/policy"
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
	personMissing = problemType{"person-missing", http.StatusForbidden, "This is done by a person"}
	notYours      = problemType{"not-yours", http.StatusForbidden, "This is not yours to do"}
	crossOrigin   = problemType{"cross-origin", http.StatusForbidden, "Another website has sent this"}
	signInMissing = problemType{"sign-in-missing", http.StatusUnauthorized, "Sign in first"}
	decisionSays  = problemType{"decision-refused", http.StatusConflict, "The decision's rules forbid this"}
	movedOn       = problemType{"changed-since", http.StatusPreconditionFailed, "It has changed since you read it"}
	tooOften      = problemType{"too-often", http.StatusTooManyRequests, "Too many changes in a short time"}
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
	// Codes are words for the reasons of a decision, in the order of Errors.
	Codes []decisions.Code `json:"codes,omitempty"`
}

// refusal is an answer that is a problem.
type refusal struct {
	kind    problemType
	detail  string
	reasons []string
	codes   []decisions.Code
	header  map[string]string
}

func (r *refusal) Error() string { return r.kind.slug + ": " + r.detail }

func refuse(kind problemType, format string, args ...any) *refusal {
	return &refusal{kind: kind, detail: fmt.Sprintf(format, args...)}
}

// with adds a header to the answer.
func (r *refusal) with(name, value string) *refusal {
	if r.header == nil {
		r.header = map[string]string{}
	}
	r.header[name] = value
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
	if r := decisionRefusal(err); r != nil {
		return r
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(tooLarge, "a request has at most %d bytes", mostBody)
	}
	if f, ok := errors.AsType[*store.Fault](err); ok && slices.Contains(passing, f.Problem) {
		return refuse(notReady, "the database does not answer: nothing was changed, try again").with("Retry-After", "2")
	}
	if takesNothing(err) {
		return refuse(notReady, "the database takes no changes now: nothing was changed, try again later").with("Retry-After", "30")
	}
	if f, ok := errors.AsType[*store.Fault](err); ok && f.Problem == store.Unsure {
		return refuse(notReady, "the database went away while this was written, and whether it was is not known: look, or send the same again, which changes nothing where it was").
			with("Retry-After", "2")
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return refuse(tookTooLong, "try again in a while").with("Retry-After", "2")
	}
	return &refusal{kind: internal}
}

// passing are the faults of a database that is not there for a while, and that have
// changed nothing.
var passing = []store.Problem{store.Unreachable, store.Busy, store.NoFolder}

// takesNothing says that the database can be read and not be written, which has changed
// nothing and which its operator has to hear of.
func takesNothing(err error) bool {
	f, ok := errors.AsType[*store.Fault](err)
	return ok && (f.Problem == store.DiskFull || f.Problem == store.ReadOnlyStore)
}

// decisionRefusal is what a refusal of the chair becomes; nil for another error.
func decisionRefusal(err error) *refusal {
	if e, ok := errors.AsType[*decisions.Refusal](err); ok {
		r := &refusal{kind: decisionSays, detail: e.Error()}
		for _, reason := range e.Reasons {
			r.reasons, r.codes = append(r.reasons, reason.Text), append(r.codes, reason.Code)
		}
		return r
	}
	if e, ok := errors.AsType[*chair.NotYours](err); ok {
		return &refusal{kind: notYours, detail: e.Error(), reasons: []string{e.Reason}}
	}
	if e, ok := errors.AsType[*chair.Moved](err); ok {
		return (&refusal{kind: movedOn, detail: e.Error(), reasons: e.Since}).with("ETag", tagOf(e.Head))
	}
	if _, ok := errors.AsType[*chair.NotFound](err); ok {
		return noDecision()
	}
	if e, ok := errors.AsType[*policy.Faults](err); ok {
		return &refusal{kind: refusedChange, detail: e.Error(), reasons: mapped(e.All, func(f policy.Fault) string {
			return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Text)
		})}
	}
	return nil
}

func noDecision() *refusal {
	return refuse(notFound, "no decision has this number or id, or it is a draft of others: %s lists them", decisionsPath)
}

func (r *refusal) write(w http.ResponseWriter) {
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	p := problem{Type: r.kind.urn(), Title: r.kind.title, Status: r.kind.status, Detail: r.detail, Errors: r.reasons, Codes: r.codes}
	content, err := json.Marshal(p)
	if err != nil { // texts always marshal
		content = []byte("{}")
	}
	w.Header()["Cache-Control"] = noStore
	send(w, r.kind.status, formOf(kindProblem, append(content, '\n')))
}
