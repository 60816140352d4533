package opencollective

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// ledger is an upstream with as many rows as a test wants, paged as upstream
// does: by createdAt from an instant on, in the order of creation, with ties.
type ledger struct {
	mu       sync.Mutex
	orders   []instant.Instant // createdAt of each order, ascending
	credits  []instant.Instant
	refunds  []instant.Instant
	requests map[string]int
	// before, when set, is called before each answer is made, with the lock held.
	before func(l *ledger, query string)
}

func (l *ledger) serve(t testing.TB) string {
	l.requests = make(map[string]int)
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		q := readAsked(r)
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.before != nil {
			l.before(l, q.name)
		}
		l.requests[q.name]++
		answer(200, l.answer(q))(w, r)
	})
}

func (l *ledger) answer(q asked) string {
	switch strings.TrimSuffix(q.name, "From") {
	case "DuesPreflight":
		return `{"data":{"me":{"id":"x","slug":"x"},"account":{"__typename":"Collective","id":"acc_c","publicId":"acc_c","legacyId":1,` +
			`"slug":"big","name":"Big","type":"COLLECTIVE","currency":"GBP","isActive":true,"isArchived":false,"isFrozen":false,` +
			`"isSuspended":false,"isAdmin":true,"isApproved":true,"host":null}}}`
	case "DuesOrders":
		return l.page(q, "orders", l.orders, orderText1)
	case "DuesTransactions":
		return l.page(q, "transactions", l.credits, creditText)
	}
	return l.page(q, "transactions", l.refunds, refundText)
}

func (l *ledger) page(q asked, root string, all []instant.Instant, node func(int, instant.Instant) string) string {
	from := func(key string) instant.Instant {
		s, _ := q.vars[key].(string)
		i, _ := instant.Parse(s)
		return i
	}
	var nodes []string
	total, limit := 0, int(q.vars["limit"].(float64))
	for i, created := range all {
		if created < from("from") {
			continue
		}
		if total++; len(nodes) < limit {
			nodes = append(nodes, node(i, created))
		}
	}
	grand := 0
	for _, created := range all {
		if created >= from("since") {
			grand++
		}
	}
	return fmt.Sprintf(`{"data":{"grand":{"totalCount":%d},%q:{"totalCount":%d,"limit":%d,"offset":0,"nodes":[%s]}}}`,
		grand, root, total, limit, strings.Join(nodes, ","))
}

func orderText1(i int, created instant.Instant) string {
	return fmt.Sprintf(`{"id":"or_%d","publicId":"or_%d","legacyId":%d,"status":"ACTIVE","frequency":"MONTHLY","description":"x","quantity":1,`+
		`"createdAt":%q,"updatedAt":null,"processedAt":null,"lastChargedAt":null,"nextChargeDate":null,`+
		`"amount":{"valueInCents":1000,"currency":"GBP"},"totalAmount":{"valueInCents":1000,"currency":"GBP"},"taxAmount":null,`+
		`"platformTipAmount":{"valueInCents":null,"currency":"GBP"},"totalContributed":{"valueInCents":null,"currency":"GBP"},`+
		`"tier":null,"paymentMethod":null,"toAccount":{"id":"acc_c","slug":"big"},"fromAccount":null}`, i, i, i+1, stamp(created))
}

func creditText(i int, created instant.Instant) string {
	return fmt.Sprintf(`{"id":"tx_%d","group":"g","type":"CREDIT","kind":"CONTRIBUTION","createdAt":%q,"clearedAt":null,`+
		`"isRefund":false,"isRefunded":false,"isDisputed":null,"isInReview":null,"refundKind":null,`+
		`"amount":{"valueInCents":1000,"currency":"GBP"},"refundTransaction":null,"oppositeAccount":null,"order":null}`, i, stamp(created))
}

func refundText(i int, created instant.Instant) string {
	return fmt.Sprintf(`{"id":"rf_%d","createdAt":%q,"refundKind":null,"amount":{"valueInCents":-1000,"currency":"GBP"},`+
		`"refundTransaction":null,"order":null}`, i, stamp(created))
}

var year = instant.Date(2026, 1, 1)

// ascending makes n instants, of which at most ties are equal.
func ascending(rnd *rand.Rand, n, ties int) []instant.Instant {
	var all []instant.Instant
	at := year
	for len(all) < n {
		at = at.Add(time.Duration(1+rnd.IntN(1000)) * time.Millisecond)
		for range min(1+rnd.IntN(ties), n-len(all)) {
			all = append(all, at)
		}
	}
	return all
}

// half knows every other row, and what it was shown since the reading began.
type half struct {
	orders, charges []string
	begun           int
}

func (h *half) Begin() { *h = half{begun: h.begun + 1} }

