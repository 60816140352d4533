package opencollective

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

const collectiveID = "r7my0k3p-dr9wabaa-ryb8q6lo-ev4nxzg0"

var gbp = money.Currency{'G', 'B', 'P'}

func TestPullReadsEverything(t *testing.T) {
	url := twist(t, "none", nil)
	snap, err := pull(t, newClient(t, url), func(r *PullRequest) { r.TransactionsFrom = 0 })
	if err != nil {
		t.Fatal(err)
	}
	want := Collective{
		ID: collectiveID, PublicID: "acc_32ZBjR5Te32tX75GofYIK", LegacyID: 10894,
		Slug: slug, Name: "Co-op Cloud (test)", Type: "COLLECTIVE", Currency: gbp,
		HostID: "acc_YcFCA2NflDz3HzIU9JHbd", HostSlug: "ccf-fiscal-host", Approved: true, Active: true,
	}
	if snap.Collective != want {
		t.Errorf("collective %+v, want %+v", snap.Collective, want)
	}
	if snap.Start != noon || snap.Requests != 5 || len(snap.Orders) != 44 || len(snap.Charges) != 216 || len(snap.Refunds) != 3 {
		t.Errorf("start %s, %d requests, %d orders, %d charges, %d refunds",
			snap.Start, snap.Requests, len(snap.Orders), len(snap.Charges), len(snap.Refunds))
	}
	if len(snap.PausedByPayer) != 0 {
		t.Errorf("nobody in the film paused himself, but %v", snap.PausedByPayer)
	}
	gone := 0
	for _, c := range snap.Charges {
		if c.Order == "or_qAUAjAm5cGnaSQ7g22PXz" && c.Account == "" {
			gone++
		}
	}
	if gone != 7 {
		t.Errorf("%d charges of the order whose payer is gone, want 7", gone)
	}
}

