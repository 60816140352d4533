package opencollective

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

var documents = map[string]document{
	"00-preflight": preflightDoc, "10-orders": ordersDoc, "11-paused-by-user": pausedDoc, "12-orders-from": ordersFromDoc,
	"20-transactions": transactionsDoc, "21-refunds": refundsDoc, "22-transactions-from": transactionsFromDoc,
	"23-refunds-from": refundsFromDoc, "40-account-by-id": accountDoc, "41-order-by-id": orderDoc,
}

// schema loads the genuine schema. It is no part of this repository; at home
// the test is skipped without it, in CI the folder's presence decides.
func schema(t *testing.T) *ast.Schema {
	t.Helper()
	shared := os.Getenv("GOODSTANDING_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	text, err := os.ReadFile(filepath.Join(shared, "oc", "schemaV2.graphql"))
	if err != nil {
		if _, there := os.Stat(shared); there == nil && os.Getenv("CI") == "true" {
			t.Fatalf("the schema could not be read although its folder is there: %v", err)
		}
		t.Skip("NOT RUN: no upstream schema to hold the queries against; set GOODSTANDING_SHARED to the folder that has oc/schemaV2.graphql")
	}
	s, problem := gqlparser.LoadSchema(&ast.Source{Name: "schemaV2.graphql", Input: string(text)})
	if problem != nil {
		t.Fatal(problem)
	}
	return s
}

// Every query is valid against the genuine schema, and the check can fail.
func TestQueriesAreValid(t *testing.T) {
	s := schema(t)
	files, err := filepath.Glob("queries/*.graphql")
	if err != nil || len(files) != len(documents) {
		t.Fatalf("%d query files for %d documents, %v", len(files), len(documents), err)
	}
	for name, d := range documents {
		if _, problem := gqlparser.LoadQueryWithRules(s, d.text, rules.NewDefaultRules()); problem != nil {
			t.Errorf("%s: %v", name, problem)
		}
		misspelt := strings.Replace(d.text, "slug", "slugg", 1)
		if name == "41-order-by-id" || name == "40-account-by-id" {
			misspelt = strings.Replace(d.text, "publicId", "publicID", 1)
		}
		if _, problem := gqlparser.LoadQueryWithRules(s, misspelt, rules.NewDefaultRules()); problem == nil {
			t.Errorf("%s: a misspelt query passes", name)
		}
	}
	t.Logf("RAN: %d queries are valid against upstream's schema", len(documents))
}

// All fourteen statuses are asked for, else upstream leaves some out.
func TestAllStatusesAreAsked(t *testing.T) {
	enum := schema(t).Types["OrderStatus"]
	if len(enum.EnumValues) != len(statuses) {
		t.Errorf("upstream has %d statuses, %d are asked for", len(enum.EnumValues), len(statuses))
	}
	for _, s := range statuses {
		if enum.EnumValues.ForName(s) == nil {
			t.Errorf("upstream has no status %s", s)
		}
	}
}

// A continuation reads the same fields as what it continues.
func TestContinuationsReadTheSameFields(t *testing.T) {
	fields := func(d document) string {
		_, nodes, found := strings.Cut(d.text, "    nodes {\n")
		if !found {
			t.Fatalf("%s has no nodes", d.op)
		}
		return nodes
	}
	for first, next := range map[string]string{
		"10-orders": "12-orders-from", "20-transactions": "22-transactions-from", "21-refunds": "23-refunds-from",
	} {
		if fields(documents[first]) != fields(documents[next]) {
			t.Errorf("%s and %s read different fields", first, next)
		}
		if strings.Count(documents[next].text, "totalCount") != 2 {
			t.Errorf("%s does not count all rows", next)
		}
	}
	dedented := strings.ReplaceAll(strings.TrimSuffix(fields(ordersDoc), "    }\n  }\n}\n"), "\n  ", "\n")
	if _, order, _ := strings.Cut(orderDoc.text, "order(order: { id: $id }) {\n"); "  "+order != dedented+"  }\n}\n" {
		t.Errorf("41-order-by-id reads other fields than 10-orders:\n%s\n%s", order, dedented)
	}
}

// Each text is for its document, and begins as upstream's cache expects.
func TestTextsBelongToTheirDocuments(t *testing.T) {
	for file, d := range documents {
		text, err := os.ReadFile(filepath.Join("queries", file+".graphql"))
		if err != nil || string(text) != d.text {
			t.Errorf("%s is not what is sent: %v", file, err)
		}
		if !strings.HasPrefix(d.text, "query Dues") || !strings.Contains(d.text, "  "+d.root+"(") {
			t.Errorf("%s does not ask for %s", file, d.root)
		}
	}
}