func (h *half) Order(o *Order) bool {
	h.orders = append(h.orders, o.ID)
	return len(h.orders)%2 == 0
}

func (h *half) Charge(c *Charge) bool {
	h.charges = append(h.charges, c.ID)
	return len(h.charges)%2 == 0
}

// Of what is known only the number is told, and all is checked as ever: each row is shown
// once, also where a reading begins again.
func (h *half) fits(t testing.TB, whole *Snapshot, c *Client) {
	t.Helper()
	snap, err := pull(t, c, func(r *PullRequest) { r.Slug, r.TransactionsFrom, r.Known = "big", 0, h })
	if err != nil {
		t.Fatal(err)
	}
	orders, charges := len(whole.Orders), len(whole.Charges)
	if len(snap.Orders)+snap.KnownOrders != orders || len(snap.Charges)+snap.KnownCharges != charges ||
		snap.KnownOrders != orders/2 || snap.KnownCharges != charges/2 || len(snap.Refunds) != len(whole.Refunds) {
		t.Errorf("%d orders and %d charges beside %d and %d, of %d and %d", snap.KnownOrders, snap.KnownCharges,
			len(snap.Orders), len(snap.Charges), orders, charges)
	}
	for _, o := range snap.Orders {
		if i := slices.Index(h.orders, o.ID); i < 0 || i%2 != 0 {
			t.Errorf("the order %s is known, or never came", o.ID)
		}
	}
	if all := slices.Sorted(slices.Values(h.orders)); len(slices.Compact(all)) != orders {
		t.Errorf("%d different orders were shown, of %d", len(all), orders)
	}
	if len(h.orders) != orders || len(h.charges) != charges {
		t.Errorf("%d orders and %d charges were shown, of %d and %d", len(h.orders), len(h.charges), orders, charges)
	}
}

func pullBig(t testing.TB, c *Client) (*Snapshot, error) {
	return pull(t, c, func(r *PullRequest) { r.Slug, r.TransactionsFrom = "big", 0 })
}

// Whatever the number of rows and however many share an instant, all come, each
// once, as long as fewer share one than a request returns.
func TestAllRowsComeOnce(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		limit := 2 + rnd.IntN(9)
		l := &ledger{
			orders:  ascending(rnd, rnd.IntN(6*limit), limit-1),
			credits: ascending(rnd, rnd.IntN(6*limit), limit-1),
			refunds: ascending(rnd, rnd.IntN(3*limit), limit-1),
		}
		c := newClient(t, l.serve(t))
		c.setPages(limit, limit)
		snap, err := pullBig(t, c)
		if err != nil {
			t.Fatalf("seed %d, limit %d, %d orders: %v", seed, limit, len(l.orders), err)
		}
		new(half).fits(t, snap, c)
		var orders, credits, refunds []instant.Instant
		ids := make(map[string]bool)
		for _, o := range snap.Orders {
			orders, ids[o.ID] = append(orders, o.Created), true
		}
		for _, x := range snap.Charges {
			credits, ids[x.ID] = append(credits, x.Created), true
		}
		for _, x := range snap.Refunds {
			refunds, ids[x.ID] = append(refunds, x.Created), true
		}
		if !slices.Equal(orders, l.orders) || !slices.Equal(credits, l.credits) || !slices.Equal(refunds, l.refunds) {
			t.Errorf("seed %d, limit %d: rows differ from the ledger's", seed, limit)
		}
		if len(ids) != len(l.orders)+len(l.credits)+len(l.refunds) {
			t.Errorf("seed %d: %d different ids", seed, len(ids))
		}
	}
}

// The rate limit is the wall: one request up to a thousand orders, and above
// that hardly more than the rows need.
func TestRequestsNeeded(t *testing.T) {
	for _, tt := range []struct{ orders, most int }{{0, 1}, {1, 1}, {999, 1}, {1000, 1}, {1001, 2}, {10_000, 11}} {
		l := &ledger{orders: ascending(rand.New(rand.NewPCG(7, 7)), tt.orders, 3)}
		snap, err := pullBig(t, newClient(t, l.serve(t)))
		if err != nil {
			t.Fatal(err)
		}
		got := l.requests["DuesOrders"] + l.requests["DuesOrdersFrom"]
		if len(snap.Orders) != tt.orders || got > tt.most {
			t.Errorf("%d orders took %d requests, want at most %d", tt.orders, got, tt.most)
		}
		if snap.Requests != got+3 {
			t.Errorf("%d requests counted, want %d", snap.Requests, got+3)
		}
	}
}

