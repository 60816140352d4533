package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"coopcloud.tech/goodstanding/internal/caller"
	"coopcloud.tech/goodstanding/internal/tongue"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// What one request may cost.
const (
	mostForm  = 64 << 10 // bytes: the longest text of a form, in any script, as forms are sent
	mostQuery = 8 << 10  // bytes after ?, in any script: what a link to a form can bring along
	mostTime  = 10 * time.Second
	longTime  = 30 * time.Second // where a file comes over a slow line
)

// contentPolicy is what a browser may do with a page: show it with its own style and mark,
// and send its forms to where it comes from.
const contentPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// visit is one request on its way to a page.
type visit struct {
	w       *answer
	r       *http.Request
	id      string // by which it is found again in the log
	segment string // what stands for the name in braces of the route's path

	// actor is who is signed in, where the page has asked; in: somebody is; unsure:
	// that could not be told.
	actor  member.Actor
	in     bool
	unsure bool
	paced  bool // whether who is signed in may change something again was asked

	// wanted is the language that the visitor wants, lang the one in which the answer
	// is written; chosen: by hand, with the link at a page's foot; neutral: what is
	// answered is in English for everybody.
	wanted, lang    *tongue.Tongue
	chosen, neutral bool
}

// tooOften is that somebody has to wait before changing something again.
type tooOften struct{ wait time.Duration }

// Error says so.
func (e tooOften) Error() string { return "too many changes: wait " + e.wait.String() }

// answer remembers how a request was answered.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader writes the status.
func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// serve answers a request for one of the routes of a path.
func (p *Pages) serve(w http.ResponseWriter, r *http.Request, there []route) {
	began := p.o.Now()
	within, most := mostTime, mostOf(there, r)
	if most > mostForm {
		within = longTime
	}
	ctx, cancel := context.WithTimeout(r.Context(), within)
	defer cancel()
	v := &visit{w: &answer{ResponseWriter: w}, r: r.WithContext(ctx), id: store.NewID("r")}
	v.r.Body = http.MaxBytesReader(w, r.Body, most)
	protect(w.Header(), v.id)
	p.listen(v, there[0])
	defer func() {
		if broke := recover(); broke != nil {
			// What it broke with may hold anything, so only its type and place are logged.
			p.o.Log.Error().Str("request", v.id).Str("panic", fmt.Sprintf("%T", broke)).Bytes("stack", debug.Stack()).Msg("a page broke")
			if v.w.status == 0 {
				p.problem(v, http.StatusInternalServerError, brokenPage)
			}
		}
		p.tell(v, there[0].path, p.o.Now().Sub(began))
	}()
	if len(r.URL.RawQuery) > mostQuery {
		p.problem(v, http.StatusRequestURITooLong, longPage)
		return
	}
	p.choose(v, there)
}

// mostOf is how many bytes the request may bring: a route that takes files takes more
// of a form that brings one, and no other does.
func mostOf(there []route, r *http.Request) int64 {
	for _, one := range there {
		if one.method == r.Method && one.most > 0 && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			return one.most
		}
	}
	return mostForm
}

func protect(h http.Header, id string) {
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Request-Id", id)
}

// choose finds the route of the method.
func (p *Pages) choose(v *visit, there []route) {
	if err := p.cross.Check(v.r); err != nil {
		p.problem(v, http.StatusForbidden, elsewherePage)
		return
	}
	var takes []string
	for _, one := range there {
		if v.r.Method == one.method || v.r.Method == http.MethodHead && one.method == http.MethodGet {
			v.segment, _ = one.match(v.r.URL.Path)
			p.failed(v, one.path, one.answer(p, v))
			return
		}
		takes = append(takes, one.method)
		if one.method == http.MethodGet {
			takes = append(takes, http.MethodHead)
		}
	}
	v.w.Header().Set("Allow", strings.Join(takes, ", "))
	p.problem(v, http.StatusMethodNotAllowed, methodPage)
}

// failed answers what could not be answered.
func (p *Pages) failed(v *visit, route string, err error) {
	if err == nil {
		return
	}
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		p.problem(v, http.StatusRequestEntityTooLarge, tooMuchPage)
		return
	}
	if often, is := errors.AsType[tooOften](err); is {
		v.w.Header().Set("Retry-After", strconv.Itoa(max(1, int(often.wait.Round(time.Second)/time.Second))))
		p.problem(v, http.StatusTooManyRequests, oftenPage)
		return
	}
	if caller.Gone(v.r) {
		v.w.WriteHeader(caller.HungUp)
		return
	}
	p.o.Log.Error().Err(err).Str("route", route).Str("request", v.id).Msg("a page could not be answered")
	v.w.Header().Set("Retry-After", "5")
	p.problem(v, http.StatusServiceUnavailable, laterPage)
}

func (p *Pages) tell(v *visit, route string, took time.Duration) {
	level := zerolog.DebugLevel
	if v.w.status >= http.StatusInternalServerError {
		level = zerolog.WarnLevel
	}
	line := p.o.Log.WithLevel(level)
	if level == zerolog.DebugLevel { // as in the API's: no log that is kept by default holds it
		line.Str("client", caller.Word(caller.Address(v.r, p.o.TrustedProxies)))
	}
	line.Str("request", v.id).Str("method", v.r.Method).Str("route", route).Int("status", v.w.status).
		Dur("took", took).Msg("answered")
	if p.o.Observe != nil {
		p.o.Observe(route, v.r.Method, v.w.status, took)
	}
}
