package opencollective

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// The classes of failure: a closed set, for metrics and for the store's record
// of an incomplete snapshot. None is ever renamed.
const (
	ClassOK            = "ok"
	ClassRateLimited   = "rate_limited"
	ClassUnauthorised  = "unauthorised"
	ClassForbidden     = "forbidden"
	ClassSchemaDrift   = "schema_drift"
	ClassUpstreamDown  = "upstream_down"
	ClassPartial       = "partial"
	ClassNotFound      = "not_found"
	ClassIncomplete    = "incomplete"
	ClassSlugUnknown   = "slug_unknown"
	ClassOtherAccount  = "other_account"
	ClassOtherCurrency = "other_currency"
	ClassArchived      = "archived"
	ClassTokenIgnored  = "token_ignored"
	ClassClockApart    = "clock_apart"
	ClassCancelled     = "cancelled"
	ClassOther         = "other"
)

// Classes lists every class, in a fixed order.
func Classes() []string {
	return []string{
		ClassOK, ClassRateLimited, ClassUnauthorised, ClassForbidden, ClassSchemaDrift, ClassUpstreamDown,
		ClassPartial, ClassNotFound, ClassIncomplete, ClassSlugUnknown, ClassOtherAccount, ClassOtherCurrency,
		ClassArchived, ClassTokenIgnored, ClassClockApart, ClassCancelled, ClassOther,
	}
}

// ClassOf is the class of an error of this package, also a wrapped one:
// ClassOK for nil, ClassCancelled when the caller's context ended, ClassOther
// for an error from elsewhere.
func ClassOf(err error) string {
	if err == nil {
		return ClassOK
	}
	var c interface{ Class() string }
	if errors.As(err, &c) {
		return c.Class()
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return ClassCancelled
	}
	return ClassOther
}

// RetryOf says whether another try makes sense and after how long. An error
// from elsewhere is not retried.
func RetryOf(err error) (after time.Duration, ok bool) {
	var r interface {
		Retryable() (time.Duration, bool)
	}
	if errors.As(err, &r) {
		return r.Retryable()
	}
	return 0, false
}

// RateLimited: upstream's limit is used up (HTTP 429), or waiting for our own
// bucket would outlast the caller's deadline.
type RateLimited struct {
	Op   string
	Wait time.Duration // until the next request may be sent
	// Own says that no request was sent: our own bucket held it back.
	Own bool
}

// Error says what is wrong and what would help, in one sentence.
func (e *RateLimited) Error() string {
	if e.Own {
		return fmt.Sprintf("the next request to Open Collective (%s) has to wait %s to stay within its limit; "+
			"try again then (with a token ten times as many requests are allowed)", e.Op, inWords(e.Wait))
	}
	return fmt.Sprintf("Open Collective asks for a pause of %s (rate limit, at %s); nothing was changed, try again then",
		inWords(e.Wait), e.Op)
}

// inWords rounds a wait up: who comes back a moment early is refused again.
func inWords(d time.Duration) string {
	s := int64((d + time.Second - 1) / time.Second)
	if s <= 120 {
		return fmt.Sprintf("%d s", max(s, 1))
	}
	return fmt.Sprintf("%d minutes", (s+59)/60)
}

// Class is ClassRateLimited.
func (e *RateLimited) Class() string { return ClassRateLimited }

// Retryable says yes, after Wait.
func (e *RateLimited) Retryable() (time.Duration, bool) { return e.Wait, true }

// Unauthorised: upstream refuses the token (HTTP 401): unknown, expired,
// suspended, or its owner lost a right.
type Unauthorised struct {
	Op string
	// Reason is one of a closed set of words: invalid, expired, suspended, wrong_api,
	// login_needed, refused.
	Reason string
}

// Error says what is wrong and what would help, in one sentence.
func (e *Unauthorised) Error() string {
	if e.Reason == "wrong_api" {
		return "this address is Open Collective's old API, which accepts no personal token: " +
			"set GOODSTANDING_OC_URL to https://api.opencollective.com/graphql/v2"
	}
	what := map[string]string{
		"invalid":      "does not know the personal token",
		"expired":      "says that the personal token has expired",
		"suspended":    "has suspended the personal token",
		"login_needed": "answers this only to somebody who is signed in",
	}[e.Reason]
	if what == "" {
		what = "refuses the personal token"
	}
	return fmt.Sprintf("Open Collective %s (at %s): an administrator of the collective makes a new one there "+
		"with the scope `transactions` and puts it into GOODSTANDING_OC_TOKEN_FILE", what, e.Op)
}

// Class is ClassUnauthorised.
func (e *Unauthorised) Class() string { return ClassUnauthorised }

