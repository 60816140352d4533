package fakeoc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

const adminToken = "an-administrators-token"

// filmed is the world of a scene, served without a limit.
func filmed(t testing.TB, step int) (*World, *Server) {
	t.Helper()
	r, err := FilmRecording(step)
	if err != nil {
		t.Fatal(err)
	}
	w, err := FromRecording(r, 1, adminToken)
	if err != nil {
		t.Fatal(err)
	}
	return w, NewServer(w, ServerOptions{NoLimit: true})
}

// ask posts a query and returns the whole answer.
func ask(s http.Handler, token, query string, vars map[string]any) *httptest.ResponseRecorder {
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, endpoint, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Personal-Token", token)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// part is one of the film's recorded answers and how it was asked for.
type part struct {
	name, file string
	vars       func(w *World) map[string]any
}

var filmParts = []part{
	{"preflight", "00-preflight", func(*World) map[string]any { return map[string]any{} }},
	{"orders-0", "10-orders", func(*World) map[string]any {
		return map[string]any{"limit": 500, "offset": 0, "children": false, "statuses": allStatuses()}
	}},
	{"transactions-0", "20-transactions", func(w *World) map[string]any {
		return map[string]any{"limit": 1000, "offset": 0, "children": false, "from": since(w)}
	}},
	{"refunds-0", "21-refunds", func(w *World) map[string]any {
		return map[string]any{"limit": 1000, "offset": 0, "from": since(w)}
	}},
}

func allStatuses() (out []string) {
	for _, v := range schema().Types["OrderStatus"].EnumValues {
		out = append(out, v.Name)
	}
	return out
}

func since(w *World) string { return (w.Now() - 800*instant.Day).Time().Format(time.RFC3339) }

// filmBodies are the recorded answers of a scene by their parts' names.
func filmBodies(t *testing.T, step int) map[string][]byte {
	t.Helper()
	r, err := FilmRecording(step)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"preflight": r.Preflight, "orders-0": r.Orders, "transactions-0": r.Transactions, "refunds-0": r.Refunds}
}

// askPart asks for a part as it was asked for when it was recorded.
func askPart(t *testing.T, w *World, s http.Handler, queries string, p part) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(queries, p.file+".graphql"))
	if err != nil {
		t.Fatal(err)
	}
	vars := p.vars(w)
	vars["slug"] = w.Collective()
	return ask(s, adminToken, string(text), vars).Body.Bytes()
}

// The world of each scene answers the four recorded queries with the recorded
// bytes: values, order of rows and order of keys.
func TestAnswersAreTheGenuineServers(t *testing.T) {
	queries := shared(t, "queries")
	for step := range played {
		w, s := filmed(t, step)
		bodies := filmBodies(t, step)
		for _, p := range filmParts {
			if where := differ(askPart(t, w, s, queries, p), bodies[p.name]); where != "" {
				t.Fatalf("scene %02d, %s: %s", step, p.name, where)
			}
		}
		orders, transactions := nodes(t, bodies["orders-0"]), nodes(t, bodies["transactions-0"])
		if orders < 40 || transactions < 200 {
			t.Errorf("scene %02d: there is nothing to compare", step)
		}
		t.Logf("conformance: scene %02d: %d orders, %d transactions, %d refunds: equal", step, orders, transactions, nodes(t, bodies["refunds-0"]))
	}
}

func nodes(t *testing.T, body []byte) int {
	t.Helper()
	var a struct {
		Data map[string]struct{ Nodes []json.RawMessage }
	}
	if err := json.Unmarshal(body, &a); err != nil {
		t.Fatal(err)
	}
	for _, list := range a.Data {
		return len(list.Nodes)
	}
	return 0
}

// differ says where two answers part; "" for nowhere.
func differ(got, want []byte) string {
	a, b := strings.TrimSpace(string(got)), strings.TrimSpace(string(want))
	if a == b {
		return ""
	}
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	cut := func(s string) string { return s[max(0, at-160):min(len(s), at+120)] }
	return fmt.Sprintf("at byte %d\n got …%s\nwant …%s", at, cut(a), cut(b))
}
