package fakeoc

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

const endpoint = "/graphql/v2"

// maxQuery bounds a request's body.
const maxQuery = 1 << 20

// request is what a GraphQL client posts.
type request struct {
	Query     string `json:"query"`
	Variables struct {
		Slug     string     `json:"slug"`
		ID       string     `json:"id"`
		Limit    int        `json:"limit"`
		Offset   int        `json:"offset"`
		From     *time.Time `json:"from"`
		Since    *time.Time `json:"since"`
		Statuses []string   `json:"statuses"`
	} `json:"variables"`
}

// operation finds the name of a named query; that name says what is asked.
var operation = regexp.MustCompile(`(?m)^\s*query\s+(\w+)`)

// ServeHTTP answers as upstream does (open-collective.md, sections 1.1 to 1.6).
func (f *Film) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != endpoint && r.URL.Path != "/graphql" {
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	}
	s := f.showing()
	admin := r.Header.Get("Personal-Token") != ""
	f.limitHeaders(w.Header(), s, admin)
	contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || err != nil || contentType != "application/json" {
		refuse(w, "BAD_REQUEST", "POST body missing, invalid Content-Type, or JSON object has no keys.")
		return
	}
	var q request
	body, err := io.ReadAll(io.LimitReader(r.Body, maxQuery))
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	if err != nil {
		send(w, http.StatusBadRequest,
			`{"error":{"expose":true,"statusCode":400,"status":400,"type":"entity.parse.failed","code":400}}`)
		return
	}
	f.answer(w, s, q, admin)
}

// limitHeaders are the three that upstream sends with every answer. Nothing is
// counted: the film never refuses.
func (f *Film) limitHeaders(h http.Header, s *scene, admin bool) {
	limit := 10
	if admin {
		limit = 100
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(limit-1))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(f.Clock(s.Step).Add(time.Minute).Time().Unix(), 10))
}

func (f *Film) answer(w http.ResponseWriter, s *scene, q request, admin bool) {
	name := ""
	if found := operation.FindStringSubmatch(q.Query); found != nil {
		name = found[1]
	}
	known := f.isSlug(q.Variables.Slug)
	switch {
	case name == "DuesPreflight":
		send(w, http.StatusOK, f.preflight(s, known, admin))
	case name == "DuesAccount":
		send(w, http.StatusOK, s.accountByID(q.Variables.ID, admin))
	case name == "DuesOrder":
		send(w, http.StatusOK, s.orderByID(q.Variables.ID, admin))
	case lists[name].root == "":
		refuse(w, "GRAPHQL_VALIDATION_FAILED", "Unknown operation: the film has no answer to it.")
	case !known:
		fail(w, lists[name].root, "NotFound", "Account Not Found")
	case q.Variables.Limit > lists[name].most:
		fail(w, lists[name].root, "INTERNAL_SERVER_ERROR", fmt.Sprintf(
			"Cannot fetch more than %s at the same time, please adjust the limit", lists[name].mostWords))
	default:
		send(w, http.StatusOK, s.list(name, q, admin))
	}
}

func send(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body+"\n") // a client that left needs no answer
}

// refuse answers that the query was not even begun.
func refuse(w http.ResponseWriter, code, message string) {
	send(w, http.StatusBadRequest, text(map[string]any{
		"errors": []any{map[string]any{"message": message, "extensions": map[string]any{"code": code}}},
	}))
}

// fail answers that a root which may not be null could not be had.
func fail(w http.ResponseWriter, root, code, message string) {
	send(w, http.StatusOK, text(map[string]any{"errors": failures(root, code, message), "data": nil}))
}

func failures(root, code, message string) []any {
	return []any{map[string]any{
		"message":    message,
		"locations":  []any{map[string]any{"line": 2, "column": 3}},
		"path":       []any{root},
		"extensions": map[string]any{"code": code},
	}}
}

// text writes what cannot fail to be written: maps, strings and raw answers.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("fakeoc: " + err.Error())
	}
	return string(b)
}
