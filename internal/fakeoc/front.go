package fakeoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
)

// ServerOptions are what a Server may be told.
type ServerOptions struct {
	// Clock measures the minutes of the rate limit; nil takes the real one. It is
	// not the world's clock: a client waits in real time.
	Clock func() time.Time
	// NoLimit lets anybody ask as often as they like.
	NoLimit bool
}

// Server answers for a world over HTTP as upstream does: its routes, its
// authentication, its limits and its errors (open-collective.md, section 1).
type Server struct {
	world     *World
	documents documents
	limits    *limiter
}

// NewServer serves a world.
func NewServer(w *World, o ServerOptions) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Server{world: w, limits: &limiter{clock: o.Clock}}
	s.limits.off = o.NoLimit
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, key, ok := route(r.URL.Path)
	if !ok {
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	}
	who, refused := s.authenticate(r, key)
	if refused != "" {
		w.Header().Set("Cache-Control", "no-cache")
		send(w, http.StatusUnauthorized, refused)
		return
	}
	if !s.limits.take(w, path, r, who) {
		return
	}
	q, ok := read(w, r)
	if !ok {
		return
	}
	s.answer(w, who, q)
}

// route is the bucket that a path belongs to, and the key it may carry.
func route(path string) (bucket, key string, ok bool) {
	switch {
	case path == "/graphql" || path == "/graphql/v2":
		return path, "", true
	case strings.HasPrefix(path, "/graphql/v2/"):
		return "/graphql/v2", strings.TrimPrefix(path, "/graphql/v2/"), true
	case strings.HasPrefix(path, "/graphql/"):
		return path, "", path != "/graphql/v1"
	}
	return "", "", false
}

// posted is what a client asks.
type posted struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

const noForgery = "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Please either specify a 'content-type' header " +
	"(with a type that is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain) or provide a non-empty value for one of the " +
	"following headers: Authorization\n"

// read takes the question from a request; what is none is answered as upstream's
// framework does.
func read(w http.ResponseWriter, r *http.Request) (posted, bool) {
	var q posted
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	simple := err != nil || kind == "text/plain" || kind == "multipart/form-data" || kind == "application/x-www-form-urlencoded"
	if simple && r.Header.Get("Authorization") == "" {
		refuse(w, "BAD_REQUEST", noForgery)
		return q, false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxQuery))
	if err != nil || kind != "application/json" || r.Method != http.MethodPost || len(bytes.TrimSpace(body)) == 0 {
		refuse(w, "BAD_REQUEST", "POST body missing, invalid Content-Type, or JSON object has no keys.")
		return q, false
	}
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		refuse(w, "BAD_REQUEST", "Operation batching disabled.")
		return q, false
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&q); err != nil {
		echo, _ := marshal(string(body))
		w.Header().Set("Cache-Control", "no-cache")
		send(w, http.StatusBadRequest, `{"error":{"expose":true,"statusCode":400,"status":400,"body":`+string(echo)+`,"type":"entity.parse.failed","code":400}}`)
		return q, false
	}
	if strings.TrimSpace(q.Query) == "" {
		refuse(w, "BAD_REQUEST", "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.")
		return q, false
	}
	return q, true
}

// answer validates the query and executes it.
func (s *Server) answer(w http.ResponseWriter, who viewer, q posted) {
	if depth := depthOf(q.Query); depth > maxDepth {
		refuse(w, validationFailed, fmt.Sprintf("Syntax Error: Query depth limit of %d exceeded, found %d.", maxDepth, depth))
		return
	}
	doc, errs := s.documents.parse(q.Query)
	if len(errs) > 0 {
		invalid(w, errs)
		return
	}
	op := doc.Operations.ForName(q.OperationName)
	if op == nil || op.Operation != ast.Query {
		refuse(w, validationFailed, "Unknown operation named \""+q.OperationName+"\".")
		return
	}
	vars, err := validator.VariableValues(schema(), op, plain(q.Variables))
	if err != nil {
		badInput(w, err)
		return
	}
	send(w, http.StatusOK, s.execute(who, op, vars))
}

// execute answers with the data and, before it, the errors.
func (s *Server) execute(who viewer, op *ast.OperationDefinition, vars map[string]any) string {
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	e := &execution{w: s.world, viewer: who.account, scopes: who.scopes, vars: vars, fields: map[fieldsKey][]asked{}}
	data := e.run(op)
	var out bytes.Buffer
	out.WriteByte('{')
	if len(e.errors) > 0 {
		list, err := marshal(e.errors)
		if err != nil {
			panic("fakeoc: " + err.Error()) // errors are strings and numbers
		}
		out.WriteString(`"errors":`)
		out.Write(list)
		out.WriteByte(',')
	}
	out.WriteString(`"data":`)
	out.Write(data)
	out.WriteByte('}')
	return out.String()
}

const (
	maxDepth         = 20
	validationFailed = "GRAPHQL_VALIDATION_FAILED"
)

// depthOf counts how deep braces stand in each other, texts and comments apart:
// upstream's limit comes before the query is looked at.
func depthOf(query string) int {
	depth, deepest, text, remark, round := 0, 0, false, false, 0
	for i := 0; i < len(query); i++ {
		switch c := query[i]; {
		case remark:
			remark = c != '\n'
		case c == '"' && (i == 0 || query[i-1] != '\\'):
			text = !text
		case text:
		case c == '#':
			remark = true
		case c == '(':
			round++
		case c == ')':
			round--
		case c == '{' && round == 0:
			depth++
			deepest = max(deepest, depth)
		case c == '}' && round == 0:
			depth--
		}
	}
	return deepest
}

// plain turns the numbers of JSON into whole ones where they are.
func plain(vars map[string]any) map[string]any {
	for k, v := range vars {
		vars[k] = plainValue(v)
	}
	return vars
}

func plainValue(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		return plain(v)
	case []any:
		for i := range v {
			v[i] = plainValue(v[i])
		}
	}
	return v
}

// invalid answers that a query does not fit the schema.
func invalid(w http.ResponseWriter, errs gqlerror.List) {
	status := http.StatusBadRequest
	var list []answerError
	for _, e := range errs {
		if e.Rule == "" { // it could not be read at all, for which upstream answers 500
			status = http.StatusInternalServerError
		}
		list = append(list, answerError{Message: e.Message, Locations: locations(e), Extensions: extensions{Code: validationFailed}})
	}
	sendErrors(w, status, list)
}

func locations(e *gqlerror.Error) (out []location) {
	for _, l := range e.Locations {
		out = append(out, location{l.Line, l.Column})
	}
	return out
}

func badInput(w http.ResponseWriter, err error) {
	list := []answerError{{Message: err.Error(), Extensions: extensions{Code: "BAD_USER_INPUT"}}}
	if e, ok := err.(*gqlerror.Error); ok {
		list[0].Message, list[0].Locations = e.Message, locations(e)
	}
	sendErrors(w, http.StatusBadRequest, list)
}

func sendErrors(w http.ResponseWriter, status int, list []answerError) {
	body, err := marshal(map[string]any{"errors": list})
	if err != nil {
		panic("fakeoc: " + err.Error()) // errors are strings and numbers
	}
	send(w, status, string(body))
}
