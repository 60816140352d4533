package opencollective

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func loadRecorded(t *testing.T, file string) (*http.Response, []byte) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, body, found := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !found {
		t.Fatalf("%s has no body", file)
	}
	return resp, body
}

func replay(resp *http.Response, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for k, v := range resp.Header {
			if !slices.Contains([]string{"Content-Length", "Connection", "Keep-Alive"}, k) {
				w.Header()[k] = v
			}
		}
		w.WriteHeader(resp.StatusCode)
		_, _ = w.Write(body)
	}
}

// outcome is what the client makes of a recorded answer: asked for the root that
// the recorded query asked for, and as the answer to everything that a pull asks.
type outcome struct {
	root string
	// class and says: how the guard judges it. ClassOK means that its data is let
	// through, says is then empty.
	class, says string
	// pull and why: how a pull that gets nothing else ends. None may end well: no
	// recorded answer is one to the client's own first query.
	pull, why string
}

// Files are grouped by what they have in common; the groups' outcomes are
// stated once.
var (
	// Good data, of queries that are not the client's: a pull misses its first field.
	goodAccount = outcome{"account", ClassOK, "", ClassSchemaDrift, "(preflight, me: is missing)"}
	// Good data under another root than the one that a pull asks for.
	goodOther = func(root string) outcome {
		return outcome{root, ClassOK, "", ClassSchemaDrift, "(preflight, account: is missing)"}
	}
	bothSay = func(class, says string) outcome { return outcome{"account", class, says, class, says} }

	unknownSlug = outcome{"account", ClassNotFound, "knows no such", ClassSlugUnknown, `knows no collective "coop-cloud-test"`}
	refusedAt   = func(words string) outcome {
		return bothSay(ClassSchemaDrift, "it refuses the query"+words+"); nothing was changed")
	}
	invalidToken  = bothSay(ClassUnauthorised, "Open Collective does not know the personal token (at preflight)")
	tooManyAtOnce = bothSay(ClassSchemaDrift, "(preflight, limit: so many rows at once are no longer allowed)")
	privatePayer  = bothSay(ClassPartial, "(missing: account.orders.nodes[].fromAccount; Forbidden)")
	internalError = bothSay(ClassUpstreamDown, "(preflight: HTTP 200, an internal error of its own)")
)

