package fakeoc

import (
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The recorded lists of orders, each with another filter or order, come from the
// first scene's world too.
func TestListsAreTheGenuineServers(t *testing.T) {
	_, s := filmed(t, 0)
	for _, name := range []string{"orders-frequency", "orders-no-filter", "orders-onlySubscriptions", "orders-onlyActiveSubscriptions", "orders-orderBy-asc",
		"orders-root", "orders-status-all", "loggedInAccount"} {
		base := filepath.Join(shared(t, "recorded"), name)
		got := httptest.NewRecorder()
		s.ServeHTTP(got, recordedRequest(t, base, name))
		raw, err := os.ReadFile(base + ".http")
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
		ids := map[string]bool{}
		for _, id := range quotedID.FindAllStringSubmatch(body, -1) {
			ids[id[1]] = true
		}
		mine, theirs := flat(t, got.Body.Bytes(), ids), flat(t, []byte(body), ids)
		for _, k := range slices.Sorted(maps.Keys(merged(mine, theirs))) {
			if mine[k] != theirs[k] {
				t.Errorf("%s: %s is %q, want %q", name, k, mine[k], theirs[k])
			}
		}
	}
}