// Retryable says no: somebody has to act.
func (e *Unauthorised) Retryable() (time.Duration, bool) { return 0, false }

// Forbidden: the token is good but not for this. Scope names what it lacks, ""
// when upstream does not say.
type Forbidden struct {
	Op    string
	Scope string
}

// Error says what is wrong and what would help, in one sentence.
func (e *Forbidden) Error() string {
	if e.Scope != "" {
		return fmt.Sprintf("Open Collective refuses %s: the personal token lacks the scope `%s`; "+
			"give the token that scope on Open Collective, or use no token at all", inPlain(e.Op), e.Scope)
	}
	return fmt.Sprintf("Open Collective refuses %s to this reader; "+
		"use a token of an administrator of the collective with the scope `transactions`, or no token at all", inPlain(e.Op))
}

// Class is ClassForbidden.
func (e *Forbidden) Class() string { return ClassForbidden }

// Retryable says no: somebody has to act.
func (e *Forbidden) Retryable() (time.Duration, bool) { return 0, false }

// SchemaDrift: upstream's API is no longer the one this version knows, or says
// so. Path is where ("orders.nodes[3].amount.valueInCents"); What says what is
// wrong there, in our words.
type SchemaDrift struct {
	Op   string
	Path string
	What string
	// Refused: upstream refused the query itself (GRAPHQL_VALIDATION_FAILED and
	// its kin). Once, one valid query was refused and passed a minute later
	// (open-collective.md, section 13.9), so the caller retries this once.
	Refused bool
}

// Error says what is wrong and what would help, in one sentence.
func (e *SchemaDrift) Error() string {
	where := e.Op
	if e.Path != "" {
		where += ", " + e.Path
	}
	return fmt.Sprintf("Open Collective's API is not the one this version knows (%s: %s); "+
		"nothing was changed, look for a newer version of goodstanding", where, e.What)
}

// Class is ClassSchemaDrift.
func (e *SchemaDrift) Class() string { return ClassSchemaDrift }

// Retryable says yes, once and after a minute, where upstream refused the query.
func (e *SchemaDrift) Retryable() (time.Duration, bool) {
	if e.Refused {
		return time.Minute, true
	}
	return 0, false
}

// UpstreamDown: no usable answer. What is one of a closed set of phrases.
type UpstreamDown struct {
	Op     string
	Status int // HTTP status; 0 when none came
	What   string
}

// Error says what is wrong and what would help, in one sentence.
func (e *UpstreamDown) Error() string {
	what := e.What
	if e.Status != 0 {
		what = fmt.Sprintf("HTTP %d, %s", e.Status, what)
	}
	return fmt.Sprintf("Open Collective gives no usable answer (%s: %s); nothing was changed, it is asked again later",
		e.Op, what)
}

// Class is ClassUpstreamDown.
func (e *UpstreamDown) Class() string { return ClassUpstreamDown }

// Retryable says yes: soon, and then less often.
func (e *UpstreamDown) Retryable() (time.Duration, bool) { return 2 * time.Second, true }

// Partial: upstream sent errors beside data, elsewhere than at the payer of one
// order. Paths are where, Codes upstream's codes, both without indices.
type Partial struct {
	Op    string
	Paths []string
	Codes []string
}

// Error says what is wrong and what would help, in one sentence.
func (e *Partial) Error() string {
	return fmt.Sprintf("Open Collective tells %s only in part (missing: %s; %s); nothing was changed, it is asked again later",
		inPlain(e.Op), joined(e.Paths), joined(e.Codes))
}

// Class is ClassPartial.
func (e *Partial) Class() string { return ClassPartial }

// Retryable says yes, after a minute.
func (e *Partial) Retryable() (time.Duration, bool) { return time.Minute, true }

// NotFound: what was asked for does not exist upstream (any longer): deleted,
// merged into another account, or never there.
type NotFound struct {
	Op string
	// Endpoint says that not the object but the API itself is not at that address.
	Endpoint bool
}

// Error says what is wrong and what would help, in one sentence.
func (e *NotFound) Error() string {
	if e.Endpoint {
		return "there is no Open Collective API at the configured address (HTTP 404); " +
			"check GOODSTANDING_OC_URL, normally https://api.opencollective.com/graphql/v2"
	}
	return fmt.Sprintf("Open Collective knows no such %s (deleted, merged into another, or never there)", e.Op)
}

// Class is ClassNotFound.
func (e *NotFound) Class() string { return ClassNotFound }

// Retryable says no.
func (e *NotFound) Retryable() (time.Duration, bool) { return 0, false }
