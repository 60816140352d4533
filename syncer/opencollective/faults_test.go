package opencollective

import (
	"net/http"
	"strings"
	"testing"
)

const (
	jsonType = "application/json; charset=utf-8"
	htmlType = "text/html; charset=UTF-8"
	htmlPage = "<!DOCTYPE html><html><title>Just a moment...</title><p>" + mail + "</html>"
)

// fault is one wrong answer. ROOT in its body stands for the root that the
// query asked for.
type fault struct {
	name   string
	status int
	typ    string
	body   string
	class  string
}

var faults = []fault{
	{"429 without a number", 429, jsonType, `{"error":{"message":"Rate limit exceeded."}}`, ClassRateLimited},
	{"429 as a page", 429, htmlType, htmlPage, ClassRateLimited},
	{"429 without a body", 429, "", "", ClassRateLimited},
	{"401 that repeats the token", 401, jsonType, `{"error":{"code":401,"message":"Invalid Personal Token (Api Key): ` + canary + `"}}`, ClassUnauthorised},
	{"401 of another form", 401, jsonType, `{"message":"` + canary + `"}`, ClassUnauthorised},
	{"401 as a list", 401, jsonType, `["` + canary + `"]`, ClassUpstreamDown},
	{"401 as a page", 401, htmlType, htmlPage, ClassUpstreamDown},
	{"403 as a page", 403, htmlType, htmlPage, ClassUpstreamDown},
	{"403", 403, jsonType, `{"error":{"message":"no, ` + mail + `"}}`, ClassForbidden},
	{"403 that names a scope", 403, jsonType, `{"errors":[{"message":"not allowed for operations in scope \"transactions\"."}]}`, ClassForbidden},
	{"404 as a page", 404, htmlType, htmlPage, ClassNotFound},
	{"404", 404, jsonType, `{}`, ClassNotFound},
	{"400 with a validation error", 400, jsonType, `{"errors":[{"message":"Cannot query field \"x\" on type \"Y\".","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`, ClassSchemaDrift},
	{"400 with a bad variable", 400, jsonType, `{"errors":[{"message":"Variable \"$slug\" got ` + mail + `","extensions":{"code":"BAD_USER_INPUT"}}]}`, ClassSchemaDrift},
	{"400 that repeats the token as a field", 400, jsonType, `{"errors":[{"message":"Cannot query field \"` + canary + `\" on type \"Y\"."}]}`, ClassSchemaDrift},
	{"400 that repeats a part of the token", 400, jsonType, `{"errors":[{"message":"Cannot query field \"x` + canary[5:17] + `\" on type \"Y\"."}]}`, ClassSchemaDrift},
	{"400 as a page", 400, htmlType, htmlPage, ClassUpstreamDown},
	{"400 without a body", 400, jsonType, "", ClassUpstreamDown},
	{"408", 408, "text/plain", "timeout", ClassUpstreamDown},
	{"413", 413, jsonType, `{"error":{"message":"entity too large"}}`, ClassUpstreamDown},
	{"422", 422, jsonType, `{"errors":[{"message":"no"}]}`, ClassSchemaDrift},
	{"500", 500, jsonType, `{"error":{"message":"` + mail + `"}}`, ClassUpstreamDown},
	{"500 as a page", 500, htmlType, htmlPage, ClassUpstreamDown},
	{"500 with a validation error", 500, jsonType, `{"errors":[{"message":"Syntax Error","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}`, ClassSchemaDrift},
	{"500 with good data", 500, jsonType, `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"502 as a page", 502, htmlType, htmlPage, ClassUpstreamDown},
	{"503 as a page", 503, htmlType, "<html>Application Error</html>", ClassUpstreamDown},
	{"503 without a body", 503, "", "", ClassUpstreamDown},
	{"504", 504, "text/plain", "upstream request timeout", ClassUpstreamDown},
	{"520", 520, htmlType, htmlPage, ClassUpstreamDown},
	{"204", 204, "", "", ClassUpstreamDown},
	{"206 with good data", 206, jsonType, `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"301", 301, htmlType, htmlPage, ClassUpstreamDown},
	{"302", 302, htmlType, htmlPage, ClassUpstreamDown},
	{"307", 307, "", "", ClassUpstreamDown},
	{"308", 308, "", "", ClassUpstreamDown},
	{"a page with status 200", 200, htmlType, htmlPage, ClassUpstreamDown},
	{"a page that says it is JSON", 200, jsonType, htmlPage, ClassUpstreamDown},
	{"good data as plain text", 200, "text/plain", `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"good data of no type", 200, "", `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"an empty body", 200, jsonType, "", ClassUpstreamDown},
	{"a blank body", 200, jsonType, " \r\n", ClassUpstreamDown},
	{"a body cut off in a string", 200, jsonType, `{"data":{"ROOT":{"totalCount":1,"nodes":[{"id":"or_`, ClassUpstreamDown},
	{"a body cut off before its last brace", 200, jsonType, `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}`, ClassUpstreamDown},
	{"two documents", 200, jsonType, `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}}{"errors":[]}`, ClassUpstreamDown},
	{"a document and a page", 200, jsonType, `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}}` + htmlPage, ClassUpstreamDown},
	{"a byte order mark", 200, jsonType, "\uFEFF" + `{"data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"{}", 200, jsonType, `{}`, ClassUpstreamDown},
	{"null", 200, jsonType, `null`, ClassUpstreamDown},
	{"a list", 200, jsonType, `[{"data":{"ROOT":{}}}]`, ClassUpstreamDown},
	{"a string", 200, jsonType, `"` + mail + `"`, ClassUpstreamDown},
	{"a number", 200, jsonType, `7`, ClassUpstreamDown},
	{"data null", 200, jsonType, `{"data":null}`, ClassUpstreamDown},
	{"data null and no errors", 200, jsonType, `{"data":null,"errors":[]}`, ClassUpstreamDown},
	{"data empty", 200, jsonType, `{"data":{}}`, ClassSchemaDrift},
	{"data a list", 200, jsonType, `{"data":[]}`, ClassSchemaDrift},
	{"data a string", 200, jsonType, `{"data":"` + mail + `"}`, ClassSchemaDrift},
	{"data under another root", 200, jsonType, `{"data":{"contributions":{"totalCount":0,"nodes":[]}}}`, ClassSchemaDrift},
	{"the root in capitals", 200, jsonType, `{"data":{"Orders":{},"Account":{},"Transactions":{}}}`, ClassSchemaDrift},
	{"the root a list", 200, jsonType, `{"data":{"me":null,"ROOT":[]}}`, ClassSchemaDrift},
	{"the root a string", 200, jsonType, `{"data":{"me":null,"ROOT":"` + mail + `"}}`, ClassSchemaDrift},
	{"the root empty", 200, jsonType, `{"data":{"me":null,"ROOT":{}}}`, ClassSchemaDrift},
	{"data in capitals", 200, jsonType, `{"Data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"data once more in capitals", 200, jsonType, `{"data":{"ROOT":{"totalCount":0,"nodes":[]}},"DATA":{}}`, ClassUpstreamDown},
	{"data twice", 200, jsonType, `{"data":{"ROOT":{"totalCount":0,"nodes":[]}},"data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"a key twice", 200, jsonType, `{"data":{"me":null,"ROOT":{"totalCount":9,"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"NaN", 200, jsonType, `{"data":{"ROOT":{"totalCount":NaN,"nodes":[]}}}`, ClassUpstreamDown},
	{"a count that is a string", 200, jsonType, `{"data":{"me":null,"ROOT":{"totalCount":"0","nodes":[]}}}`, ClassSchemaDrift},
	{"a count below nothing", 200, jsonType, `{"data":{"me":null,"ROOT":{"totalCount":-1,"nodes":[]}}}`, ClassSchemaDrift},
	{"nested without end", 200, jsonType, `{"data":{"ROOT":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}`, ClassUpstreamDown},
	{"nested beyond the parser", 200, jsonType, `{"data":{"ROOT":` + strings.Repeat("[", 50000) + strings.Repeat("]", 50000) + `}}`, ClassUpstreamDown},
	{"errors that are no list", 200, jsonType, `{"errors":"` + mail + `","data":{"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassUpstreamDown},
	{"errors of another form", 200, jsonType, `{"errors":[7],"data":null}`, ClassUpstreamDown},
	{"no rights", 200, jsonType, `{"errors":[{"message":"` + mail + `","path":["ROOT"],"extensions":{"code":"Forbidden"}}],"data":null}`, ClassForbidden},
	{"nobody signed in", 200, jsonType, `{"errors":[{"message":"x","extensions":{"code":"Unauthorized"}}],"data":null}`, ClassUnauthorised},
	{"an invalid token inside GraphQL", 200, jsonType, `{"errors":[{"message":"` + canary + `","extensions":{"code":"InvalidToken"}}],"data":null}`, ClassUnauthorised},
	{"a limit inside GraphQL", 200, jsonType, `{"errors":[{"message":"x","extensions":{"code":"RateLimitExceeded"}}],"data":null}`, ClassRateLimited},
	{"a limit with status 200", 200, jsonType, `{"error":{"message":"Rate limit exceeded. Contact-us to get higher limits."}}`, ClassRateLimited},
	{"an error with status 200", 200, jsonType, `{"error":{"message":"` + mail + `"}}`, ClassUpstreamDown},
	{"an internal error", 200, jsonType, `{"errors":[{"message":"` + mail + `","extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":null}`, ClassUpstreamDown},
	{"an error of an unknown code", 200, jsonType, `{"errors":[{"message":"x","extensions":{"code":"` + mail + `"}}],"data":null}`, ClassUpstreamDown},
	{"an error that says nothing", 200, jsonType, `{"errors":[{}],"data":null}`, ClassUpstreamDown},
	{"fewer rows allowed at once", 200, jsonType, `{"errors":[{"message":"Cannot fetch more than 500 orders at the same time"}],"data":null}`, ClassSchemaDrift},
	{"errors beside data", 200, jsonType, `{"errors":[{"message":"` + mail + `","path":["ROOT","totalCount"],"extensions":{"code":"Forbidden"}}],"data":{"me":null,"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassPartial},
	{"errors of no place beside data", 200, jsonType, `{"errors":[{"message":"` + mail + `"}],"data":{"me":null,"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassPartial},
	{"an error about a whole node", 200, jsonType, `{"errors":[{"path":["ROOT","nodes",0],"extensions":{"code":"Forbidden"}}],"data":{"me":null,"ROOT":{"totalCount":1,"nodes":[null]}}}`, ClassPartial},
	{"an error whose path holds an address", 200, jsonType, `{"errors":[{"path":["` + mail + `"]}],"data":{"me":null,"ROOT":{"totalCount":0,"nodes":[]}}}`, ClassPartial},
}

var rootOf = map[string]string{
	"DuesPreflight": "account", "DuesOrders": "orders", "DuesPausedByUser": "orders",
	"DuesTransactions": "transactions", "DuesRefunds": "transactions",
}

func (f fault) handler(root string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil // no guessing from the body
		if f.typ != "" {
			w.Header().Set("Content-Type", f.typ)
		}
		if f.status/100 == 3 {
			w.Header().Set("Location", "http://127.0.0.1:1/graphql/v2")
		}
		w.WriteHeader(f.status)
		_, _ = w.Write([]byte(strings.ReplaceAll(f.body, "ROOT", root)))
	}
}

// tiny is the smallest collective whose pull asks every query, with a handler
// instead for one of them.
func tiny(t testing.TB, query string, h http.HandlerFunc) string {
	t.Helper()
	good := tinyAnswers()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		name := readAsked(r).name
		if name == query {
			h(w, r)
			return
		}
		answer(200, good[name])(w, r)
	})
}

// tinyAnswers are the answers of the smallest collective, by the query's name.
func tinyAnswers() map[string]string {
	order := strings.Replace(orderText1(1, year), "ACTIVE", "PAUSED", 1)
	return map[string]string{
		"DuesPreflight":    goodPreflight,
		"DuesOrders":       `{"data":{"orders":{"totalCount":1,"nodes":[` + order + `]}}}`,
		"DuesPausedByUser": `{"data":{"orders":{"totalCount":0,"nodes":[]},"others":{"totalCount":0,"nodes":[]}}}`,
		"DuesTransactions": `{"data":{"transactions":{"totalCount":0,"nodes":[]}}}`,
		"DuesRefunds":      `{"data":{"transactions":{"totalCount":0,"nodes":[]}}}`,
	}
}

// Each wrong answer to each of a pull's queries, while all others are answered
// well: the pull ends in the class that is stated and brings nothing.
func TestFaults(t *testing.T) {
	if len(faults) < 60 {
		t.Fatalf("only %d faults", len(faults))
	}
	if snap, err := pull(t, newClient(t, tiny(t, "", nil))); err != nil || len(snap.Orders) != 1 || snap.Requests != 5 {
		t.Fatalf("without a fault: %+v, %v", snap, err)
	}
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			for query, root := range rootOf {
				snap, err := pull(t, newClient(t, tiny(t, query, f.handler(root))))
				clean(t, err)
				if got := ClassOf(err); got != f.class {
					t.Errorf("at %s: class %s (%v), want %s", query, got, err, f.class)
				}
				if snap != nil {
					t.Errorf("at %s: a snapshot was made all the same", query)
				}
			}
		})
	}
}

// The words of faults that a person can do something about.
func TestFaultsSayWhatToDo(t *testing.T) {
	for name, want := range map[string]string{
		"no rights":                             "Open Collective refuses the transactions to this reader; use a token of an administrator of the collective with the scope `transactions`, or no token at all",
		"403 that names a scope":                "Open Collective refuses the transactions: the personal token lacks the scope `transactions`; give the token that scope on Open Collective, or use no token at all",
		"400 with a validation error":           "Open Collective's API is not the one this version knows (transactions: it refuses the query: there is no field x on Y); nothing was changed, look for a newer version of goodstanding",
		"400 that repeats the token as a field": "Open Collective's API is not the one this version knows (transactions: it refuses the query); nothing was changed, look for a newer version of goodstanding",
		"503 as a page":                         "Open Collective gives no usable answer (transactions: HTTP 503, a page instead of data); nothing was changed, it is asked again later",
		"302":                                   "Open Collective gives no usable answer (transactions: HTTP 302, a redirect to another address, which is not followed); nothing was changed, it is asked again later",
		"two documents":                         "Open Collective gives no usable answer (transactions: HTTP 200, more than one document in the answer); nothing was changed, it is asked again later",
		"a key twice":                           "Open Collective gives no usable answer (transactions: HTTP 200, the answer names a key twice); nothing was changed, it is asked again later",
		"data under another root":               "Open Collective's API is not the one this version knows (transactions, transactions: is missing); nothing was changed, look for a newer version of goodstanding",
		"a count that is a string":              "Open Collective's API is not the one this version knows (transactions, transactions.totalCount: want a whole number); nothing was changed, look for a newer version of goodstanding",
		"errors beside data":                    "Open Collective tells the transactions only in part (missing: transactions.totalCount; Forbidden); nothing was changed, it is asked again later",
		"an error whose path holds an address":  "Open Collective tells the transactions only in part (missing: somewhere; no code); nothing was changed, it is asked again later",
		"429 without a number":                  "Open Collective asks for a pause of 60 s (rate limit, at transactions); nothing was changed, try again then",
		"404":                                   "there is no Open Collective API at the configured address (HTTP 404); check GOODSTANDING_OC_URL, normally https://api.opencollective.com/graphql/v2",
	} {
		var f fault
		for _, one := range faults {
			if one.name == name {
				f = one
			}
		}
		_, err := pull(t, newClient(t, except(t, "DuesTransactions", f.handler("transactions"))))
		if got := "read " + slug + ": " + want; err == nil || err.Error() != got {
			t.Errorf("%s:\n got %v\nwant %s", name, err, got)
		}
	}
}