// One order in all its fields, against the recorded text.
func TestAnOrderInFull(t *testing.T) {
	snap, err := pull(t, newClient(t, twist(t, "none", nil)))
	if err != nil {
		t.Fatal(err)
	}
	parse := func(s string) instant.Instant {
		i, err := instant.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	pounds := func(minor int64) money.Money { return money.Money{Minor: minor, Currency: gbp} }
	got := snap.Orders[1]
	emails := got.Payer.Emails
	got.Payer.Emails = nil
	want := Order{
		ID: "wk7pe08n-4y6g9j9x-dojmlda3-roxvqzw4", PublicID: "or_vVhwKtQc4gR6UR3i1TljM", LegacyID: 6339,
		Status: "ACTIVE", Frequency: "YEARLY", Quantity: 1,
		Created: parse("2025-07-05T09:05:00Z"), Updated: parse("2026-07-01T09:05:00Z"), Processed: parse("2025-07-05T09:05:00Z"),
		LastCharged: parse("2026-07-01T09:05:00Z"), NextCharge: parse("2027-07-01T00:00:00Z"),
		Amount: pounds(12000), Total: pounds(12000), Tip: Amount{pounds(0), true},
		Tier:    "tier_vzTMjXGQ8DZZdjDUEvjIf",
		Service: "STRIPE", Method: "CREDITCARD", ToAccount: collectiveID, ToSlug: "coop-cloud-test",
		Payer: Account{
			ID: "zky3xnvw-qrdzgjla-w659l0ma-8e76p4oy", PublicID: "acc_tdzZd7lxkSWfHlwb51Ica", LegacyID: 10900,
			Slug: "ccf-charlie", Name: "Charlie Collective CIC", Type: "ORGANIZATION",
		},
	}
	if printedAs(got) != printedAs(want) {
		t.Errorf("got  %s\nwant %s", printedAs(got), printedAs(want))
	}
	if len(emails) != 1 || emails[0] != "ccf-orgs-admin@example.test" {
		t.Errorf("addresses %v", emails)
	}
}

func printedAs(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// What a payer's error may touch: that payer, and nothing else.
func TestAPayerUpstreamDoesNotShow(t *testing.T) {
	private := func(path ...any) map[string]any {
		return map[string]any{
			"message":    "This account is private. You must be a member to view it. " + mail,
			"path":       path,
			"extensions": map[string]any{"code": "Forbidden"},
		}
	}
	hide := func(errs ...any) func(asked, map[string]any) {
		return func(_ asked, body map[string]any) {
			obj(body, "data", "orders", "nodes", 3)["fromAccount"] = nil
			body["errors"] = errs
		}
	}
	payer := private("orders", "nodes", 3, "fromAccount")
	for _, tt := range []struct {
		name string
		errs []any
		ok   bool
	}{
		{"the payer", []any{payer}, true},
		{"something of the payer", []any{private("orders", "nodes", 3, "fromAccount", "emails")}, true},
		{"two payers", []any{payer, private("orders", "nodes", 4, "fromAccount")}, true},
		{"the payer and the amount", []any{payer, private("orders", "nodes", 3, "amount")}, false},
		{"the receiver", []any{private("orders", "nodes", 3, "toAccount")}, false},
		{"a node", []any{private("orders", "nodes", 3)}, false},
		{"all nodes", []any{private("orders", "nodes")}, false},
		{"no place", []any{private()}, false},
		{"an index that is a word", []any{private("orders", "nodes", "3", "fromAccount")}, false},
		{"another root", []any{private("account", "nodes", 3, "fromAccount")}, false},
	} {
		snap, err := pull(t, newClient(t, twist(t, "DuesOrders", hide(tt.errs...))))
		if !tt.ok {
			wantError[*Partial](t, err)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		unknown := 0
		for _, o := range snap.Orders {
			if o.Payer.ID == "" {
				unknown++
			}
		}
		if len(snap.Orders) != 44 || unknown != 1 {
			t.Errorf("%s: %d orders, %d with an unknown payer; want 44 and 1", tt.name, len(snap.Orders), unknown)
		}
	}
	// The same payer is not shown beside a charge either; the charge stays.
	url := twist(t, "DuesTransactions", func(_ asked, body map[string]any) {
		obj(body, "data", "transactions", "nodes", 5)["oppositeAccount"] = nil
		body["errors"] = []any{private("transactions", "nodes", 5, "oppositeAccount")}
	})
	snap, err := pull(t, newClient(t, url))
	if err != nil || len(snap.Charges) != 24 {
		t.Fatalf("a charge whose payer is not shown: %d charges, %v", len(snap.Charges), err)
	}
	hidden := 0
	for _, c := range snap.Charges {
		if c.Account == "" {
			hidden++
		}
	}
	if hidden != 2 { // that one, and the charge whose payer's account is gone
		t.Errorf("%d charges have no payer, want 2", hidden)
	}
	url = twist(t, "DuesTransactions", func(_ asked, body map[string]any) {
		body["errors"] = []any{private("transactions", "nodes", 5, "amount")}
	})
	_, err = pull(t, newClient(t, url))
	wantError[*Partial](t, err)
	// The same error anywhere but beside an order or a charge is not accepted.
	url = twist(t, "DuesPausedByUser", func(_ asked, body map[string]any) { body["errors"] = []any{payer} })
	_, err = pull(t, newClient(t, url))
	wantError[*Partial](t, err)
}

func TestTheTokenAndTheCollective(t *testing.T) {
	account := func(change func(map[string]any)) string {
		return twist(t, "DuesPreflight", func(_ asked, body map[string]any) { change(obj(body, "data")) })
	}
	t.Run("a token that upstream ignores", func(t *testing.T) {
		url := account(func(d map[string]any) { d["me"] = nil })
		_, err := pull(t, newClient(t, url))
		wantError[*TokenIgnored](t, err)
		if !strings.Contains(err.Error(), "Open Collective treats the token as nobody") {
			t.Error(err)
		}
		if snap, err := pull(t, newClient(t, url, withoutToken)); err != nil || !snap.Anonymous {
			t.Errorf("without a token: %v", err)
		}
	})
	t.Run("a token of somebody who is no administrator", func(t *testing.T) {
		url := account(func(d map[string]any) { obj(d, "account")["isAdmin"] = false })
		if snap, err := pull(t, newClient(t, url)); err != nil || !snap.NotAdmin || snap.Anonymous {
			t.Errorf("%+v, %v", snap, err)
		}
	})
	t.Run("an archived collective", func(t *testing.T) {
		_, err := pull(t, newClient(t, account(func(d map[string]any) { obj(d, "account")["isArchived"] = true })))
		wantError[*Archived](t, err)
	})
	t.Run("frozen and without a host", func(t *testing.T) {
		url := account(func(d map[string]any) {
			a := obj(d, "account")
			a["isFrozen"], a["host"], a["isActive"], a["isApproved"] = true, nil, false, false
		})
		snap, err := pull(t, newClient(t, url))
		if err != nil || !snap.Collective.Frozen || snap.Collective.HostID != "" || snap.Collective.Active || snap.Collective.Approved {
			t.Errorf("%+v, %v", snap, err)
		}
	})
	t.Run("an account that has no host", func(t *testing.T) {
		url := account(func(d map[string]any) {
			delete(obj(d, "account"), "host")
			delete(obj(d, "account"), "isApproved")
		})
		if _, err := pull(t, newClient(t, url)); err != nil {
			t.Error(err)
		}
	})
	t.Run("another account under the slug", func(t *testing.T) {
		url := account(func(d map[string]any) { obj(d, "account")["id"] = "acc_taken" })
		_, err := pull(t, newClient(t, url), func(r *PullRequest) { r.PinnedID = collectiveID })
		e := wantError[*OtherAccount](t, err)
		if e.Found != "acc_taken" || e.Pinned != collectiveID || e.Now != slug {
			t.Errorf("%+v", e)
		}
	})
	t.Run("the pinned account by either id", func(t *testing.T) {
		for _, id := range []string{collectiveID, "acc_32ZBjR5Te32tX75GofYIK"} {
			if _, err := pull(t, newClient(t, twist(t, "none", nil)), func(r *PullRequest) { r.PinnedID = member.AccountID(id) }); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("another currency", func(t *testing.T) {
		url := account(func(d map[string]any) { obj(d, "account")["currency"] = "EUR" })
		_, err := pull(t, newClient(t, url), func(r *PullRequest) { r.PinnedCurrency = gbp })
		if e := wantError[*OtherCurrency](t, err); e.Found.String() != "EUR" {
			t.Errorf("%+v", e)
		}
		if _, err := pull(t, newClient(t, url)); err != nil {
			t.Errorf("on the first pull: %v", err)
		}
	})
	t.Run("no slug", func(t *testing.T) {
		_, err := pull(t, newClient(t, "http://127.0.0.1:1/"), func(r *PullRequest) { r.Slug = "" })
		wantError[*SlugUnknown](t, err)
	})
	t.Run("gone while it was read", func(t *testing.T) {
		url := except(t, "DuesTransactions", answer(200, `{"errors":[{"message":"Account Not Found","path":["transactions"],"extensions":{"code":"NotFound"}}],"data":null}`))
		_, err := pull(t, newClient(t, url))
		wantError[*SlugUnknown](t, err)
	})
}

func TestPreflightAlone(t *testing.T) {
	c := newClient(t, twist(t, "none", nil))
	p, err := c.Preflight(t.Context(), PullRequest{Slug: slug})
	if err != nil || p.Collective.Slug != slug || p.Anonymous || p.NotAdmin {
		t.Errorf("%+v, %v", p, err)
	}
	_, err = c.Preflight(t.Context(), PullRequest{Slug: "nobody-of-this-name"})
	wantError[*SlugUnknown](t, err)
}

func answer(status int, body string) http.HandlerFunc {
	return fault{status: status, typ: jsonType, body: body}.handler("")
}

// Query 11 counts only if each of its orders is PAUSED in the same snapshot.
func TestPausedByPayer(t *testing.T) {
	paused, active := "", ""
	snap, err := pull(t, newClient(t, twist(t, "none", nil)))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range snap.Orders {
		switch o.Status {
		case "PAUSED":
			paused = o.ID
		case "ACTIVE":
			active = o.ID
		}
	}
	rows := func(total string, ids []string) string {
		nodes := []map[string]any{}
		for _, id := range ids {
			nodes = append(nodes, map[string]any{"id": id, "publicId": id, "legacyId": 1})
		}
		return `{"totalCount":` + total + `,"nodes":` + printedAs(nodes) + `}`
	}
	list := func(total string, ids ...string) http.HandlerFunc {
		return answer(200, `{"data":{"orders":`+rows(total, ids)+`,"others":`+rows("0", nil)+`}}`)
	}
	others := func(total string, ids ...string) http.HandlerFunc {
		return answer(200, `{"data":{"orders":`+rows("1", []string{paused})+`,"others":`+rows(total, ids)+`}}`)
	}
	snap, err = pull(t, newClient(t, except(t, "DuesPausedByUser", list("1", paused))))
	if err != nil || len(snap.PausedByPayer) != 1 || !snap.PausedByPayer[paused] {
		t.Errorf("one who paused himself: %v, %v", snap, err)
	}
	for name, h := range map[string]http.HandlerFunc{
		"an order that is not PAUSED":                     list("1", active),
		"an order nobody knows":                           list("1", "or_nowhere"),
		"one order twice":                                 list("2", paused, paused),
		"more than came":                                  list("2", paused),
		"fewer than came":                                 list("0", paused),
		"the filter is not heeded":                        others("1", paused),
		"another, paused by the host, that is not PAUSED": others("1", active),
		"more others than came":                           others("1"),
	} {
		_, err := pull(t, newClient(t, except(t, "DuesPausedByUser", h)))
		if e := wantError[*Incomplete](t, err); e.Op != opPaused || e.Tries != 3 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	// With no order PAUSED it is not asked at all.
	url := twist(t, "", func(q asked, body map[string]any) {
		switch q.name {
		case "DuesPausedByUser":
			t.Error("query 11 was asked although no order is PAUSED")
		case "DuesOrders":
			for _, n := range at(body, "data", "orders", "nodes").([]any) {
				if n.(map[string]any)["status"] == "PAUSED" {
					n.(map[string]any)["status"] = "ACTIVE"
				}
			}
		}
	})
	if snap, err := pull(t, newClient(t, url)); err != nil || snap.Requests != 4 {
		t.Errorf("%+v, %v", snap, err)
	}
}

func TestWhatIsNoDuesIsLeftOutAndCounted(t *testing.T) {
	url := twist(t, "", func(q asked, body map[string]any) {
		switch q.name {
		case "DuesOrders":
			obj(body, "data", "orders", "nodes", 0, "toAccount")["id"] = "acc_of_a_project"
		case "DuesTransactions":
			obj(body, "data", "transactions", "nodes", 0)["isRefund"] = true
		}
	})
	whole, err := pull(t, newClient(t, twist(t, "none", nil)))
	if err != nil {
		t.Fatal(err)
	}
	snap, err := pull(t, newClient(t, url))
	if err != nil {
		t.Fatal(err)
	}
	if len(snap.Orders) != 43 || len(snap.Elsewhere) != 1 {
		t.Errorf("%d orders, %d left out", len(snap.Orders), len(snap.Elsewhere))
	}
	if len(snap.Charges) != len(whole.Charges)-1 || snap.DroppedCharges != 1 {
		t.Errorf("%d charges of %d, %d left out", len(snap.Charges), len(whole.Charges), snap.DroppedCharges)
	}
}

// Refunds come from their own list and from the charges; each counts once.
func TestBothSourcesOfRefunds(t *testing.T) {
	whole := func(r *PullRequest) { r.TransactionsFrom = 0 }
	listed, err := pull(t, newClient(t, twist(t, "none", nil)), whole)
	if err != nil {
		t.Fatal(err)
	}
	untold := twist(t, "DuesRefunds", func(_ asked, body map[string]any) {
		l := obj(body, "data", "transactions")
		l["nodes"], l["totalCount"] = []any{}, 0
	})
	told, err := pull(t, newClient(t, untold), whole)
	if err != nil {
		t.Fatal(err)
	}
	if len(listed.Refunds) != 3 || len(told.Refunds) != 3 {
		t.Fatalf("%d refunds by the list, %d by the charges, want 3 each", len(listed.Refunds), len(told.Refunds))
	}
	for i, l := range listed.Refunds {
		c := told.Refunds[i]
		if !l.Amount.Given || l.Amount.Minor >= 0 || c.Amount.Given {
			t.Errorf("amounts: %+v by the list, %+v by the charge", l.Amount, c.Amount)
		}
		l.Amount = Amount{}
		if l != c {
			t.Errorf("the list says %+v, the charge %+v", l, c)
		}
	}
	unnamed := twist(t, "DuesRefunds", func(_ asked, body map[string]any) {
		for _, n := range at(body, "data", "transactions", "nodes").([]any) {
			n.(map[string]any)["refundTransaction"] = nil
		}
	})
	joined, err := pull(t, newClient(t, unnamed), whole)
	if err != nil {
		t.Fatal(err)
	}
	if printedAs(joined.Refunds) != printedAs(listed.Refunds) {
		t.Errorf("a refund that names no charge is not found by the charge that names it: %+v", joined.Refunds)
	}
}

// A live server that answers 429, then 500, then no data, then well: nothing
// before the last, and the pause is kept.
func TestBadAnswersThenAGoodOne(t *testing.T) {
	good := film(t)
	calls := 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		calls++
		switch calls {
		case 1:
			w.Header().Set("Retry-After", "0.25") // below a second counts as one
			answer(429, `{"error":{"message":"Rate limit exceeded."}}`)(w, r)
		case 2:
			answer(500, `{"error":{"message":"x"}}`)(w, r)
		case 3:
			answer(200, `{"data":null}`)(w, r)
		default:
			good.ServeHTTP(w, r)
		}
	})
	c := newClient(t, url)
	began := c.o.Clock()
	_, err := pull(t, c)
	if e := wantError[*RateLimited](t, err); e.Wait.Seconds() != 1 {
		t.Errorf("wait %s", e.Wait)
	}
	_, err = pull(t, c)
	if e := wantError[*UpstreamDown](t, err); e.Status != 500 {
		t.Error(err)
	}
	if waited := c.o.Clock().Sub(began); waited.Seconds() < 1 {
		t.Errorf("the request after the 429 came after %s, upstream asked for 1 s", waited)
	}
	_, err = pull(t, c)
	if e := wantError[*UpstreamDown](t, err); e.Status != 200 || e.What != "no data" {
		t.Error(err)
	}
	if snap, err := pull(t, c); err != nil || len(snap.Orders) != 44 {
		t.Errorf("the good answer: %v", err)
	}
	if calls != 8 {
		t.Errorf("%d requests, want 3 and 5", calls)
	}
}
