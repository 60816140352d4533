package api

import (
	"context"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/caller"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/roll"
)

// call is one request on its way to an answer.
type call struct {
	ctx   context.Context
	r     *http.Request
	s     *snapshot // nil for a route that stands alone
	now   instant.Instant
	token roll.Token // the zero value on a public route
	who   asker      // where also persons may ask
	scope roll.Scope // of the route
	query query
	body  *fields // nil for a route that takes no body
}

// Handler serves every route. What is no route is a problem like any other.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	byPath := map[string][]route{}
	for _, r := range routes() {
		if r.scope != bySecret || a.hook != nil {
			byPath[r.path] = append(byPath[r.path], r)
		}
	}
	for path, rs := range byPath {
		if strings.HasSuffix(path, "}"+markdownSuffix) {
			continue
		}
		mux.Handle(path, a.orMarkdown(path, a.dispatch(rs), byPath[path+markdownSuffix]))
	}
	mux.HandleFunc("/", nothingHere)
	return a.guard(mux)
}

// markdownSuffix ends the address of what is told as Markdown.
const markdownSuffix = ".md"

// orMarkdown sends a request whose last part ends in .md to other routes: a
// pattern of http.ServeMux cannot tell the two apart.
func (a *API) orMarkdown(path string, plain http.Handler, rs []route) http.Handler {
	if len(rs) == 0 {
		return plain
	}
	last := strings.Trim(path[strings.LastIndex(path, "/")+1:], "{}")
	marked := a.dispatch(rs)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		word, is := strings.CutSuffix(r.PathValue(last), markdownSuffix)
		if !is {
			plain.ServeHTTP(w, r)
			return
		}
		r.SetPathValue(last, word)
		r.Pattern = rs[0].path
		marked.ServeHTTP(w, r)
	})
}

func nothingHere(w http.ResponseWriter, _ *http.Request) {
	refuse(notFound, "there is no such address: /api/v1/openapi.yaml lists them all").write(w)
}

// untidy says that the router would redirect to another form of the path.
func untidy(p string) bool {
	rooted := p
	if !strings.HasPrefix(p, "/") {
		rooted = "/" + p
	}
	clean := path.Clean(rooted)
	return clean != p && (clean == "/" || clean+"/" != p)
}

// dispatch chooses among the routes of one path by method.
func (a *API) dispatch(rs []route) http.Handler {
	open := slices.ContainsFunc(rs, func(r route) bool { return r.scope == everybody })
	secret := slices.ContainsFunc(rs, func(r route) bool { return r.scope == bySecret })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if secret && !a.knocked(r) {
			nothingHere(w, r)
			return
		}
		i := slices.IndexFunc(rs, func(one route) bool {
			return r.Method == one.method || r.Method == http.MethodHead && one.method == http.MethodGet
		})
		if open && (i < 0 || rs[i].scope == everybody) {
			shareable(w.Header())
		}
		switch {
		case open && r.Method == http.MethodOptions:
			preflight(w)
			return
		case i >= 0:
			a.reply(w, r, rs[i])
			return
		}
		allow := allowed(rs, open)
		refuse(wrongMethod, "this takes %s", allow).with("Allow", allow).write(w)
	})
}

func allowed(rs []route, open bool) string {
	var methods []string
	for _, r := range rs {
		methods = append(methods, r.method)
		if r.method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
	}
	if open {
		methods = append(methods, http.MethodOptions)
	}
	return strings.Join(methods, ", ")
}

// shareable lets any website read what is public, with its headers.
func shareable(h http.Header) {
	h["Access-Control-Allow-Origin"] = forAnySite
	h["Access-Control-Expose-Headers"] = readAnySite
	h["Cross-Origin-Resource-Policy"] = fromAnySite
}

func preflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD")
	h.Set("Access-Control-Allow-Headers", "If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// reply answers one request.
func (a *API) reply(w http.ResponseWriter, r *http.Request, to route) {
	if to.waits() {
		ctx, cancel := context.WithTimeout(r.Context(), mostTime)
		defer cancel()
		r = r.WithContext(ctx)
	}
	answer, err := a.answer(w.Header(), r, to)
	if err != nil && caller.Gone(r) {
		w.WriteHeader(caller.HungUp)
		return
	}
	if err != nil {
		refused := refusalOf(err)
		if refused.kind == internal || takesNothing(err) {
			a.o.Log.Error().Err(err).Str("route", to.path).Str("request", w.Header().Get(requestID)).Msg("an answer failed")
		}
		refused.write(w)
		return
	}
	switch answer := answer.(type) {
	case *body:
		answer.serve(w, r)
	case *rendered:
		w.Header()["Cache-Control"] = noStore
		send(w, http.StatusOK, &answer.form)
	case nothing:
		w.Header()["Cache-Control"] = noStore
		w.WriteHeader(http.StatusNoContent)
	case tagged:
		w.Header().Set("ETag", tagOf(answer.head))
		if answer.location != "" {
			w.Header().Set("Location", answer.location)
			a.json(w, to, http.StatusCreated, answer.value)
			return
		}
		a.json(w, to, http.StatusOK, answer.value)
	default:
		a.json(w, to, http.StatusOK, answer)
	}
}

// rendered is an answer that nobody may keep.
type rendered struct{ form }

// tagged is an answer about one decision: its entity tag is the end of the
// decision's chain, for If-Match. A location says where what was made is.
type tagged struct {
	value    any
	head     string
	location string
}

func tagOf(head string) string { return `"` + head + `"` }

func (a *API) json(w http.ResponseWriter, to route, status int, answer any) {
	content, err := json.Marshal(answer)
	if err != nil {
		a.o.Log.Error().Err(err).Str("route", to.path).Msg("an answer cannot be written as JSON")
		(&refusal{kind: internal}).write(w)
		return
	}
	w.Header()["Cache-Control"] = noStore
	send(w, status, formOf(kindJSON, append(content, '\n')))
}

// answer asks in this order: is there data, who asks, what is asked.
func (a *API) answer(h http.Header, r *http.Request, to route) (any, error) {
	c := &call{ctx: r.Context(), r: r, now: a.o.Now(), scope: to.scope}
	if !to.alone {
		if c.s = a.at(c.now); c.s == nil || c.s.public == nil {
			return nil, refuse(notReady, "the roll was not read yet, or holds no policy").with("Retry-After", "2")
		}
		a.age(h, c)
	}
	if to.by != programs {
		h.Set("Vary", "Authorization, Cookie")
		if err := a.admit(c, to); err != nil {
			return nil, err
		}
		if c.who.isPerson() {
			a.upToNow(h, c)
		}
		if c.who.signed { // no other website embeds what one person reads
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
		}
		if c.who.signed || c.token.ID != "" {
			h.Set("Cache-Control", "no-store")
		}
	} else if to.scope != everybody && to.scope != bySecret {
		token, refused := c.s.authorise(r, to.scope, c.now)
		if refused != nil {
			return nil, refused
		}
		c.token = token
	}
	if c.token.ID != "" { // by its id, so that one sees whether a token that is replaced is still used
		a.o.Log.Debug().Str("request", h.Get(requestID)).Str("token", c.token.ID).Msg("asked with a token")
		if a.o.Used != nil {
			a.o.Used(c.token.ID, c.now)
		}
	}
	if err := a.pace(c); err != nil {
		return nil, err
	}
	c.query.read(r.URL.RawQuery, to.query)
	if known, takes := bodies[to.operation]; takes {
		var err error
		if c.body, err = readFields(r, known); err != nil {
			return nil, err
		}
		c.body.faults = slices.Concat(c.query.faults, c.body.faults)
	} else if len(to.query) == 0 {
		if err := c.query.err(); err != nil {
			return nil, err
		}
	}
	return to.answer(a, c)
}

// upToNow has a person read what he or she has just written, also at another daemon.
func (a *API) upToNow(h http.Header, c *call) {
	a.CatchUp(c.ctx)
	now := a.at(c.now)
	if now == c.s || now == nil || now.public == nil {
		return
	}
	c.s = now
	a.age(h, c)
	if p, known := now.book.Person(c.who.person.ID); known {
		c.who.person = p
	}
}

// age says how old the data are. It stands outside the entity tag: data that
// are read again and say the same are no new answer.
func (a *API) age(h http.Header, c *call) {
	if c.s.asOf != 0 {
		h["Goodstanding-As-Of"] = c.s.asOfWord
	}
	h["Goodstanding-Stale"] = isNotStale
	if a.cutOff.Load() || c.s.stale(c.now) {
		h["Goodstanding-Stale"] = isStale
	}
}

// static is a document that is part of the program.
func static(b func() *body) func(*API, *call) (any, error) {
	return func(*API, *call) (any, error) { return b(), nil }
}

// serve sends what the client does not have yet, compressed if it likes.
func (b *body) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if h["Vary"] == nil {
		h["Vary"] = byEncoding
	} else {
		h.Add("Vary", byEncoding[0])
	}
	if h["Cache-Control"] == nil {
		h["Cache-Control"] = askAgain
	}
	if b.link != nil {
		h["Link"] = b.link
	}
	tag := b.tag
	squeeze := acceptsGzip(r.Header["Accept-Encoding"])
	if squeeze {
		tag = b.compressedTag
	}
	if have := b.matching(r.Header["If-None-Match"], tag); have != nil {
		h["Etag"] = have // ETag, as http.Header knows it
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Etag"] = tag
	whole := b.plain
	if squeeze {
		h["Content-Encoding"] = inGzip
		whole = b.compressed()
	}
	send(w, http.StatusOK, whole)
}

// matching is the entity tag of this body among those the client has, in
// either form; nil for none. A weak comparison, as RFC 9110 wants it here.
func (b *body) matching(given, tag []string) []string {
	for _, line := range given {
		for one := range strings.SplitSeq(line, ",") {
			switch one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one {
			case "*":
				return tag
			case b.tag[0]:
				return b.tag
			case b.compressedTag[0]:
				return b.compressedTag
			}
		}
	}
	return nil
}

// acceptsGzip says whether a client takes gzip: named, or by *, and not with q=0.
func acceptsGzip(given []string) bool {
	takes := false
	for _, line := range given {
		for one := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(one, ";")
			coding = strings.ToLower(strings.TrimSpace(coding))
			_, weight, _ := strings.Cut(strings.ReplaceAll(params, " ", ""), "q=")
			zero := weight != "" && strings.Trim(weight, "0.") == ""
			if coding == "gzip" || coding == "x-gzip" {
				return !zero
			}
			takes = takes || coding == "*" && !zero
		}
	}
	return takes
}

// send writes a whole answer.
func send(w http.ResponseWriter, status int, f *form) {
	h := w.Header()
	h["Content-Type"], h["Content-Length"] = f.kind, f.length
	w.WriteHeader(status)
	_, _ = w.Write(f.content) // a client that went away is no fault of ours
}
