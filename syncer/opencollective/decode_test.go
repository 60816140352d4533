package opencollective

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/internal/money"
)

// leaf is one member somewhere in an answer, named as messages name it.
type leaf struct {
	path   string
	parent map[string]any
	key    string
}

// replied is the reply whose data are these.
func replied(data []byte) (*reply, error) {
	t, _, err := parse(data, new(room))
	if err != nil {
		return nil, err
	}
	return newReply("test", branch{t, 0})
}

// leaves lists every member below an object, and of lists only the first element.
func leaves(v any, path string) []leaf {
	var all []leaf
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v {
			name := strings.TrimPrefix(path+"."+key, ".")
			all = append(append(all, leaf{name, v, key}), leaves(child, name)...)
		}
	case []any:
		if len(v) > 0 {
			all = append(all, leaves(v[0], path+"[0]")...)
		}
	}
	return all
}

// What the client asks for and does not read, because upstream's answer is good
// without it.
var unread = []string{
	"__typename", "limit", "offset", "me.id", "me.slug", "host.name", "host.currency", "toAccount.slug",
	"refunds:order.legacyId", "refunds:order.status", "refunds:refundTransaction.createdAt",
}

// What only some kinds of account have.
var optional = []string{"isGuest", "isApproved", "host"}

func isOneOf(list []string, query, path string) bool {
	return slices.ContainsFunc(list, func(s string) bool {
		of, what, found := strings.Cut(s, ":")
		if !found {
			of, what = "", s
		}
		return (of == "" || strings.EqualFold("Dues"+of, query)) && (path == what || strings.HasSuffix(path, "."+what))
	})
}

// Each field of each answer: dropped, it is schema drift at exactly that path;
// of another type, it is schema drift too.
func TestEveryFieldCounts(t *testing.T) {
	checked := 0
	for query, root := range rootOf {
		if query == "DuesPausedByUser" {
			continue // the film's list is empty
		}
		for _, wrong := range []struct {
			name string
			do   func(leaf)
		}{
			{"dropped", func(l leaf) { delete(l.parent, l.key) }},
			{"of another type", func(l leaf) { l.parent[l.key] = map[string]any{"other": []any{7.5}} }},
			{"a list", func(l leaf) { l.parent[l.key] = []any{map[string]any{}} }},
			{"a fraction", func(l leaf) { l.parent[l.key] = 0.5 }},
		} {
			for _, l := range leaves(filled(t, query), "") {
				if l.path == root || isOneOf(unread, query, l.path) || (l.path == "me" && wrong.name == "of another type") || (wrong.name == "dropped" && isOneOf(optional, query, l.path)) {
					continue
				}
				body := filled(t, query)
				for _, again := range leaves(body, "") {
					if again.path == l.path {
						wrong.do(again)
					}
				}
				err := decodeAs(t, query, body)
				e := wantError[*SchemaDrift](t, fmt.Errorf("%s %s %s: %w", query, l.path, wrong.name, err))
				if !strings.HasPrefix(e.Path, l.path) {
					t.Errorf("%s: %s %s, but the message names %s (%s)", query, l.path, wrong.name, e.Path, e.What)
				}
				checked++
			}
		}
	}
	if checked < 250 {
		t.Errorf("only %d fields were spoilt", checked)
	}
}

