package fakematrix

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// contract is the part of the specification that lies beside the project, and
// what was held against it.
type contract struct {
	docs []*openapi3.T
	// errors and limited are what every operation may answer.
	schemas *openapi3.T

	mu                 sync.Mutex
	requests, answers  int
	operations, beside map[string]int
	faults             []string
}

// event and strippedState stand where the specification points to files that are
// not in the part that lies beside the project.
const (
	event         = `{"type":"object","required":["type","content"],"properties":{"type":{"type":"string"},"content":{"type":"object"}}}`
	strippedState = `{"type":"object","required":["type","content","state_key","sender"],"properties":{"type":{"type":"string"},` +
		`"content":{"type":"object"},"state_key":{"type":"string"},"sender":{"type":"string","pattern":"^@"}}}`
	commonErrors = `{"openapi":"3.1.0","info":{"title":"errors","version":"1"},"paths":{},"components":{"schemas":{` +
		`"error":{"$ref":"definitions/errors/error.yaml"},"limited":{"$ref":"definitions/errors/rate_limited.yaml"}}}}`
)

// specification reads it, or skips the test where it is not there.
func specification(t *testing.T) *contract {
	t.Helper()
	c := lookUp(t)
	if c == nil {
		t.Skip("NOT RUN: the Matrix specification is not beside the project; set GOODSTANDING_SHARED to the folder that has matrix-spec")
	}
	return c
}

// lookUp reads it; nil where it is not there.
func lookUp(t *testing.T) *contract {
	t.Helper()
	root := os.Getenv("GOODSTANDING_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	folder, err := filepath.Abs(filepath.Join(root, "matrix-spec"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		return nil
	}
	load := openapi3.NewLoader()
	load.IsExternalRefsAllowed = true
	load.ReadFromURIFunc = func(_ *openapi3.Loader, at *url.URL) ([]byte, error) {
		switch filepath.Base(at.Path) {
		case "event.yaml":
			return []byte(event), nil
		case "stripped_state.yaml":
			return []byte(strippedState), nil
		}
		return os.ReadFile(at.Path)
	}
	c := &contract{operations: map[string]int{}, beside: map[string]int{}}
	for _, f := range files {
		doc, err := load.LoadFromFile(f)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		c.docs = append(c.docs, doc)
	}
	if c.schemas, err = load.LoadFromDataWithPath([]byte(commonErrors), &url.URL{Path: folder + "/errors.json"}); err != nil {
		t.Fatal(err)
	}
	return c
}

// whole puts what a schema points to in its place: the validator sees one schema
// at a time, and follows nothing.
func whole(s *openapi3.SchemaRef) *openapi3.SchemaRef {
	if s == nil {
		return nil
	}
	s.Ref = ""
	v := s.Value
	for _, named := range []openapi3.Schemas{v.Properties, v.PatternProperties} {
		for _, one := range named {
			whole(one)
		}
	}
	for _, list := range []openapi3.SchemaRefs{v.AllOf, v.AnyOf, v.OneOf} {
		for _, one := range list {
			whole(one)
		}
	}
	whole(v.Items)
	whole(v.AdditionalProperties.Schema)
	return s
}

// found is an operation that a request asks for.
type found struct {
	doc  *openapi3.T
	op   *openapi3.Operation
	path map[string]string
	name string
}

// find is the operation for a method and a path; ok is false for one that the
// part beside the project does not tell of.
func (c *contract) find(method, path string) (f found, ok bool) {
	for _, doc := range c.docs {
		base := doc.Servers[0].Variables["basePath"].Default
		rest, is := strings.CutPrefix(path, base)
		if !is {
			continue
		}
		for template, item := range doc.Paths.Map() {
			if op := item.GetOperation(method); op != nil {
				if values, fits := fill(template, rest); fits {
					return found{doc, op, values, op.OperationID}, true
				}
			}
		}
	}
	return found{}, false
}

func fill(template, path string) (map[string]string, bool) {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return nil, false
	}
	values := map[string]string{}
	for i := range a {
		name, variable := strings.CutPrefix(a[i], "{")
		plain, err := url.PathUnescape(b[i])
		switch {
		case variable && err == nil && (plain != "" || i == len(a)-1):
			values[strings.TrimSuffix(name, "}")] = plain
		case variable || a[i] != b[i]:
			return nil, false
		}
	}
	return values, true
}

func (c *contract) fault(where, format string, args ...any) {
	c.faults = append(c.faults, where+": "+fmt.Sprintf(format, args...))
}

