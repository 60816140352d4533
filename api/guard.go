package api

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/store"
)

// What one request may cost.
const (
	mostBody  = 64 << 10 // bytes of a request's body
	mostQuery = 2 << 10  // bytes after ?
	mostTime  = 10 * time.Second
)

// requestID is the header by which an answer is found again in the log.
const requestID = "Request-Id"

// unknownRoute is what metrics and logs call an address that is no route.
const unknownRoute = "unknown"

// guard puts limits and headers around every answer, logs it and tells whoever
// observes. A panic ends one request, not the program.
func (a *API) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := a.o.Now()
		id := store.NewID("r")
		rec := &recorder{ResponseWriter: w, head: r.Method == http.MethodHead, id: [1]string{id}}
		secure(w.Header(), rec.id[:])
		if r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		}
		defer func() {
			if p := recover(); p != nil {
				a.panicked(rec, id, p)
			}
			a.tell(r, rec.status, a.o.Now().Sub(start), id)
		}()
		switch {
		case len(r.URL.RawQuery) > mostQuery:
			refuse(addressTooBig, "the part after ? has at most %d bytes", mostQuery).write(rec)
		case r.ContentLength > mostBody:
			refuse(tooLarge, "a request has at most %d bytes", mostBody).write(rec)
		case untidy(r.URL.Path):
			nothingHere(rec, r)
		default:
			next.ServeHTTP(rec, r)
		}
	})
}

// The same for many answers, and so made once: who sets another value puts another list
// in the place of one of these, and changes none.
var (
	nothingLoads = []string{"default-src 'none'; frame-ancestors 'none'"}
	noSniffing   = []string{"nosniff"}
	noReferrer   = []string{"no-referrer"}
	sameOrigin   = []string{"same-origin"}

	noStore     = []string{"no-store"}
	askAgain    = []string{"no-cache"} // may be kept, must be asked for
	inGzip      = []string{"gzip"}
	byEncoding  = []string{"Accept-Encoding"}
	isStale     = []string{"true"}
	isNotStale  = []string{"false"}
	fromAnySite = []string{"cross-origin"}
	forAnySite  = []string{"*"}
	readAnySite = []string{"ETag, Goodstanding-As-Of, Goodstanding-Stale, Link, Request-Id"}
)

// secure says what a browser must not do with an answer.
func secure(h http.Header, id []string) {
	h["Content-Security-Policy"] = nothingLoads
	h["X-Content-Type-Options"] = noSniffing
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h[requestID] = id
}

// panicked answers in place of a handler that broke. What it broke with may
// hold anything, so only its type and place are logged.
func (a *API) panicked(rec *recorder, id string, p any) {
	a.o.Log.Error().Str("request", id).Str("panic", fmt.Sprintf("%T", p)).Bytes("stack", debug.Stack()).Msg("a handler broke")
	if rec.status == 0 {
		(&refusal{kind: internal}).write(rec)
	}
}

// methods are those that metrics tell apart.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (a *API) tell(r *http.Request, status int, took time.Duration, id string) {
	route, method := r.Pattern, r.Method
	if route == "" || route == "/" {
		route = unknownRoute
	}
	if !slices.Contains(methods, method) {
		method = "other"
	}
	level := zerolog.DebugLevel
	if status >= http.StatusInternalServerError {
		level = zerolog.WarnLevel
	}
	if line := a.o.Log.WithLevel(level); line.Enabled() { // to say who asks takes longer than some answers
		if level == zerolog.DebugLevel { // the network address of people is in no log that is kept by default
			line.Str("client", a.client(r))
		}
		line.Str("request", id).Str("method", method).Str("route", route).Int("status", status).
			Dur("took", took).Msg("answered")
	}
	if a.o.Observe != nil {
		a.o.Observe(route, method, status, took)
	}
}

// recorder remembers the status and keeps bodies from HEAD.
type recorder struct {
	http.ResponseWriter
	status int
	head   bool
	id     [1]string // of the request, as a header has it
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	if r.head {
		return len(b), nil
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
