package api

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"

	"coopcloud.tech/goodstanding/internal/dbtest"
)

var update = flag.Bool("update", false, "rewrite the documents that are made from openapi.yaml")

func document(t testing.TB) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openAPIYAMLText)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.IsOpenAPI31OrLater()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestEveryRouteIsInTheDocumentAndTheReverse: operation, method, path,
// parameters, scope and the keys of the body.
func TestEveryRouteIsInTheDocumentAndTheReverse(t *testing.T) {
	var served, written []string
	for _, r := range routes() {
		scope := "no token"
		if r.scope != everybody && r.scope != bySecret {
			scope = string(r.scope)
		}
		query := slices.Sorted(slices.Values(r.query))
		served = append(served, fmt.Sprint(r.method, r.path, r.operation, query, scope, bodies[r.operation]))
	}
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			query := []string{}
			for _, p := range op.Parameters {
				if p.Value.In == "query" {
					query = append(query, p.Value.Name)
				} else if !strings.Contains(path, "{"+p.Value.Name+"}") {
					t.Errorf("%s: %s is not in the path", path, p.Value.Name)
				}
			}
			slices.Sort(query)
			scope := "none is said"
			if op.Security != nil && len(*op.Security) == 0 {
				scope = "no token"
			} else if op.Security != nil {
				scope = strings.Join((*op.Security)[0]["token"], " ")
			}
			written = append(written, fmt.Sprint(method, path, op.OperationID, query, scope, bodyKeys(op)))
		}
	}
	slices.Sort(served)
	slices.Sort(written)
	for _, line := range served {
		if !slices.Contains(written, line) {
			t.Errorf("served, but not in openapi.yaml: %s", line)
		}
	}
	for _, line := range written {
		if !slices.Contains(served, line) {
			t.Errorf("in openapi.yaml, but not served: %s", line)
		}
	}
}

// bodyKeys are the keys of the object that an operation takes.
func bodyKeys(op *openapi3.Operation) []string {
	if op.RequestBody == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(op.RequestBody.Value.Content.Get(kindJSON).Schema.Value.Properties))
}

// closed says whether every object that a schema describes takes no other keys.
func closed(s *openapi3.Schema, seen map[*openapi3.Schema]bool) bool {
	if s == nil || seen[s] {
		return true
	}
	seen[s] = true
	if s.Type.Is("object") && (s.AdditionalProperties.Has == nil || *s.AdditionalProperties.Has) && s.AdditionalProperties.Schema == nil {
		return false
	}
	for _, p := range s.Properties {
		if !closed(p.Value, seen) || !slices.Contains(s.Required, nameOf(s, p)) && s.Properties["errors"] == nil {
			return false
		}
	}
	for _, o := range s.OneOf {
		if !closed(o.Value, seen) {
			return false
		}
	}
	return s.Items == nil || closed(s.Items.Value, seen)
}

func nameOf(s *openapi3.Schema, p *openapi3.SchemaRef) string {
	for name, one := range s.Properties {
		if one == p {
			return name
		}
	}
	return ""
}

// TestEverySchemaIsClosed: an answer has the keys that are written, all of
// them and no other; only a problem may lack some.
func TestEverySchemaIsClosed(t *testing.T) {
	for name, s := range document(t).Components.Schemas {
		if !closed(s.Value, map[*openapi3.Schema]bool{}) {
			t.Errorf("the schema %s leaves a key open", name)
		}
	}
}

// visit is one request of the contract test.
type visit struct {
	operation, method, path string
	headers                 []string
	body                    string
	status                  int
}