// request holds one request against the specification; a foreign client's may
// have parameters that are not in it.
func (c *contract) request(r *http.Request, body []byte, foreign bool) (f found, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests++
	where := r.Method + " " + r.URL.EscapedPath()
	if r.URL.Query().Has("access_token") {
		c.fault(where, "the token is in the address")
	}
	if f, ok = c.find(r.Method, r.URL.EscapedPath()); !ok {
		c.beside[r.Method+" "+beside(r.URL.Path)]++
		return f, false
	}
	c.operations[f.name]++
	if f.op.Security != nil && len(*f.op.Security) > 0 && !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		c.fault(where, "there is no Authorization header")
	}
	query := r.URL.Query()
	for _, p := range f.op.Parameters {
		value, given := f.path[p.Value.Name], true
		if p.Value.In == "query" {
			value, given = query.Get(p.Value.Name), query.Has(p.Value.Name)
			query.Del(p.Value.Name)
		}
		if !given {
			if p.Value.Required {
				c.fault(where, "%s is missing", p.Value.Name)
			}
			continue
		}
		c.value(where+" "+p.Value.Name, f.doc, p.Value.Schema, typed(p.Value.Schema, value))
	}
	for name := range query {
		if foreign && (strings.HasPrefix(name, "org.matrix.") || strings.HasPrefix(name, "_")) {
			continue // what a foreign client asks for beside the specification
		}
		c.fault(where, "there is no parameter %s", name)
	}
	if f.op.RequestBody != nil && f.op.RequestBody.Value.Required && len(body) == 0 {
		c.fault(where, "the body is missing")
	}
	if f.op.RequestBody != nil && len(body) > 0 {
		c.body(where, f.doc, f.op.RequestBody.Value.Content.Get("application/json"), body)
	}
	return f, true
}

// beside is a path without what differs from request to request.
func beside(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/_matrix/client/"), "/")
	for i, p := range parts {
		if strings.ContainsAny(p, "!#@$") || i > 0 && parts[i-1] == "filter" {
			parts[i] = "…"
		}
	}
	return strings.Join(parts, "/")
}

// typed is a parameter's text as its schema reads it.
func typed(s *openapi3.SchemaRef, text string) any {
	if n, err := strconv.ParseFloat(text, 64); err == nil && (s.Value.Type.Is("integer") || s.Value.Type.Is("number")) {
		return n
	}
	if b, err := strconv.ParseBool(text); err == nil && s.Value.Type.Is("boolean") {
		return b
	}
	return text
}

// answer holds what was answered against the specification.
func (c *contract) answer(f found, known bool, r *http.Request, status int, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers++
	where := fmt.Sprintf("%s %s answers %d", r.Method, r.URL.EscapedPath(), status)
	if known {
		if res := f.op.Responses.Status(status); res != nil && res.Value.Content != nil {
			c.body(where, f.doc, res.Value.Content.Get("application/json"), body)
			return
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		c.body(where, c.schemas, &openapi3.MediaType{Schema: c.schemas.Components.Schemas["limited"]}, body)
	case status >= 400:
		c.body(where, c.schemas, &openapi3.MediaType{Schema: c.schemas.Components.Schemas["error"]}, body)
	case known:
		c.fault(where, "the specification has no such answer")
	}
}

func (c *contract) body(where string, doc *openapi3.T, media *openapi3.MediaType, body []byte) {
	var value any
	if media == nil {
		c.fault(where, "the specification has no such body")
	} else if err := json.Unmarshal(body, &value); err != nil {
		c.fault(where, "%v: %s", err, body)
	} else {
		c.value(where, doc, media.Schema, value)
	}
}

func (c *contract) value(where string, doc *openapi3.T, schema *openapi3.SchemaRef, value any) {
	if schema == nil {
		return
	}
	if err := doc.ValidateSchemaJSON(whole(schema).Value, value, openapi3.MultiErrors(), openapi3.EnableJSONSchema2020()); err != nil {
		c.fault(where, "%v", err)
	}
}

// serve puts the contract before a homeserver, for clients that are given its
// address instead.
func (c *contract) serve(t *testing.T, s *Server, foreign bool) string {
	t.Helper()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		f, known := c.request(r, body, foreign)
		tee := &tee{ResponseWriter: w, status: http.StatusOK}
		s.ServeHTTP(tee, r)
		c.answer(f, known, r, tee.status, tee.body.Bytes())
	}))
	t.Cleanup(func() {
		front.CloseClientConnections()
		front.Close()
	})
	return front.URL
}

// tee keeps what is answered.
type tee struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (w *tee) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *tee) Write(b []byte) (int, error) {
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

// report prints what was held against the specification and fails for what it
// does not allow.
func (c *contract) report(t *testing.T) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.faults {
		t.Error(f)
	}
	verdict := "all valid"
	if n := len(c.faults); n > 0 {
		verdict = fmt.Sprintf("%d wrong", n)
	}
	t.Logf("operations %d, requests %d, answers %d, %s", len(c.operations), c.requests, c.answers, verdict)
	for _, list := range []struct {
		what string
		of   map[string]int
	}{{"held against the specification", c.operations}, {"not in the part beside the project; errors alone were checked", c.beside}} {
		var names []string
		for name, n := range list.of {
			names = append(names, fmt.Sprintf("%s %d", name, n))
		}
		slices.Sort(names)
		t.Logf("%s: %s", list.what, strings.Join(names, ", "))
	}
}