var recorded = map[string]outcome{
	"accept-graphql-response":           unknownSlug,
	"accounts-by-slugs":                 goodOther("a"),
	"children-orders":                   goodAccount,
	"collective-root":                   goodOther("collective"),
	"empty-collective":                  goodAccount,
	"err-aliases":                       refusedAt(""),
	"err-api-key-invalid":               invalidToken,
	"err-batch-array":                   refusedAt(""),
	"err-bearer-invalid":                goodAccount,
	"err-bearer-personal-token":         goodAccount,
	"err-collective-is-an-organization": {"collective", ClassNotFound, "knows no such", ClassSlugUnknown, "knows no collective"},
	"err-depth":                         refusedAt(""),
	"err-empty-query":                   refusedAt(""),
	"err-enum":                          refusedAt(": there is no value SLEEPING in OrderStatus"),
	"err-json-broken":                   refusedAt(""),
	"err-multipart-form":                refusedAt(""),
	"err-mutation-anonymous":            {"cancelOrder", ClassUnauthorised, "answers this only to somebody who is signed in", ClassUnauthorised, "answers this only to somebody who is signed in"},
	"err-mutation-noscope":              {"cancelOrder", ClassForbidden, "the personal token lacks the scope `orders`", ClassForbidden, "the personal token lacks the scope `orders`"},
	"err-no-body":                       refusedAt(""),
	"err-no-content-type":               refusedAt(""),
	"err-search-too-short":              internalError,
	"err-slug-deleted-profile":          unknownSlug,
	"err-slug-empty":                    internalError,
	"err-slug-null":                     internalError,
	"err-slug-renamed-old":              unknownSlug,
	"err-slug-space":                    unknownSlug,
	"err-slug-unknown":                  unknownSlug,
	"err-syntax":                        refusedAt(""),
	"err-text-plain":                    refusedAt(""),
	"err-token-expired":                 bothSay(ClassUnauthorised, "Open Collective says that the personal token has expired"),
	"err-token-invalid":                 invalidToken,
	"err-token-suspended":               bothSay(ClassUnauthorised, "Open Collective has suspended the personal token"),
	"err-tokens":                        goodAccount,
	"err-unknown-arg":                   refusedAt(": there is no argument colour on Query.account"),
	"err-unknown-field":                 refusedAt(": there is no field dues on Account"),
	"err-v1-with-token":                 bothSay(ClassUnauthorised, "set GOODSTANDING_OC_URL to https://api.opencollective.com/graphql/v2"),
	"err-variable-missing":              refusedAt(""),
	"err-variable-type":                 refusedAt(""),
	"get-with-preflight":                goodOther("__typename"),
	"get-without-preflight":             refusedAt(""),
	"gzip-answer":                       goodAccount,
	"large-default-limit":               goodAccount,
	"large-limit-negative":              goodAccount,
	"large-limit0":                      goodAccount,
	"large-limit100-offset0":            goodAccount,
	"large-limit100-offset100":          goodAccount,
	"large-limit100-offset200":          goodAccount,
	"large-limit100-offset300":          goodAccount,
	"large-limit1000":                   goodAccount,
	"large-limit1001-error":             tooManyAtOnce,
	"loggedInAccount":                   goodOther("loggedInAccount"),
	"members-admin":                     goodAccount,
	"members-anonymous":                 goodAccount,
	"members-backers-admin":             goodAccount,
	"members-child-project":             goodAccount,
	"members-email-filter-admin":        goodAccount,
	"members-email-filter-anonymous":    refusedAt(""),
	"members-limit1001-error":           tooManyAtOnce,
	"order-by-legacyId":                 goodOther("order"),
	"orders-admin":                      goodAccount,
	"orders-admin-noscope":              goodAccount,
	"orders-anonymous":                  goodAccount,
	"orders-frequency":                  goodAccount,
	"orders-hostadmin":                  goodAccount,
	"orders-includeChildren":            goodAccount,
	"orders-internal-apikey":            invalidToken,
	"orders-minAmount-gbp":              goodAccount,
	"orders-no-filter":                  goodAccount,
	"orders-onlyActiveSubscriptions":    goodAccount,
	"orders-onlySubscriptions":          goodAccount,
	"orders-orderBy-asc":                goodAccount,
	"orders-orderBy-lastcharged":        goodAccount,
	"orders-root":                       goodOther("orders"),
	"orders-status-all":                 goodAccount,
	"orders-status-pending":             goodAccount,
	"orders-stranger":                   goodAccount,
	"partial-data-and-error":            {"good", ClassPartial, "(missing: me.orders; INTERNAL_SERVER_ERROR)", ClassSchemaDrift, "limit: so many rows"},
	"path-nowhere":                      bothSay(ClassNotFound, "there is no Open Collective API at the configured address (HTTP 404)"),
	"path-v3":                           goodOther("__typename"),
	"private-backer-admin":              privatePayer,
	"private-backer-anonymous":          privatePayer,
	"private-backer-hostadmin":          privatePayer,
	"private-backer-members-anonymous":  goodAccount,
	"rate-anonymous-10th":               goodOther("__typename"),
	"rate-anonymous-11th-429":           bothSay(ClassRateLimited, "asks for a pause of 60 s"),
	"rate-anonymous-other-path":         goodOther("__typename"),
	"rate-badtoken-while-ip-blocked":    invalidToken,
	"rate-token-100th":                  goodOther("__typename"),
	"rate-token-101st-429":              bothSay(ClassRateLimited, "asks for a pause of 59 s"),
	"rate-token-while-ip-blocked":       goodOther("__typename"),
	"slug-renamed-new":                  goodAccount,
	"slug-unknown-throwIfMissing-false": unknownSlug,
	"slug-uppercase":                    goodAccount,
	"status-get":                        bothSay(ClassUpstreamDown, "(preflight: HTTP 200, no data)"),
	"token-as-api-key-header":           goodAccount,
	"token-empty-header":                goodAccount,
	"token-in-path":                     goodAccount,
	"token-in-query-string":             goodAccount,
	"transactions-credit":               goodAccount,
}

// Every recorded answer of the genuine server, over real HTTP.
func TestRecordedAnswers(t *testing.T) {
	files, err := filepath.Glob("testdata/recorded/*.http")
	if err != nil || len(files) < 99 {
		t.Fatalf("%d recorded answers, %v", len(files), err)
	}
	missing := maps.Clone(recorded)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".http")
		delete(missing, name)
		want, stated := recorded[name]
		if !stated {
			t.Errorf("%s: no expectation is stated for it", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			url := serve(t, replay(loadRecorded(t, file)))
			err := newClient(t, url).askFor(t.Context(), want.root)
			checkOutcome(t, "guard", err, want.class, want.says)
			snap, err := pull(t, newClient(t, url))
			checkOutcome(t, "pull", err, want.pull, want.why)
			if snap != nil {
				t.Error("a pull made a snapshot of it")
			}
		})
	}
	for name := range missing {
		t.Errorf("%s: an expectation without a file", name)
	}
}

func checkOutcome(t *testing.T, who string, err error, class, says string) {
	t.Helper()
	clean(t, err)
	if got := ClassOf(err); got != class {
		t.Errorf("%s: class %s (%v), want %s", who, got, err, class)
	}
	if says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
		t.Errorf("%s says %v, want %q", who, err, says)
	}
}

// The 429s carry fractions of a second, which must not be cut off.
func TestRecordedPause(t *testing.T) {
	for name, want := range map[string]time.Duration{
		"rate-anonymous-11th-429": 59904 * time.Millisecond,
		"rate-token-101st-429":    58497 * time.Millisecond,
	} {
		url := serve(t, replay(loadRecorded(t, "testdata/recorded/"+name+".http")))
		_, err := pull(t, newClient(t, url))
		if limited := wantError[*RateLimited](t, err); limited.Wait != want || limited.Own {
			t.Errorf("%s: %+v, want a wait of %s", name, limited, want)
		}
	}
}
