package api

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

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
				} else if p.Value.In == "header" {
					continue
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
		if empty && (strings.HasPrefix(r.operation, "getProviders") && r.operation != "getProvidersSchema" || strings.Contains(r.path, "{member}") || strings.Contains(r.path, "{decision}")) {
			good = 404
		}
		if strings.Contains(r.path, "{notice}") { // booking asks for one that is there
			good = 404
		}
		visit := func(path string, headers []string, status int) {
			out = append(out, visit{operation: r.operation, method: "GET", path: path, headers: headers, status: status})
		}
		var auth []string
		if r.scope != everybody {
			auth = []string{"Authorization: Bearer " + w.token}
			if r.by == persons {
				auth = []string{w.speaker.auth()}
			}
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
		if r.scope == everybody && good == 200 && !strings.HasSuffix(r.path, "z") && !strings.HasPrefix(r.operation, "list") && r.operation != "getDecision" {
			visit(path, []string{"If-None-Match: *"}, 304)
		}
		for _, q := range map[string][]string{"at": {"?at=2026-03-01", "?at=2026-09-01T00:00:00Z&known=2026-06-15T11:59:59.9Z"},
			"limit": {"?limit=2", "?limit=1000"}, "state": {"?limit=2"}, "decision": {}, "format": {"?format=array", "?format=object"}, "all": {"?all=true"}, "kind": {"?kind=no_delegate", "?all=true&limit=3"}}[first(r.query)] {
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
	if !empty {
		for _, path := range []string{"/2", "/3", "/" + w.council.noted, "/2/record"} {
			op, status := "getDecision", 200
			if path == "/2/record" {
				op, status = "getDecisionRecord", 401
			}
			out = append(out, visit{op, "GET", decisionsPath + path, nil, "", status}, visit{op, "GET", decisionsPath + path, []string{w.council.lei.auth()}, "", 200})
		}
		for _, query := range []string{"?state=open&size=large", "?limit=1"} {
			out = append(out, visit{"listDecisions", "GET", decisionsPath + query, []string{w.council.lei.auth()}, "", 200})
		}
		out = append(out, visit{"getElectorate", "GET", "/api/v1/electorate?decision=1", []string{"Authorization: Bearer " + w.token}, "", 200},
			visit{"getElectorate", "GET", "/api/v1/electorate?decision=99", []string{"Authorization: Bearer " + w.token}, "", 404},
			visit{"getElectorate", "GET", "/api/v1/electorate", []string{w.council.zoe.auth()}, "", 403})
	}
	return slices.Concat(out, changing(w, holds, empty), acting(w, empty), telling(w), booking(w))
}

// acting are the visits to what is done to decisions, in this order.
func acting(w *world, empty bool) (out []visit) {
	asJSON, weak := "Content-Type: application/json", "Authorization: Bearer "+w.newPersonal(w.speaker.by, "weak", "decisions:read")
	w.refresh()
	for _, r := range decisionRoutes() { // what is wrong with any of them
		if r.method == http.MethodGet {
			continue
		}
		path, body, auth := asked(r), goodBodies[r.operation], w.speaker.auth()
		visit := func(path, body string, status int, headers ...string) {
			out = append(out, visit{r.operation, r.method, path, headers, body, status})
		}
		visit(path, body, 401, asJSON)
		visit(path, body, 401, asJSON, "Authorization: Bearer gs_wrong")
		visit(path, body, 403, asJSON, weak)
		visit(path, body, 403, asJSON, "Authorization: Bearer "+w.newToken(fmt.Sprint("program ", w.ids.Add(1)), "decisions:read"))
		visit(path+"?x=1", body, 400, asJSON, auth)
		visit(path, body, 400, asJSON, auth, "If-Match: nonsense")
		if _, takes := bodies[r.operation]; takes {
			visit(path, "[]", 400, asJSON, auth)
			visit(path, body, 415, auth)
			visit(path, strings.Repeat(" ", mostBody+1), 413, asJSON, auth)
		}
		if r.operation == "createDecision" {
			continue
		}
		if w.council != nil {
			visit(strings.Replace(path, "/1", "/99", 1), body, 404, asJSON, auth)
			visit(path, body, 412, asJSON, auth, `If-Match: "`+strings.Repeat("0", 64)+`"`)
		}
	}
	w.refresh()
	if empty {
		for _, r := range decisionRoutes() {
			if r.method != http.MethodGet {
				out = append(out, visit{r.operation, r.method, asked(r), []string{asJSON, w.speaker.auth()}, goodBodies[r.operation], map[bool]int{true: 409, false: 404}[r.operation == "createDecision"]})
			}
		}
		return out
	}
	c := w.council
	do := func(v *voice, op, method, path string, status int) {
		out = append(out, visit{op, method, decisionsPath + path, []string{asJSON, v.auth()}, goodBodies[op], status})
	}
	do(c.lei, "createDecision", "POST", "", 201)
	do(c.flo, "createDecision", "POST", "", 409) // has no vote
	do(c.lei, "editDecision", "POST", "/"+c.draft+"/edit", 200)
	do(c.lei, "editDecision", "POST", "/1/edit", 409)
	do(c.lei, "openDecision", "POST", "/"+c.draft+"/open", 200) // it is 4
	do(c.lei, "openDecision", "POST", "/"+c.draft+"/open", 409)
	do(c.lei, "logDecision", "POST", "/1/log", 409)
	do(c.fay, "announceDecision", "POST", "/4/announce", 200)
	do(c.zoe, "announceDecision", "POST", "/4/announce", 409)
	do(c.lei, "amendDecision", "POST", "/4/amend", 200)
	do(c.lei, "amendDecision", "POST", "/4/amend", 409) // says the same
	do(c.zoe, "callMaterial", "POST", "/4/call-material", 200)
	do(c.zoe, "callMaterial", "POST", "/4/call-material", 409)
	do(c.zoe, "castBallot", "PUT", "/4/ballots/zed-canary", 200)
	do(c.zoe, "castBallot", "PUT", "/4/ballots/zed-canary", 200)
	do(c.zoe, "castBallot", "PUT", "/4/ballots/canary-ash", 403)
	do(c.zoe, "castBallot", "PUT", "/4/ballots/nobody", 404)
	do(c.flo, "castBallot", "PUT", "/4/ballots/canary-fir", 409)
	do(c.lei, "answerConcern", "POST", "/4/concerns/1/answer", 200)
	do(c.lei, "answerConcern", "POST", "/4/concerns/7/answer", 409)
	do(c.zoe, "retractBallot", "DELETE", "/4/ballots/zed-canary", 200)
	do(c.zoe, "retractBallot", "DELETE", "/4/ballots/zed-canary", 409)
	do(c.zoe, "objectToDecision", "PUT", "/4/objections/zed-canary", 200)
	do(c.zoe, "withdrawObjection", "DELETE", "/4/objections/zed-canary", 200)
	do(c.zoe, "withdrawObjection", "DELETE", "/4/objections/zed-canary", 409)
	do(c.flo, "objectToDecision", "PUT", "/4/objections/canary-fir", 409)
	do(c.zoe, "askForMoreTime", "POST", "/4/more-time", 200)
	do(c.zoe, "askForMoreTime", "POST", "/4/more-time", 409)
	do(c.lei, "nudgeMembers", "POST", "/4/nudge", 200)
	do(c.lei, "nudgeMembers", "POST", "/4/nudge", 409)
	do(c.zoe, "escalateDecision", "POST", "/4/escalate", 200)
	do(c.zoe, "escalateDecision", "POST", "/4/escalate", 409)
	do(c.fay, "closeDecision", "POST", "/4/close", 409) // its deadline is not past
	do(c.fay, "stallDecision", "POST", "/4/stall", 200)
	do(c.fay, "stallDecision", "POST", "/4/stall", 409)
	do(c.fay, "reopenDecision", "POST", "/4/reopen", 200)
	do(c.fay, "reopenDecision", "POST", "/4/reopen", 409)
	do(c.lei, "withdrawDecision", "POST", "/4/withdraw", 200)
	do(c.lei, "withdrawDecision", "POST", "/4/withdraw", 409)
	do(c.lei, "logDecision", "POST", "/"+c.small+"/log", 200)
	return out
}

// goodBodies are bodies that are whole.
var goodBodies = map[string]string{
	"createDecision": calendar, "editDecision": `{"until": "2026-07-01", "title": "Tea"}`, "openDecision": `{}`, "logDecision": `{}`, "announceDecision": `{"place": "the room"}`,
	"amendDecision": `{"title": "Green tea", "editorial": true}`, "callMaterial": `{}`, "castBallot": `{"answer": "against", "concern": "It stains."}`, "objectToDecision": `{"concern": "It stains."}`,
	"askForMoreTime": `{"reason": "We meet on the 20th."}`, "escalateDecision": `{"to": "large", "reason": "It concerns everybody."}`, "answerConcern": `{"answer": "It does not."}`, "nudgeMembers": `{}`,
	"withdrawDecision": `{"reason": "Enough."}`, "stallDecision": `{"reason": "A rest."}`, "reopenDecision": `{"until": "2026-08-01"}`, "closeDecision": `{"reason": "Enough."}`,
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
	return strings.NewReplacer("{decision}", "1", "{concern}", "1", "{member}", "canary-ash", "{hold}", "h_standing", "{opportunity}", "op_none", "{notice}", "nt_none", "{secret}", hookSecret).Replace(r.path)
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
	full.council = full.decide()
	full.speaker = full.council.lei
	begun := bare(t, dbtest.SQLite(t)())
	begun.speaker = begun.voice("Ada Canaryperson", nil)
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
		if op == "closeDecision" && seen[409] { // TestADecisionIsEnded sees it done
			continue
		}
		if !(seen[200] || seen[201] || seen[204]) || !seen[400] {
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

// The documents that are made from openapi.yaml are those of today, and say what it says.
func TestDocumentsAreMadeFromTheOne(t *testing.T) {
	read, err := openapi3.NewLoader().LoadFromData([]byte(newWorld(t).get("/api/v1/openapi.json").body))
	if err != nil || !reflect.DeepEqual(asJSON(t, read), asJSON(t, document(t))) {
		t.Errorf("openapi.json says something else than openapi.yaml: %v", err)
	}
	doc, made := openAPI(), map[string][]byte{}
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

func asJSON(t testing.TB, doc *openapi3.T) (out map[string]any) {
	t.Helper()
	b, err := doc.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