// visits ask each route for every kind of answer that it can give.
func visits(w *world, empty bool) []visit {
	var out []visit
	holds := w.newToken(fmt.Sprintf("other scope %d", w.ids.Load()), "holds:read")
	syncs := w.newToken(fmt.Sprintf("another scope %d", w.ids.Load()), "syncs:read")
	w.refresh()
	for _, r := range readings() { // changes and hints follow below
		path := asked(r)
		good := 200
		if empty && (strings.HasPrefix(r.operation, "getProviders") && r.operation != "getProvidersSchema" || strings.Contains(r.path, "{member}")) {
			good = 404
		}
		visit := func(path string, headers []string, status int) {
			out = append(out, visit{operation: r.operation, method: "GET", path: path, headers: headers, status: status})
		}
		var auth []string
		if r.scope != everybody {
			auth = []string{"Authorization: Bearer " + w.token}
			other := "Authorization: Bearer " + holds
			if r.scope == "holds:read" {
				other = "Authorization: Bearer " + syncs
			}
			visit(path, nil, 401)
			visit(path, []string{"Authorization: Bearer gs_wrong"}, 401)
			visit(path, []string{other}, 403)
		}
		visit(path, auth, good)
		visit(path+"?nonsense=1", auth, 400)
		if r.scope == everybody && good == 200 && !strings.HasSuffix(r.path, "z") {
			visit(path, []string{"If-None-Match: *"}, 304)
		}
		for _, q := range map[string][]string{"at": {"?at=2026-03-01", "?at=2026-09-01T00:00:00Z&known=2026-06-15T11:59:59.9Z"},
			"limit": {"?limit=2", "?limit=1000"}, "state": {"?state=suspended", "?right=vote"}, "format": {"?format=array", "?format=object"}, "all": {"?all=true"}, "kind": {"?kind=no_delegate", "?all=true&limit=3"}}[first(r.query)] {
			visit(path+q, auth, good)
		}
	}
	if !empty {
		auth := []string{"Authorization: Bearer " + w.token}
		for _, id := range []string{"canary-birch", "canary-fir", "nora-canary", "zed-canary", "cedar-canary", "canary-elm", "canary-dogwood", string(w.ash)} {
			out = append(out, visit{"getEligibility", "GET", "/api/v1/members/" + id + "/eligibility", auth, "", 200})
		}
		out = append(out, visit{"getEligibility", "GET", "/api/v1/members/nobody/eligibility", auth, "", 404},
			visit{"getRoll", "GET", "/api/v1/roll?state=suspended", auth, "", 200}, visit{"getRoll", "GET", "/api/v1/roll?right=vote&limit=1", auth, "", 200})
	}
	return append(out, changing(w, holds, empty)...)
}

// changing are the visits to what is no reading, in this order.
func changing(w *world, weak string, empty bool) []visit {
	const hook, holdPath, reason = "/hooks/opencollective/", "/api/v1/holds/h_standing/acknowledge", `{"reason": "they were told"}`
	asJSON := "Content-Type: application/json"
	auth := "Authorization: Bearer " + w.token
	post := func(operation, path, body string, status int, headers ...string) visit {
		return visit{operation, "POST", path, headers, body, status}
	}
	out := []visit{
		post("postOpenCollectiveHook", hook+hookSecret, `{"type": "order.processed"}`, 204, asJSON),
		post("postOpenCollectiveHook", hook+hookSecret, "", 204),
		post("postOpenCollectiveHook", hook+hookSecret+"?x=1", "", 400),
		post("postOpenCollectiveHook", hook+"another-secret-of-no-use", "", 404),
		post("postOpenCollectiveHook", hook+hookSecret, strings.Repeat("x", mostBody+1), 413),
		post("acknowledgeHold", holdPath, reason, 401, asJSON),
		post("acknowledgeHold", holdPath, reason, 403, asJSON, "Authorization: Bearer "+weak),
		post("acknowledgeHold", holdPath+"?x=1", reason, 400, asJSON, auth),
		post("acknowledgeHold", holdPath, "{}", 400, asJSON, auth),
		post("acknowledgeHold", holdPath, reason, 415, auth),
		post("acknowledgeHold", holdPath, strings.Repeat(" ", mostBody+1), 413, asJSON, auth),
		post("acknowledgeHold", "/api/v1/holds/h_none/acknowledge", reason, 404, asJSON, auth),
	}
	if empty {
		return append(out, post("acknowledgeHold", holdPath, reason, 404, asJSON, auth))
	}
	return append(out, post("acknowledgeHold", holdPath, reason, 200, asJSON, auth),
		post("acknowledgeHold", holdPath, reason, 409, asJSON, auth))
}

// readings are the routes that change nothing.
func readings() []route {
	return slices.DeleteFunc(routes(), func(r route) bool { return r.method != "GET" })
}

// asked is a route's path with its wildcards filled in.
func asked(r route) string {
	return strings.NewReplacer("{member}", "canary-ash", "{hold}", "h_standing", "{secret}", hookSecret).Replace(r.path)
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// TestEveryAnswerKeepsTheContract runs over all routes and statuses, in a
// federation with everything in it and in one that has just begun.
func TestEveryAnswerKeepsTheContract(t *testing.T) {
	doc := document(t)
	statuses := map[string]map[int]bool{}
	full := newWorld(t)
	brake(full)
	begun := bare(t, dbtest.SQLite(t)())
	for name, w := range map[string]*world{"full": full, "begun": begun} {
		w.refresh()
		for _, v := range visits(w, name == "begun") {
			methods := []string{v.method}
			if v.method == "GET" {
				methods = append(methods, "HEAD")
			}
			for _, method := range methods {
				got := w.send(method, v.path, v.body, v.headers...)
				where := fmt.Sprintf("%s: %s %s %v", name, method, v.path, len(v.headers))
				if got.StatusCode != v.status {
					t.Errorf("%s: %d, want %d: %s", where, got.StatusCode, v.status, got.body)
					continue
				}
				if method == "HEAD" && got.body != "" {
					t.Errorf("%s has a body", where)
				}
				checkAnswer(t, doc, where, v, got, method == "HEAD")
			}
			if statuses[v.operation] == nil {
				statuses[v.operation] = map[int]bool{}
			}
			statuses[v.operation][v.status] = true
		}
	}
	for op, seen := range statuses {
		t.Logf("%-22s %v", op, slices.Sorted(maps.Keys(seen)))
		if !(seen[200] || seen[204]) || !seen[400] {
			t.Errorf("%s was not seen answering well and 400", op)
		}
	}
	if len(statuses) != len(routes()) {
		t.Errorf("%d operations were asked, there are %d", len(statuses), len(routes()))
	}
}

func operationOf(doc *openapi3.T, id string) *openapi3.Operation {
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.OperationID == id {
				return op
			}
		}
	}
	return nil
}

