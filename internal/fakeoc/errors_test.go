package fakeoc

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// leftOut are the recorded errors that the fake does not give, and why.
var leftOut = map[string]string{
	"err-mutation-anonymous": "the fake has no mutations: nothing of ours writes upstream",
	"err-mutation-noscope":   "the fake has no mutations: nothing of ours writes upstream",
}

// recordedRequests are the requests that are more than a posted query of the
// administrator's: what is known of them.
var recordedRequests = map[string]func(r *http.Request){
	"err-api-key-invalid":       func(r *http.Request) { header(r, "", ""); r.Header.Set("Api-Key", "nope") },
	"err-token-invalid":         func(r *http.Request) { header(r, "Personal-Token", "not-a-real-token") },
	"orders-internal-apikey":    func(r *http.Request) { header(r, "", ""); r.URL.RawQuery = "apiKey=dvl-1510egmf4a23d80342403fb599qd" },
	"err-token-expired":         func(r *http.Request) { header(r, "Personal-Token", "expired") },
	"err-token-suspended":       func(r *http.Request) { header(r, "Personal-Token", "suspended") },
	"err-bearer-invalid":        func(r *http.Request) { header(r, "Authorization", "Bearer nonsense") },
	"err-bearer-personal-token": func(r *http.Request) { header(r, "Authorization", "Bearer "+adminToken) },
	"err-v1-with-token":         func(r *http.Request) { r.URL.Path = "/graphql/v1" },
	"err-no-content-type":       func(r *http.Request) { r.Header.Del("Content-Type") },
	"err-text-plain":            func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
	"err-multipart-form":        func(r *http.Request) { r.Header.Set("Content-Type", "multipart/form-data; boundary=x") },
	"rate-badtoken-while-ip-blocked": func(r *http.Request) {
		header(r, "Personal-Token", "bad")
	},
	"token-as-api-key-header": func(r *http.Request) { header(r, "Api-Key", adminToken) },
	"token-in-path":           func(r *http.Request) { header(r, "", ""); r.URL.Path = endpoint + "/" + adminToken },
	"token-in-query-string":   func(r *http.Request) { header(r, "", ""); r.URL.RawQuery = "personalToken=" + adminToken },
	"token-empty-header":      func(r *http.Request) { header(r, "Personal-Token", "") },
	"accept-graphql-response": func(r *http.Request) { r.Header.Set("Accept", "application/graphql-response+json") },
	"get-without-preflight":   func(r *http.Request) { get(r) },
	"get-with-preflight":      func(r *http.Request) { get(r); r.Header.Set("Authorization", "x") },
	"path-v3":                 func(r *http.Request) { r.URL.Path = "/graphql/v3" },
	"path-nowhere":            func(r *http.Request) { r.URL.Path = "/nowhere" },
	"status-get":              func(r *http.Request) { header(r, "", ""); get(r); r.URL.Path = "/status" },
}

// recordedBodies are bodies that are no query with variables.
var recordedBodies = map[string]string{
	"err-batch-array": `[{"query":"{ __typename }"}]`, "err-json-broken": `{"query": "{ account(`, "err-no-body": "",
	"err-empty-query": `{"query":"","variables":{}}`, "err-multipart-form": "--x--", "err-text-plain": `{"query":"{ __typename }"}`,
	"err-no-content-type": `{"query":"{ __typename }"}`, "get-without-preflight": "", "get-with-preflight": "", "path-v3": `{"query":"{ __typename }"}`,
	"path-nowhere": "", "status-get": "", "rate-badtoken-while-ip-blocked": `{"query":"{ __typename }"}`,
	"accept-graphql-response": `{"query":"{ account(slug:\"no-such-collective-xyz\"){ id } }"}`,
}

func header(r *http.Request, name, value string) {
	r.Header.Del("Personal-Token")
	if name != "" {
		r.Header.Set(name, value)
	}
}

func get(r *http.Request) {
	r.Method, r.URL.RawQuery = http.MethodGet, "query=%7B__typename%7D"
	r.Header.Del("Content-Type")
}

// Every recorded error is given with its status, its type and its words; so are
// the ways to bring a token, and the paths.
func TestErrorsAreTheGenuineServers(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(shared(t, "recorded"), "*.http"))
	if err != nil {
		t.Fatal(err)
	}
	w, s := filmed(t, 0)
	large := &Account{ID: "large", Slug: "coop-cloud-large", Type: "COLLECTIVE"}
	w.open(large)
	hotel := w.find("ccf-hotel")
	w.tokens["expired"], w.tokens["suspended"] = &Token{Owner: hotel, Expired: true}, &Token{Owner: hotel, Suspended: true}
	ran := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".http")
		compared := strings.HasPrefix(name, "err-") || strings.HasSuffix(name, "-error") || strings.HasPrefix(name, "slug-") || recordedRequests[name] != nil
		if !compared || leftOut[name] != "" {
			continue
		}
		ran++
		got := httptest.NewRecorder()
		s.ServeHTTP(got, recordedRequest(t, strings.TrimSuffix(file, ".http"), name))
		compare(t, name, file, got)
	}
	if ran < 40 {
		t.Errorf("only %d answers were compared", ran)
	}
	t.Logf("RAN: %d recorded answers are given, %d are left out", ran, len(leftOut))
}

func recordedRequest(t *testing.T, base, name string) *http.Request {
	t.Helper()
	body, given := recordedBodies[name]
	if !given {
		query, err := os.ReadFile(base + ".graphql")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		vars, err := os.ReadFile(base + ".vars.json")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		quoted, _ := json.Marshal(strings.TrimSuffix(string(query), "\n"))
		body = `{"query":` + string(quoted) + `,"variables":` + string(vars) + `}`
	}
	r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Personal-Token", adminToken)
	if change := recordedRequests[name]; change != nil {
		change(r)
	}
	return r
}

var anID = regexp.MustCompile(`"id":"[0-9a-f]{8}-[0-9a-f-]{27}"`)

func compare(t *testing.T, name, file string, got *httptest.ResponseRecorder) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	if want, _ := strconv.Atoi(head[9:12]); got.Code != want {
		t.Errorf("%s: status %d, want %d: %.300s", name, got.Code, want, got.Body)
	}
	for _, h := range []string{"Content-Type", "Cache-Control", "Access-Control-Allow-Origin", "X-RateLimit-Limit"} {
		found := regexp.MustCompile(`(?mi)^` + h + `: (.*)$`).FindStringSubmatch(head)
		want := ""
		if found != nil {
			want = found[1]
		}
		if got.Header().Get(h) != want {
			t.Errorf("%s: %s is %q, want %q", name, h, got.Header().Get(h), want)
		}
	}
	alike := func(b string) string { return anID.ReplaceAllString(strings.TrimSpace(b), `"id":"…"`) }
	if a, b := alike(got.Body.String()), alike(body); a != b {
		t.Errorf("%s:\n got %.600s\nwant %.600s", name, a, b)
	}
}
