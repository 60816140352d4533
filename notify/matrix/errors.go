package matrix

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// What a homeserver's error can be, for errors.Is.
var (
	// ErrUnknownToken: the token is none, or none any more (M_UNKNOWN_TOKEN, M_MISSING_TOKEN).
	ErrUnknownToken = errors.New("the homeserver does not know the token")
	// ErrForbidden: the account may not do that (M_FORBIDDEN); in a room it has not joined, mostly.
	ErrForbidden = errors.New("the account may not do that")
	// ErrNotFound: there is no such thing (M_NOT_FOUND).
	ErrNotFound = errors.New("there is no such thing on the homeserver")
	// ErrLimited: too much was asked (M_LIMIT_EXCEEDED); Error.Wait says how long to wait.
	ErrLimited = errors.New("the homeserver asks to wait")
)

// Error is what a homeserver answered instead of what it was asked for.
type Error struct {
	What   string // what was asked, such as "join the room"
	Status int    // HTTP
	Code   string // the specification's word, such as M_FORBIDDEN; "" for none
	// Wait is how long the homeserver asks to wait; 0 where it asks for nothing.
	Wait time.Duration
}

// Error tells what was asked and what the homeserver said, without its own words,
// which may hold anything.
func (e *Error) Error() string {
	says := strconv.Itoa(e.Status)
	if e.Code != "" {
		says += " " + e.Code
	}
	text := fmt.Sprintf("%s: the homeserver says %s", e.What, says)
	switch {
	case errors.Is(e, ErrUnknownToken):
		text += ": the token is none, or none any more; make another one for the account"
	case errors.Is(e, ErrForbidden):
		text += ": invite the account to the room, and let it send there"
	case errors.Is(e, ErrLimited):
		text += fmt.Sprintf(": it asks to wait %s", e.Wait)
	}
	return text
}

// codes are the words for the kinds of errors.
var codes = map[string]error{
	"M_UNKNOWN_TOKEN": ErrUnknownToken, "M_MISSING_TOKEN": ErrUnknownToken, "M_FORBIDDEN": ErrForbidden,
	"M_NOT_FOUND": ErrNotFound, "M_LIMIT_EXCEEDED": ErrLimited,
}

// Is says whether it is one of the kinds above.
func (e *Error) Is(target error) bool {
	if kind, known := codes[e.Code]; known {
		return kind == target
	}
	return e.Status == http.StatusTooManyRequests && target == ErrLimited // a proxy before it, which knows no code
}

// Unreachable says that the homeserver gave no answer that could be understood:
// whether it did what it was asked is not known.
type Unreachable struct{ What, Reason string }

// Error tells what was asked and why there is no answer.
func (u *Unreachable) Error() string { return u.What + ": " + u.Reason }

// Waits is how long an error asks to wait; 0 where it asks for nothing.
func Waits(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Wait
	}
	return 0
}

const (
	// standardWait is for a homeserver that asks to wait and does not say how long.
	standardWait = 5 * time.Second
	// longestWait is as long as one is believed.
	longestWait = time.Hour
)

// codeForm is what an error code looks like; anything else is not repeated.
var codeForm = regexp.MustCompile(`^[A-Z][A-Z0-9_.]{1,63}$`)

// failure reads an answer that is no success.
func failure(what string, res *http.Response, body []byte) *Error {
	e := &Error{What: what, Status: res.StatusCode}
	var said struct {
		Code  string   `json:"errcode"`
		Retry *float64 `json:"retry_after_ms"`
	}
	if json.Unmarshal(body, &said) == nil && codeForm.MatchString(said.Code) {
		e.Code = said.Code
	}
	after := retryAfter(res.Header)
	if said.Retry != nil && *said.Retry >= 0 && after == 0 {
		after = time.Duration(min(*said.Retry, float64(longestWait.Milliseconds()))) * time.Millisecond
	}
	if after == 0 && errors.Is(e, ErrLimited) {
		after = standardWait
	}
	e.Wait = min(after, longestWait)
	return e
}

// retryAfter reads the header of that name, in both its forms; a date counts from
// the answer's own. 0 for none.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		return time.Duration(min(seconds, int(longestWait/time.Second))) * time.Second
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	from, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return max(until.Sub(from), 0)
}