// filled is the data of a good answer in which nothing is null.
func filled(t *testing.T, query string) map[string]any {
	t.Helper()
	const amount = `{"valueInCents":100,"currency":"GBP"}`
	const when = `"2026-06-01T09:00:00.000Z"`
	node := map[string]string{
		"DuesOrders": `{"id":"or_1","publicId":"or_1","legacyId":1,"status":"ACTIVE","frequency":"MONTHLY","description":"x","quantity":1,` +
			`"createdAt":` + when + `,"updatedAt":` + when + `,"processedAt":` + when + `,"lastChargedAt":` + when + `,"nextChargeDate":` + when + `,` +
			`"amount":` + amount + `,"totalAmount":` + amount + `,"taxAmount":` + amount + `,"platformTipAmount":` + amount + `,"totalContributed":` + amount + `,` +
			`"tier":{"id":"t","slug":"t","name":"T","type":"MEMBERSHIP","frequency":"MONTHLY"},"paymentMethod":{"service":"STRIPE","type":"CREDITCARD"},` +
			`"toAccount":{"id":"c","slug":"c"},"fromAccount":{"__typename":"Individual","id":"a","publicId":"a","legacyId":2,"slug":"a","name":"A",` +
			`"type":"INDIVIDUAL","isIncognito":false,"isArchived":false,"isSuspended":false,"emails":["a@example.test"],"isGuest":false}}`,
		"DuesTransactions": `{"id":"tx","group":"g","type":"CREDIT","kind":"CONTRIBUTION","createdAt":` + when + `,"clearedAt":` + when + `,` +
			`"isRefund":false,"isRefunded":true,"isDisputed":false,"isInReview":false,"refundKind":"REFUND","amount":` + amount + `,` +
			`"refundTransaction":{"id":"rf","createdAt":` + when + `},"oppositeAccount":{"id":"a","slug":"a"},"order":{"id":"or_1","legacyId":1}}`,
		"DuesRefunds": `{"id":"rf","createdAt":` + when + `,"refundKind":"REFUND","amount":` + strings.Replace(amount, "100", "-100", 1) + `,` +
			`"refundTransaction":{"id":"tx","createdAt":` + when + `},"order":{"id":"or_1","legacyId":1,"status":"ACTIVE"}}`,
	}[query]
	text := `{"` + rootOf[query] + `":{"totalCount":1,"nodes":[` + node + `]}}`
	if query == "DuesPreflight" {
		text = `{"me":{"id":"m","slug":"m"},"account":{"__typename":"Collective","id":"c","publicId":"c","legacyId":1,"slug":"c","name":"C",` +
			`"type":"COLLECTIVE","currency":"GBP","isActive":true,"isArchived":false,"isFrozen":false,"isSuspended":false,"isAdmin":true,` +
			`"isApproved":true,"host":{"id":"h","slug":"h","name":"H","currency":"GBP"}}}`
	}
	var body map[string]any
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

func replyOf(t testing.TB, body any) *reply {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := replied(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func decodeAs(t *testing.T, query string, body any) error {
	t.Helper()
	return decodeQuery(query, replyOf(t, body))
}

func decodeQuery(query string, r *reply) (err error) {
	switch query {
	case "DuesPreflight":
		_, _, _, err = decodePreflight(r)
	case "DuesOrders":
		_, err = decodePage(r, "orders", false, decodeOrder, nil, 1)
	case "DuesTransactions":
		_, err = decodePage(r, "transactions", false, decodeCredit, nil, 1)
	case "DuesRefunds":
		_, err = decodePage(r, "transactions", false, decodeRefund, nil, 1)
	}
	return err
}

// The filled answers are good, else the test above would prove nothing.
func TestFilledAnswersAreGood(t *testing.T) {
	for query := range rootOf {
		if err := decodeAs(t, query, filled(t, query)); query != "DuesPausedByUser" && err != nil {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// Null where upstream's schema allows it is read as absent, never as 0; null
// elsewhere is schema drift.
func TestNull(t *testing.T) {
	nullable := map[string][]string{
		"DuesPreflight": {"me", "account.name", "account.type", "account.isActive", "account.isApproved", "account.host"},
		"DuesOrders": {"status", "frequency", "description", "quantity", "updatedAt", "processedAt", "lastChargedAt", "nextChargeDate",
			"taxAmount", "platformTipAmount", "totalContributed", "taxAmount.valueInCents", "platformTipAmount.valueInCents",
			"totalContributed.valueInCents", "tier", "tier.slug", "tier.name", "tier.type", "tier.frequency", "paymentMethod",
			"paymentMethod.service", "paymentMethod.type", "fromAccount", "fromAccount.name", "fromAccount.type",
			"fromAccount.emails", "fromAccount.isGuest"},
		"DuesTransactions": {"group", "kind", "clearedAt", "isRefund", "isRefunded", "isDisputed", "isInReview", "refundKind",
			"refundTransaction", "oppositeAccount", "order"},
		"DuesRefunds": {"refundKind", "refundTransaction", "order"},
	}
	for query, may := range nullable {
		for _, l := range leaves(filled(t, query), "") {
			if isOneOf(unread, query, l.path) || l.path == rootOf[query] {
				continue
			}
			body := filled(t, query)
			for _, again := range leaves(body, "") {
				if again.path == l.path {
					again.parent[again.key] = nil
				}
			}
			short := strings.TrimPrefix(l.path, rootOf[query]+".nodes[0].")
			err := decodeAs(t, query, body)
			if allowed := slices.Contains(may, short); allowed != (err == nil) {
				t.Errorf("%s: %s null: %v; allowed is %v", query, short, err, allowed)
			}
		}
	}
	body := filled(t, "DuesOrders")
	obj(body, "orders", "nodes", 0)["taxAmount"] = nil
	obj(body, "orders", "nodes", 0, "platformTipAmount")["valueInCents"] = 0
	p, err := decodePage(replyOf(t, body), "orders", false, decodeOrder, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if o := p.rows[0]; o.Tax.Given || !o.Tip.Given || o.Tip.Minor != 0 {
		t.Errorf("null tax is %+v, tip 0 is %+v", o.Tax, o.Tip)
	}
}

// What upstream may add one day is handed over as it is.
func TestUnknownWordsPass(t *testing.T) {
	body := filled(t, "DuesOrders")
	n := obj(body, "orders", "nodes", 0)
	n["status"], n["frequency"] = "HIBERNATING", "FORTNIGHTLY"
	obj(n, "fromAccount")["type"], obj(n, "amount")["currency"] = "ROBOT", "XBT"
	n["somethingNew"] = map[string]any{"x": 1}
	p, err := decodePage(replyOf(t, body), "orders", false, decodeOrder, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	o := p.rows[0]
	if o.Status != "HIBERNATING" || o.Frequency != "FORTNIGHTLY" || o.Payer.Type != "ROBOT" || o.Amount.Currency.String() != "XBT" {
		t.Errorf("%+v", o)
	}
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"1000": "1000", "1000.0": "1000", "0": "0", "-0": "0", "-5": "-5", fmt.Sprint(money.MaxMinor): fmt.Sprint(money.MaxMinor),
		"1000.5": "want a whole number", "1e3": "want a whole number", "1e1000000000": "want a whole number",
		"9223372036854775808": "want a whole number", fmt.Sprint(money.MaxMinor + 1): "is out of bounds",
		fmt.Sprint(-money.MaxMinor - 1): "is out of bounds", `"1000"`: "want a whole number", "true": "want a whole number",
	} {
		r, err := replied([]byte(`{"a":{"valueInCents":` + text + `,"currency":"GBP"}}`))
		if err != nil {
			t.Fatal(err)
		}
		rd := &reader{op: "test"}
		got := fmt.Sprint(r.node(rd).amount("a").Minor)
		if rd.bad != nil {
			if got = rd.bad.What; rd.bad.Path != "a.valueInCents" {
				t.Errorf("%s: named %s", text, rd.bad.Path)
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestInstantsAndIDs(t *testing.T) {
	read := func(v string, f func(*node) string) string {
		r, err := replied([]byte(`{"v":` + v + `}`))
		if err != nil {
			t.Fatal(err)
		}
		rd := &reader{op: "test"}
		if got := f(r.node(rd)); rd.bad == nil {
			return got
		}
		return "refused: " + rd.bad.What
	}
	instantOf := func(n *node) string { return n.at("v").String() }
	idOf := func(n *node) string { return n.id("v") }
	for v, want := range map[string]string{
		`"2026-06-01T09:00:00.123Z"`:         "2026-06-01T09:00:00.123Z",
		`"2026-06-01T10:00:00.123456+01:00"`: "2026-06-01T09:00:00.123456Z",
		`"2026-06-01"`:                       "refused: want an instant such as 2026-06-01T09:00:00.000Z",
		`"1970-01-01T00:00:00Z"`:             "refused: want an instant such as 2026-06-01T09:00:00.000Z",
		`1780304400000`:                      "refused: want an instant such as 2026-06-01T09:00:00.000Z",
		`null`:                               "refused: want an instant",
	} {
		if got := read(v, instantOf); got != want {
			t.Errorf("%s: %s, want %s", v, got, want)
		}
	}
	for v, want := range map[string]string{
		`"or_k4vM3CWM43eRJoilwEpT8"`:         "or_k4vM3CWM43eRJoilwEpT8",
		`"dgm9bnk8-0437xqry"`:                "dgm9bnk8-0437xqry",
		`""`:                                 "refused: want an id",
		`"a b"`:                              "refused: want an id",
		`"a\u0000b"`:                         "refused: want an id",
		`"é"`:                                "refused: want an id",
		`7`:                                  "refused: want an id",
		`"` + strings.Repeat("a", 201) + `"`: "refused: want an id",
	} {
		if got := read(v, idOf); got != want {
			t.Errorf("%s: %s, want %s", v, got, want)
		}
	}
	if got := read(`"Zoë\u0000 🐝 <b>x</b>"`, func(n *node) string { return n.text("v") }); got != "Zoë\uFFFD 🐝 <b>x</b>" {
		t.Errorf("a name becomes %q", got)
	}
}

func TestANegativeCreditIsRefused(t *testing.T) {
	body := filled(t, "DuesTransactions")
	obj(body, "transactions", "nodes", 0, "amount")["valueInCents"] = -100
	e := wantError[*SchemaDrift](t, decodeAs(t, "DuesTransactions", body))
	if e.Path != "transactions.nodes[0].amount.valueInCents" {
		t.Error(e)
	}
	obj(body, "transactions", "nodes", 0)["type"] = "DEBIT"
	wantError[*SchemaDrift](t, decodeAs(t, "DuesTransactions", body))
	// The list of charges in the place of the refunds has all their fields.
	body = filled(t, "DuesRefunds")
	obj(body, "transactions", "nodes", 0, "amount")["valueInCents"] = 100
	if e := wantError[*SchemaDrift](t, decodeAs(t, "DuesRefunds", body)); e.What != "is positive on a refund" {
		t.Error(e)
	}
}

// Nothing of one answer is left in the next: a client reuses nothing.
func TestAnswersShareNothing(t *testing.T) {
	c := newClient(t, twist(t, "none", nil))
	first, err := pull(t, c)
	if err != nil {
		t.Fatal(err)
	}
	second, err := pull(t, c)
	if err != nil {
		t.Fatal(err)
	}
	if printedAs(first) != printedAs(second) {
		t.Error("two pulls of the same scene differ")
	}
	first.Orders[1].Payer.Emails[0] = "changed"
	if second.Orders[1].Payer.Emails[0] == "changed" {
		t.Error("two snapshots share memory")
	}
}