// checkAnswer holds one answer to the document: its status is listed, its type
// is one of those, its body fits, and the headers that must be there are.
func checkAnswer(t *testing.T, doc *openapi3.T, where string, v visit, got reply, bodiless bool) {
	t.Helper()
	want := operationOf(doc, v.operation).Responses.Status(got.StatusCode)
	if want == nil && got.StatusCode == 413 {
		want = operationOf(doc, v.operation).Responses.Default() // the guard's, the same everywhere
	}
	if want == nil {
		t.Errorf("%s: the document has no %d", where, got.StatusCode)
		return
	}
	for name, h := range want.Value.Headers {
		if h.Value.Required && got.Header.Get(name) == "" {
			t.Errorf("%s: the header %s is missing", where, name)
		}
	}
	kind, _, _ := strings.Cut(got.Header.Get("Content-Type"), ";")
	if got.StatusCode == 304 || got.StatusCode == 204 {
		if kind != "" || got.body != "" {
			t.Errorf("%s: %d with a body", where, got.StatusCode)
		}
		return
	}
	media := want.Value.Content.Get(kind)
	if media == nil {
		t.Errorf("%s: the document has no %q", where, kind)
		return
	}
	if bodiless || !strings.HasSuffix(kind, "json") {
		return
	}
	var value any
	if err := json.Unmarshal([]byte(got.body), &value); err != nil {
		t.Errorf("%s: %v", where, err)
		return
	}
	if err := doc.ValidateSchemaJSON(media.Schema.Value, value, openapi3.MultiErrors(), openapi3.EnableFormatValidation()); err != nil {
		t.Errorf("%s: %v\n%s", where, err, got.body)
	}
}

// The check itself must be able to fail.
func TestTheContractCheckSeesAWrongAnswer(t *testing.T) {
	doc := document(t)
	schema := doc.Components.Schemas["MemberList"].Value
	var value any
	if err := json.Unmarshal([]byte(newWorld(t).get("/api/v1/members").body), &value); err != nil {
		t.Fatal(err)
	}
	if err := doc.ValidateSchemaJSON(schema, value); err != nil {
		t.Fatal(err)
	}
	item := value.(map[string]any)["items"].([]any)[0].(map[string]any)
	item["state"] = "current"
	if doc.ValidateSchemaJSON(schema, value) == nil {
		t.Error("a key too many was not seen")
	}
	delete(item, "state")
	delete(item, "kind")
	if doc.ValidateSchemaJSON(schema, value) == nil {
		t.Error("a missing key was not seen")
	}
	item["kind"], item["provider"] = "organisation", "yes"
	if doc.ValidateSchemaJSON(schema, value) == nil {
		t.Error("another type was not seen")
	}
}

// The documents that are made from openapi.yaml are those of today.
func TestDocumentsAreMadeFromTheOne(t *testing.T) {
	var doc map[string]any
	if err := yaml.Unmarshal(openAPIYAMLText, &doc); err != nil {
		t.Fatal(err)
	}
	made := map[string][]byte{"openapi.json": append(indented(doc), '\n')}
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	schema := schemas["ProviderList"].(map[string]any)
	schema["$schema"], schema["$id"] = "https://json-schema.org/draft/2020-12/schema", "urn:goodstanding:schema:providers:1"
	schema["title"], schema["$defs"] = "The provider list of a federation", map[string]any{"Provider": schemas["Provider"]}
	made["providers.schema.json"] = append([]byte(strings.ReplaceAll(string(indented(schema)), "#/components/schemas/", "#/$defs/")), '\n')
	for name, want := range made {
		if *update {
			if err := os.WriteFile(name, want, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(name)
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is out of date (%v): go test ./api -run Documents -update", name, err)
		}
	}
}
