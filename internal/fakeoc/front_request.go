package fakeoc

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"strings"
)

// endpoint is where the API is asked.
const endpoint = "/graphql/v2"

// maxQuery bounds a request's body.
const maxQuery = 1 << 20

// readBody reads the body. What claims to be JSON and is none is refused before
// anything else is looked at: broken is the answer then, which repeats the body.
func readBody(r *http.Request) (body, broken []byte) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxQuery))
	if err != nil || media(r) != "application/json" || len(body) == 0 {
		return body, nil
	}
	if first := strings.TrimLeft(string(body), " \t\r\n"); json.Valid(body) && (strings.HasPrefix(first, "{") || strings.HasPrefix(first, "[")) {
		return body, nil
	}
	broken = appendString([]byte(`{"error":{"expose":true,"statusCode":400,"status":400,"body":`), string(body))
	return body, append(broken, `,"type":"entity.parse.failed","code":400}}`...)
}

// media is the content type without its parameters.
func media(r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return kind
}

const (
	forged = "This operation has been blocked as a potential Cross-Site Request Forgery (CSRF). Please either specify a 'content-type' header " +
		"(with a type that is not one of application/x-www-form-urlencoded, multipart/form-data, text/plain) or provide a non-empty value " +
		"for one of the following headers: Authorization\n"
	noBody  = "POST body missing, invalid Content-Type, or JSON object has no keys."
	noQuery = "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension."
	batch   = "Operation batching disabled."
	noParts = `{"error":{"message":"Missing multipart field ‘operations’ (https://github.com/jaydenseric/graphql-multipart-request-spec).","code":400}}`
)

// simple are the content types that a form of another site can send.
var simple = []string{"", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain"}

// readRequest finds the operation in a request; wrong answers one without.
func readRequest(r *http.Request, body []byte) (q posted, wrong func(http.ResponseWriter)) {
	kind := media(r)
	if kind == "multipart/form-data" {
		return q, func(w http.ResponseWriter) {
			w.Header().Set("Cache-Control", "no-cache")
			reply(w, http.StatusBadRequest, jsonType, []byte(noParts))
		}
	}
	for _, s := range simple {
		if kind == s && r.Header.Get("Authorization") == "" {
			return q, badRequest(forged)
		}
	}
	if r.Method == http.MethodGet {
		return readQuery(r)
	}
	first := strings.TrimLeft(string(body), " \t\r\n")
	if strings.HasPrefix(first, "[") {
		return q, badRequest(batch)
	}
	if kind != "application/json" || first == "" || r.Method != http.MethodPost {
		return q, badRequest(noBody)
	}
	q, err := decodePosted(body)
	if err != nil {
		return q, badRequest(noBody)
	}
	return q, withQuery(q)
}

func readQuery(r *http.Request) (q posted, wrong func(http.ResponseWriter)) {
	asked := r.URL.Query()
	if vars := asked.Get("variables"); vars != "" {
		got, err := decodePosted([]byte(`{"variables":` + vars + `}`))
		if err != nil {
			return q, badRequest("The `variables` search parameter contains invalid JSON.")
		}
		q = got
	}
	q.Query, q.OperationName = asked.Get("query"), asked.Get("operationName")
	return q, withQuery(q)
}

func withQuery(q posted) func(http.ResponseWriter) {
	if q.Query != "" {
		return nil
	}
	return func(w http.ResponseWriter) {
		w.Header().Set("Cache-Control", "no-store")
		badRequest(noQuery)(w)
	}
}

func badRequest(message string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		b := fault{message: message, code: codeRequest}.append([]byte(`{"errors":[`))
		reply(w, http.StatusBadRequest, jsonType, append(b, ']', '}', '\n'))
	}
}
