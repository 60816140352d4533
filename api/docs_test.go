package api

import (
	"os"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/roll"
)

// TestThePageNamesEverything that a reader of the API can meet: routes, scopes
// and kinds of problems. The document names the problems, too.
func TestThePageNamesEverything(t *testing.T) {
	b, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(b)
	for _, r := range routes() {
		path := strings.TrimSuffix(strings.NewReplacer("{member}", "ID", "{hold}", "ID", "{secret}", "SECRET", "{decision}", "N", "{concern}", "C", "{opportunity}", "ID", "{notice}", "ID").Replace(r.path), ".md")
		if path = strings.ReplaceAll(path, "openapi.json", "openapi.yaml"); path == schemaPath {
			continue // the page about websites has it
		}
		if r.method != "GET" {
			path = r.method + " " + path
		}
		if !strings.Contains(page, "`"+path) {
			t.Errorf("docs/api.md does not name %s", r.path)
		}
	}
	for _, s := range roll.Scopes() {
		if !strings.Contains(page, "`"+string(s)+"`") {
			t.Errorf("docs/api.md does not name the scope %s", s)
		}
	}
	for _, p := range []problemType{badRequest, tokenMissing, tokenInvalid, scopeMissing, notFound, notPublished, wrongMethod, tooLarge,
		personMissing, notYours, crossOrigin, signInMissing, decisionSays, movedOn, addressTooBig, wrongContent, refusedChange, tooOften, notReady, tookTooLong, internal} {
		if !strings.Contains(page, "`"+p.slug+"`") {
			t.Errorf("docs/api.md does not name the problem %s", p.slug)
		}
		if !strings.Contains(string(openAPIYAMLText), "`"+p.slug+"`") {
			t.Errorf("openapi.yaml does not name the problem %s", p.slug)
		}
	}
}
