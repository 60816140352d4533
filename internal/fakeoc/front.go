package fakeoc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// ServerOptions say how a world is served.
type ServerOptions struct {
	// Clock is the time of the rate limit's windows; time.Now where nil. It is not
	// the world's: upstream counts real minutes.
	Clock func() time.Time
	// NoLimit lets every request pass, however many there are; the headers still
	// tell of the limit.
	NoLimit bool
}

// Server serves a world as upstream serves its own: GraphQL on /graphql and
// /graphql/v2, with upstream's tokens, rate limit and errors
// (open-collective.md, section 1). It is safe for concurrent use; an answer
// shows the world at one moment.
type Server struct {
	world  *World
	o      ServerOptions
	texts  texts
	limits limiter
	ids    atomic.Uint64
	size   atomic.Int64 // of the last answer: the next is often alike
}

// NewServer serves a world.
func NewServer(w *World, o ServerOptions) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return &Server{world: w, o: o}
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	body, broken := readBody(r)
	if broken != nil {
		w.Header().Set("Cache-Control", "no-cache")
		reply(w, http.StatusBadRequest, jsonType, broken)
		return
	}
	w.Header().Set("Access-Control-Allow-Origin", "*")
	switch {
	case path == "/status":
		s.status(w, r)
	case path == "/graphql" || strings.HasPrefix(path, "/graphql/"):
		s.graphQL(w, r, body)
	default:
		reply(w, http.StatusNotFound, "text/plain; charset=utf-8", []byte("Not Found"))
	}
}

// graphQL holds the world still while one request is answered.
func (s *Server) graphQL(w http.ResponseWriter, r *http.Request, body []byte) {
	held := &held{ResponseWriter: w}
	defer held.send() // when the world is free again: a slow reader must not stop it
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	s.gates(held, r, body)
}

// gates are upstream's, in its order: the token is looked at, the request
// counted, and only then the query.
func (s *Server) gates(w http.ResponseWriter, r *http.Request, body []byte) {
	c := s.world.identify(r)
	if c.token == nil {
		w.Header().Set("Set-Cookie", "rootRedirectDashboard=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
	}
	if c.refused != "" {
		unauthorized(w, c.kind, c.refused)
		return
	}
	if !s.allowed(w, r, c) {
		return
	}
	if v1(r.URL.Path) {
		legacy(w, c)
		return
	}
	q, wrong := readRequest(r, body)
	if wrong != nil {
		wrong(w)
		return
	}
	s.answer(w, r, c, q)
}

func v1(path string) bool { return path == "/graphql/v1" || strings.HasPrefix(path, "/graphql/v1/") }

// legacy: the first version takes no personal tokens, and the fake has none of it.
func legacy(w http.ResponseWriter, c caller) {
	if c.token != nil {
		unauthorized(w, "unauthorized", "Personal Tokens are not accepted on GraphQL v1")
		return
	}
	reply(w, http.StatusNotFound, "text/plain; charset=utf-8", []byte("Not Found"))
}

// allowed counts the request and says whether it may go on.
func (s *Server) allowed(w http.ResponseWriter, r *http.Request, c caller) bool {
	now := s.o.Clock()
	got := s.limits.take(r, c, now)
	got.announce(w.Header())
	if !got.refused || s.o.NoLimit {
		return true
	}
	w.Header().Set("Retry-After", got.wait(now))
	remedy := "Create a Personal Token to get higher limits."
	if c.token != nil {
		remedy = "Contact-us to get higher limits."
	}
	reply(w, http.StatusTooManyRequests, jsonType, fmt.Appendf(nil, `{"error":{"message":"Rate limit exceeded. %s"}}`, remedy))
	return false
}

func unauthorized(w http.ResponseWriter, kind, message string) {
	w.Header().Set("Cache-Control", "no-cache")
	reply(w, http.StatusUnauthorized, jsonType,
		append(appendString(fmt.Appendf(nil, `{"error":{"code":401,"type":%q,"message":`, kind), message), `}}`...))
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	s.world.mu.RLock()
	c := s.world.identify(r)
	s.world.mu.RUnlock()
	if c.refused != "" {
		unauthorized(w, c.kind, c.refused)
		return
	}
	reply(w, http.StatusOK, jsonType, fmt.Appendf(nil, `{"status":"ok","authenticated":%t}`, c.token != nil))
}

// answer executes the query on the world, whose lock is held.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, c caller, q posted) {
	w.Header().Set("Execution-Time", "NaN") // so says the genuine one, run locally
	checked := s.texts.check(q.Query)
	if checked.doc == nil {
		s.send(w, r, checked.status, checked.faults, nil)
		return
	}
	op := checked.doc.Operations.ForName(q.OperationName)
	if op == nil {
		message := "Must provide operation name if query contains multiple operations."
		if q.OperationName != "" {
			message = fmt.Sprintf("Unknown operation named %q.", q.OperationName)
		}
		s.send(w, r, http.StatusBadRequest, []fault{{message: message, code: "OPERATION_RESOLUTION_FAILURE"}}, nil)
		return
	}
	vars, faults := inputs(op, q.Variables)
	if len(faults) > 0 {
		s.send(w, r, http.StatusBadRequest, faults, nil)
		return
	}
	x := &run{World: s.world, token: c.token, doc: checked.doc, vars: vars, newID: s.newID}
	data := x.operation(op, int(s.size.Load())+1024)
	s.size.Store(int64(len(data)))
	s.send(w, r, http.StatusOK, x.faults, data)
}

// newID names an error. It must not draw on the world's chance: a question
// changes nothing.
func (s *Server) newID() string {
	n := shuffle(int64(s.ids.Add(1)), 0x5eed, 0)
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", n>>32, n>>16&0xffff, n&0xfff, n>>52, n&0xffffffffffff)
}

// send writes errors before data, as upstream does. data is nil where nothing was
// executed; else it begins with its key.
func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, faults []fault, data []byte) {
	b := data
	if len(faults) > 0 {
		b = append(make([]byte, 0, len(data)+256*len(faults)), `{"errors":[`...)
		for i, f := range faults {
			if i > 0 {
				b = append(b, ',')
			}
			b = f.append(b)
		}
		b = append(b, ']')
		if data != nil {
			b = append(append(b, ','), data[1:]...)
		}
	}
	if status != http.StatusInternalServerError {
		w.Header().Set("Cache-Control", "no-store")
	}
	kind := jsonType
	if strings.Contains(r.Header.Get("Accept"), "application/graphql-response+json") {
		kind = "application/graphql-response+json; charset=utf-8"
	}
	reply(w, status, kind, append(b, '}', '\n'))
}

// held keeps an answer until it may be sent.
type held struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (h *held) WriteHeader(status int) { h.status = status }

func (h *held) Write(b []byte) (int, error) {
	h.body = b // an answer is written at once
	return len(b), nil
}

func (h *held) send() {
	if h.status == 0 {
		return // something went wrong on the way
	}
	h.ResponseWriter.WriteHeader(h.status)
	_, _ = h.ResponseWriter.Write(h.body) // a client that left needs no answer
}

const jsonType = "application/json; charset=utf-8"

func reply(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left needs no answer
}

// posted is what a GraphQL client sends.
type posted struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

func decodePosted(body []byte) (q posted, err error) {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	err = d.Decode(&q)
	return q, err
}