// More rows of one instant than a request returns cannot be read at all, and no
// number of tries changes that.
func TestTooManyRowsOfOneInstant(t *testing.T) {
	at := year.Add(time.Hour)
	for name, orders := range map[string][]instant.Instant{
		"at the beginning": {at, at, at, at, at + 1000000},
		"later":            {year, at, at, at, at, at + 1000000},
	} {
		l := &ledger{orders: orders}
		c := newClient(t, l.serve(t))
		c.setPages(3, 3)
		_, err := pullBig(t, c)
		e := wantError[*Incomplete](t, err)
		want := "read big: the contributions on Open Collective cannot be read whole: " +
			"more than 3 rows have the same createdAt (2026-01-01T01:00:00Z), and upstream returns no more at once"
		if !e.Ties || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", name, err, want)
		}
		if _, again := e.Retryable(); again || l.requests["DuesPreflight"] != 1 {
			t.Errorf("%s: tried %d times", name, l.requests["DuesPreflight"])
		}
	}
}

// Rows that move while they are read make the whole snapshot begin again.
func TestRowsThatMoveMakeItBeginAgain(t *testing.T) {
	rows := func() []instant.Instant {
		var all []instant.Instant
		for i := range 10 {
			all = append(all, year.Add(time.Duration(i)*time.Hour))
		}
		return all
	}
	add := func(l *ledger) { l.orders = append(l.orders, year.Add(99*time.Hour)) }
	remove := func(at int) func(l *ledger) { return func(l *ledger) { l.orders = slices.Delete(l.orders, at, at+1) } }
	insert := func(l *ledger) { l.orders = slices.Insert(l.orders, 1, year.Add(time.Minute)) }
	for name, move := range map[string]func(*ledger){
		"a new order":                       add,
		"an order that was read vanishes":   remove(1),
		"an order not yet read vanishes":    remove(8),
		"an order appears among those read": insert,
	} {
		l := &ledger{orders: rows()}
		once := true
		l.before = func(l *ledger, query string) {
			if query == "DuesOrdersFrom" && once {
				once = false
				move(l)
			}
		}
		c := newClient(t, l.serve(t))
		c.setPages(4, 4)
		snap, err := pullBig(t, c)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(snap.Orders) != len(l.orders) || l.requests["DuesPreflight"] != 2 {
			t.Errorf("%s: %d orders of %d after beginning %d times", name, len(snap.Orders), len(l.orders), l.requests["DuesPreflight"])
		}
		l.orders, once = rows(), true
		var h half
		wanted := &Snapshot{Orders: snap.Orders}
		h.fits(t, wanted, c)
		if h.begun != 2 {
			t.Errorf("%s: begun %d times with what is known", name, h.begun)
		}
	}
	l := &ledger{orders: rows()}
	l.before = func(l *ledger, query string) {
		if query == "DuesOrdersFrom" {
			add(l)
		}
	}
	c := newClient(t, l.serve(t))
	c.setPages(4, 4)
	_, err := pullBig(t, c)
	if e := wantError[*Incomplete](t, err); e.Tries != 3 || e.Ties || l.requests["DuesPreflight"] != 3 {
		t.Errorf("%+v after beginning %d times", e, l.requests["DuesPreflight"])
	}
	if _, again := RetryOf(err); !again {
		t.Error("not to be tried again later")
	}
}

// One page that does not hold what it says.
func TestAPageThatIsNotWhole(t *testing.T) {
	first := func(body map[string]any, root string) map[string]any { return obj(body, "data", root) }
	for _, query := range []string{"DuesOrders", "DuesTransactions", "DuesRefunds"} {
		root := rootOf[query]
		for name, change := range map[string]func(map[string]any){
			"half of the rows": func(l map[string]any) { n := l["nodes"].([]any); l["nodes"] = n[:len(n)/2] },
			"no rows":          func(l map[string]any) { l["nodes"] = []any{} },
			"one row too many": func(l map[string]any) { l["totalCount"] = l["totalCount"].(float64) - 1 },
			"a row twice":      func(l map[string]any) { n := l["nodes"].([]any); n[1] = n[0] },
			"out of order":     func(l map[string]any) { n := l["nodes"].([]any); n[0], n[len(n)-1] = n[len(n)-1], n[0] },
		} {
			begun := 0
			url := twist(t, "", func(q asked, body map[string]any) {
				if q.name == "DuesPreflight" {
					begun++
				}
				if q.name == query {
					change(first(body, root))
				}
			})
			_, err := pull(t, newClient(t, url), func(r *PullRequest) { r.TransactionsFrom = 0 })
			if e := wantError[*Incomplete](t, err); e.Tries != 3 || begun != 3 || e.Ties {
				t.Errorf("%s, %s: %+v after beginning %d times", query, name, e, begun)
			}
		}
	}
	url := twist(t, "DuesOrders", func(_ asked, body map[string]any) { first(body, "orders")["totalCount"] = 2_000_000 })
	_, err := pull(t, newClient(t, url))
	wantError[*Incomplete](t, err)
}
