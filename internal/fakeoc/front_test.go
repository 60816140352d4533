package fakeoc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// a world of three payers, one of them private, and a project with an own one.
func neighbours(t testing.TB) (*World, *Server) {
	t.Helper()
	w := NewWorld(instant.Date(2026, 6, 5), 7)
	for _, line := range []string{
		"collective commons GBP admin=commons-admin", "project commons-camp", "account ada individual email=ada@example.test", "account quiet organisation",
		"join ada GBP 10.00 monthly card", "join quiet GBP 20.00 monthly card", "join bank GBP 30.00 monthly manual",
		"join camper GBP 5.00 once card to=commons-camp", "private quiet", "token good " + "commons-admin", "token narrow commons-admin account", "token payer ada",
	} {
		if err := w.Do(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return w, NewServer(w, ServerOptions{NoLimit: true})
}

// Each question and its answer, as administrator, as the public, or with a token
// that lacks something.
func TestQuestions(t *testing.T) {
	_, s := neighbours(t)
	for _, c := range []struct{ name, token, query, answer string }{
		{"both forms of an id", "good", `{ a: account(slug:"ADA"){ slug emails isAdmin } me { slug } }`,
			`{"data":{"a":{"slug":"ada","emails":["ada@example.test"],"isAdmin":false},"me":{"slug":"commons-admin"}}}`},
		{"the public sees no address and is nobody", "", `{ account(slug:"ada"){ slug emails ... on Individual { email isGuest } } me { slug } }`,
			`{"data":{"account":{"slug":"ada","emails":null,"email":null,"isGuest":false},"me":null}}`},
		{"without a status what is pending is hidden", "", `{ account(slug:"commons"){ orders(filter:INCOMING){ totalCount } } }`,
			`{"data":{"account":{"orders":{"totalCount":2}}}}`},
		{"with a status it is not", "", `{ account(slug:"commons"){ orders(filter:INCOMING, status:PENDING){ totalCount nodes { status frequency nextChargeDate fromAccount { slug } } } } }`,
			`{"data":{"account":{"orders":{"totalCount":1,"nodes":[{"status":"PENDING","frequency":"ONETIME","nextChargeDate":null,"fromAccount":{"slug":"bank"}}]}}}}`},
		{"outgoing", "", `{ account(slug:"ada"){ in: orders(filter:INCOMING){ totalCount } out: orders(filter:OUTGOING){ totalCount } orders { totalCount } } }`,
			`{"data":{"account":{"in":{"totalCount":0},"out":{"totalCount":1},"orders":{"totalCount":1}}}}`},
		{"children", "", `query($c: Boolean!){ orders(account:{slug:"commons"}, includeChildrenAccounts:$c, minAmount: 0, maxAmount: 1000){ totalCount } }`,
			`{"data":{"orders":{"totalCount":2}}}`},
		{"a limit of 0 is repeated", "", `{ orders(account:{slug:"commons"}, limit:0, offset:-1, orderBy:{field:CREATED_AT,direction:ASC}){ limit offset nodes { totalAmount { value } } } }`,
			`{"errors":[],"data":{"orders":{"limit":0,"offset":-1,"nodes":[{"totalAmount":{"value":10}},{"totalAmount":{"value":20}}]}}}`},
		{"a private payer is null beside an error", "good", `{ orders(account:{slug:"commons"}){ nodes { amount { valueInCents } fromAccount { slug } } } }`,
			`{"errors":[{"message":"This account is private. You must be a member to view it.","locations":[{"line":1,"column":69}],"path":["orders","nodes",0,"fromAccount"],"extensions":{"id":"…","code":"Forbidden"}}],` +
				`"data":{"orders":{"nodes":[{"amount":{"valueInCents":2000},"fromAccount":null},{"amount":{"valueInCents":1000},"fromAccount":{"slug":"ada"}}]}}}`},
		{"a token without the scope", "narrow", `{ transactions(account:[{slug:"commons"}]){ totalCount } }`,
			`{"errors":[{"message":"The Personal Token is not allowed for operations in scope \"transactions\".","locations":[{"line":1,"column":3}],"path":["transactions"],"extensions":{"id":"…","code":"Forbidden"}}],"data":null}`},
		{"the public needs none", "", `{ transactions(account:[{slug:"commons"}], type:CREDIT){ totalCount nodes { __typename amount { valueInCents } isRefund } } }`,
			`{"data":{"transactions":{"totalCount":2,"nodes":[{"__typename":"Credit","amount":{"valueInCents":2000},"isRefund":false},{"__typename":"Credit","amount":{"valueInCents":1000},"isRefund":false}]}}}`},
		{"an order that is not there", "", `{ order(order:{id:"nothing"}){ id } }`,
			`{"errors":[{"message":"Order Not Found","locations":[{"line":1,"column":3}],"path":["order"],"extensions":{"id":"…","code":"NotFound"}}],"data":{"order":null}}`},
		{"an account that is not there", "", `{ orders(account:{slug:"nobody"}){ totalCount } }`,
			`{"errors":[{"message":"Account Not Found","locations":[{"line":1,"column":3}],"path":["orders"],"extensions":{"id":"…","code":"NotFound"}}],"data":null}`},
		{"members by role", "good", `{ account(slug:"commons"){ members(role:[BACKER]){ totalCount nodes { role isActive inherited totalDonations { valueInCents } account { slug } } } } }`,
			`{"data":{"account":{"members":{"totalCount":1,"nodes":[{"role":"BACKER","isActive":true,"inherited":false,"totalDonations":{"valueInCents":1000},"account":{"slug":"ada"}}]}}}}`},
		{"members that a project inherits", "", `{ account(slug:"commons-camp"){ members(role:ADMIN){ nodes { inherited account { slug } } } ... on AccountWithParent { parent { slug } } } }`,
			`{"data":{"account":{"members":{"nodes":[{"inherited":true,"account":{"slug":"commons-admin"}}]},"parent":{"slug":"commons"}}}}`},
		{"activities for the administrator", "good", `{ activities(account:[{slug:"commons"}], type:[SUBSCRIPTION_ACTIVATED]){ totalCount nodes { type data } } }`,
			`{"data":{"activities":{"totalCount":2,"nodes":[{"type":"SUBSCRIPTION_ACTIVATED","data":{}},{"type":"SUBSCRIPTION_ACTIVATED","data":{}}]}}}`},
		{"activities for a payer", "payer", `{ activities(account:[{slug:"commons"}]){ totalCount nodes { type } } }`,
			`{"data":{"activities":{"totalCount":0,"nodes":null}}}`},
		{"null goes up to the next field that may be null", "", `{ account(slug:"ada"){ slug orders(limit:1001){ totalCount } } me { slug } }`,
			`{"errors":[{"message":"Cannot fetch more than 1,000 orders at the same time, please adjust the limit","locations":[{"line":1,"column":29}],"path":["account","orders"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":{"account":null,"me":null}}`},
		{"an instant that is none", "", `{ orders(dateFrom:5){ totalCount } }`,
			`{"errors":[{"message":"DateTime cannot represent a non string, or non Date type 5.","locations":[{"line":1,"column":3}],"path":["orders"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":null}`},
		{"fragments, skip and include", "", `query($c: Boolean!){ account(slug:"ada"){ ...A id @include(if:$c) name @skip(if:true) } } fragment A on Account { slug type @include(if:true) slug }`,
			`{"data":{"account":{"slug":"ada","type":"INDIVIDUAL"}}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			vars := map[string]any{}
			if strings.Contains(c.query, "$c") {
				vars["c"] = strings.Contains(c.query, "Children")
			}
			got := anID.ReplaceAllString(strings.TrimSpace(ask(s, c.token, c.query, vars).Body.String()), `"id":"…"`)
			if want := strings.Replace(c.answer, `"errors":[],`, "", 1); got != want {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
}

// An id is taken in either form, and what it names is the same.
func TestBothFormsOfAnID(t *testing.T) {
	w, s := filmed(t, 0)
	o := w.orders[0]
	for _, id := range []string{o.ID, o.PublicID} {
		got := ask(s, adminToken, `query($id:String){ order(order:{id:$id}){ legacyId } }`, map[string]any{"id": id}).Body.String()
		if want := fmt.Sprintf(`{"data":{"order":{"legacyId":%d}}}`, o.LegacyID); strings.TrimSpace(got) != want {
			t.Errorf("order %s: %s", id, got)
		}
	}
	for _, id := range []string{o.From.ID, o.From.PublicID} {
		got := ask(s, adminToken, `query($id:String){ account(id:$id){ slug } }`, map[string]any{"id": id}).Body.String()
		if want := fmt.Sprintf(`{"data":{"account":{"slug":%q}}}`, o.From.Slug); strings.TrimSpace(got) != want {
			t.Errorf("account %s: %s", id, got)
		}
	}
}

// crowd is a collective with n orders made at one instant.
func crowd(n int) *World {
	w := NewWorld(0, 3)
	c := &Account{ID: "crowd", Slug: "crowd", Type: "COLLECTIVE", Currency: "GBP"}
	w.open(c)
	for i := range n {
		a := &Account{ID: fmt.Sprint("payer", i), Slug: fmt.Sprint("payer-", i), Type: "ORGANIZATION", Name: "Payer"}
		o := &Order{LegacyID: int64(i), ID: fmt.Sprint("or_", i), Status: "ACTIVE", Total: 1000, Currency: "GBP", From: a, To: c, Created: w.now, Updated: w.now, Quantity: 1,
			Subscription: &Subscription{Interval: "month", Active: true, NextCharge: w.now, LastCharged: w.now}}
		w.open(a)
		w.enlist(o)
		for range 5 {
			w.transactions = append(w.transactions, &Transaction{LegacyID: int64(len(w.transactions)), ID: w.uuid(), Group: w.uuid(), Type: "CREDIT", Kind: "CONTRIBUTION",
				Amount: 1000, Currency: "GBP", Created: w.now, Cleared: w.now, Account: c, Opposite: a, Order: o})
		}
	}
	return w
}

var anOrder = regexp.MustCompile(`"or_\d+"`)

// Paging by offset loses rows that were made at one instant, the same ones each
// time; one page that holds all has all.
func TestOffsetsLoseRows(t *testing.T) {
	s := NewServer(crowd(230), ServerOptions{NoLimit: true})
	pages := func(limit int) (seen map[string]bool, text string) {
		seen = map[string]bool{}
		for offset := 0; offset < 230; offset += limit {
			got := ask(s, "", `query($l:Int!,$o:Int!){ orders(account:{slug:"crowd"}, limit:$l, offset:$o){ totalCount nodes { id } } }`,
				map[string]any{"l": limit, "o": offset}).Body.String()
			text += got
			for _, id := range anOrder.FindAllString(got, -1) {
				seen[id] = true
			}
		}
		return seen, text
	}
	if seen, _ := pages(1000); len(seen) != 230 {
		t.Errorf("one page has %d of 230", len(seen))
	}
	some, first := pages(100)
	if len(some) == 230 {
		t.Error("three pages lost nothing")
	}
	if _, again := pages(100); again != first {
		t.Error("the same pages differ")
	}
}

// BenchmarkBigAnswers keeps an eye on the long run, which asks very often.
func BenchmarkBigAnswers(b *testing.B) {
	s := NewServer(crowd(1000), ServerOptions{NoLimit: true})
	for name, query := range map[string]string{
		"orders": `{ orders(account:{slug:"crowd"}, limit:1000, orderBy:{field:CREATED_AT,direction:ASC}){ totalCount nodes { id publicId legacyId status frequency description quantity createdAt updatedAt
			processedAt lastChargedAt nextChargeDate amount { valueInCents currency } totalAmount { valueInCents currency } taxAmount { valueInCents } platformTipAmount { valueInCents }
			totalContributed { valueInCents currency } tier { id } paymentMethod { service } toAccount { id slug } fromAccount { __typename id publicId legacyId slug name type isArchived emails } } } }`,
		"transactions": `{ transactions(account:[{slug:"crowd"}], limit:5000){ totalCount nodes { id group type kind createdAt clearedAt isRefund isRefunded refundKind amount { valueInCents currency }
			refundTransaction { id } oppositeAccount { id slug } order { id legacyId } } } }`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := ask(s, "", query, nil); got.Code != http.StatusOK || got.Body.Len() < 100000 {
					b.Fatal(got.Code, got.Body.Len())
				}
			}
		})
	}
}

// The windows are fixed, one for each path and caller; who is turned away with
// 401 spends nothing.
func TestRateLimit(t *testing.T) {
	w, _ := neighbours(t)
	now := time.Date(2026, 6, 5, 12, 0, 0, 500e6, time.UTC)
	s := NewServer(w, ServerOptions{Clock: func() time.Time { return now }})
	post := func(path, token string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(`{"query":"{ __typename }"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Personal-Token", token)
		got := httptest.NewRecorder()
		s.ServeHTTP(got, r)
		return got
	}
	spend := func(path, token string, n int, refusal string) {
		t.Helper()
		for i := range n {
			got := post(path, token)
			if left := fmt.Sprint(n - i - 1); got.Code != http.StatusOK || got.Header().Get("X-RateLimit-Remaining") != left || got.Header().Get("X-RateLimit-Reset") != "1780660861" {
				t.Fatalf("request %d of %d: %d, %v", i+1, n, got.Code, got.Header())
			}
		}
		now = now.Add(1750 * time.Millisecond)
		got := post(path, token)
		now = now.Add(-1750 * time.Millisecond)
		if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "58.25" || got.Body.String() != `{"error":{"message":"Rate limit exceeded. `+refusal+`"}}` {
			t.Errorf("after %d: %d, Retry-After %s, %s", n, got.Code, got.Header().Get("Retry-After"), got.Body)
		}
	}
	for range 20 {
		if got := post(endpoint, "wrong"); got.Code != http.StatusUnauthorized {
			t.Fatalf("a wrong token: %d", got.Code)
		}
	}
	spend(endpoint, "", 10, "Create a Personal Token to get higher limits.")
	spend("/graphql", "", 10, "Create a Personal Token to get higher limits.")
	spend(endpoint, "good", 100, "Contact-us to get higher limits.")
	spend(endpoint, "narrow", 100, "Contact-us to get higher limits.")
	now = now.Add(time.Minute)
	if got := post(endpoint, ""); got.Code != http.StatusOK {
		t.Errorf("in the next window: %d", got.Code)
	}
}

// An operation of several is chosen by its name, and JSON is strict.
func TestOperationName(t *testing.T) {
	_, s := neighbours(t)
	for name, want := range map[string]string{
		"B": `{"data":{"__typename":"Query"}}`,
		"":  `{"errors":[{"message":"Must provide operation name if query contains multiple operations.","extensions":{"code":"OPERATION_RESOLUTION_FAILURE"}}]}`,
		"C": `{"errors":[{"message":"Unknown operation named \"C\".","extensions":{"code":"OPERATION_RESOLUTION_FAILURE"}}]}`,
	} {
		body, _ := json.Marshal(map[string]any{"query": "query A { me { id } } query B { __typename }", "operationName": name})
		r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		got := httptest.NewRecorder()
		s.ServeHTTP(got, r)
		if strings.TrimSpace(got.Body.String()) != want {
			t.Errorf("%q: %s", name, got.Body)
		}
	}
}

// An OAuth token that has expired is told so; any other is silently the public.
func TestExpiredBearer(t *testing.T) {
	_, s := neighbours(t)
	for bearer, want := range map[string]string{
		"expired": `{"error":{"code":401,"type":"jwt_expired","message":"jwt expired"}}`, "good": `{"data":{"me":null}}`,
	} {
		r := httptest.NewRequest(http.MethodPost, endpoint, strings.NewReader(`{"query":"{ me { id } }"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+bearer)
		got := httptest.NewRecorder()
		s.ServeHTTP(got, r)
		if strings.TrimSpace(got.Body.String()) != want {
			t.Errorf("%s: %s", bearer, got.Body)
		}
	}
}

// What cannot be read is told in upstream's words, at its place.
func TestSyntaxErrors(t *testing.T) {
	for text, want := range map[string]string{
		"{":                         "Syntax Error: Expected Name, found <EOF>.\n\nGraphQL request:1:2\n1 | {\n  |  ^",
		"{ me {\n id } }\n }":       "Syntax Error: Unexpected \"}\".\n\nGraphQL request:3:2\n2 |  id } }\n3 |  }\n  |  ^",
		`{ account(slug:"a { id } `: "Syntax Error: Unterminated string.\n\nGraphQL request:1:26\n1 | { account(slug:\"a { id } \n  |                          ^",
	} {
		c := check(text)
		if c.status != 500 || len(c.faults) != 1 || c.faults[0].message != want {
			t.Errorf("%q: %d %q", text, c.status, c.faults)
		}
	}
}

// Many ask while the world moves on, and every answer shows one moment.
func TestAnswersShowOneMoment(t *testing.T) {
	w, s := filmed(t, 0)
	done := make(chan bool)
	go func() {
		defer close(done)
		for range 40 {
			w.Advance(24 * time.Hour)
		}
	}()
	for asking := true; asking; {
		select {
		case <-done:
			asking = false
		default:
		}
		var a struct {
			Data struct {
				A, B struct {
					Nodes []struct{ TotalContributed struct{ ValueInCents *int } }
				}
			}
		}
		list := `orders(account:{slug:"coop-cloud-test"}){ nodes { totalContributed { valueInCents } } }`
		body := ask(s, "", `{ a: `+list+` b: `+list+` }`, nil).Body.Bytes()
		if err := json.Unmarshal(body, &a); err != nil || len(a.Data.A.Nodes) < 40 {
			t.Fatalf("%v, %d orders", err, len(a.Data.A.Nodes))
		}
		if !reflect.DeepEqual(a.Data.A, a.Data.B) {
			t.Fatal("one answer shows two moments")
		}
	}
}
