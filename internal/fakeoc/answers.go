package fakeoc

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// query is one that returns rows.
type query struct {
	root string
	rows func(*scene) []row
	// most is how many rows upstream returns at once, and how it says so.
	most      int
	mostWords string
	continued bool               // the answer carries the number of all rows beside the list
	others    func(*scene) []row // the answer carries these rows beside the list
	echoes    bool               // the answer repeats limit and offset
}

var lists = map[string]query{
	"DuesOrders":           orderList(query{rows: ordersOf, echoes: true}),
	"DuesOrdersFrom":       orderList(query{rows: ordersOf, echoes: true, continued: true}),
	"DuesPausedByUser":     orderList(query{rows: nobody, others: pausedOf}),
	"DuesTransactions":     transactionList(query{rows: creditsOf, echoes: true}),
	"DuesTransactionsFrom": transactionList(query{rows: creditsOf, echoes: true, continued: true}),
	"DuesRefunds":          transactionList(query{rows: refundsOf}),
	"DuesRefundsFrom":      transactionList(query{rows: refundsOf, continued: true}),
}

func orderList(q query) query {
	q.root, q.most, q.mostWords = "orders", 1000, "1,000 orders"
	return q
}

func transactionList(q query) query {
	q.root, q.most, q.mostWords = "transactions", 10000, "10,000 transactions"
	return q
}

func ordersOf(s *scene) []row  { return s.orders }
func creditsOf(s *scene) []row { return s.credits }
func refundsOf(s *scene) []row { return s.refunds }

// pausedOf are the orders that somebody else than their payer paused.
func pausedOf(s *scene) []row {
	return slices.DeleteFunc(slices.Clone(s.orders), func(r row) bool { return r.Status != "PAUSED" })
}

// nobody in the film paused himself.
func nobody(*scene) []row { return nil }

// isSlug: upstream's slugs are case-insensitive.
func (f *Film) isSlug(slug string) bool { return strings.EqualFold(slug, f.slug) }

// preflight answers query 00, which asks for null and not for an error where
// the slug is unknown.
func (f *Film) preflight(s *scene, known, admin bool) string {
	data := s.preflight.to(admin)
	if known {
		return text(map[string]any{"data": data})
	}
	var recorded struct {
		Me json.RawMessage `json:"me"`
	}
	if err := json.Unmarshal(data, &recorded); err != nil {
		panic("fakeoc: " + err.Error()) // the film's own tests read every preflight
	}
	return text(map[string]any{"data": map[string]any{"me": recorded.Me, "account": nil}})
}

// list answers a query for rows: those created from an instant on, and of them
// one page. The total counts what matches, not what is on the page.
func (s *scene) list(name string, q request, admin bool) string {
	l := lists[name]
	all := l.rows(s)
	if wanted := q.Variables.Statuses; wanted != nil {
		all = slices.DeleteFunc(slices.Clone(all), func(r row) bool { return !slices.Contains(wanted, r.Status) })
	}
	matching := createdFrom(all, q.Variables.From)
	limit := q.Variables.Limit
	if limit <= 0 {
		limit = 100 // as upstream does
	}
	start := min(max(q.Variables.Offset, 0), len(matching))
	nodes := []json.RawMessage{}
	for _, r := range matching[start:min(start+limit, len(matching))] {
		nodes = append(nodes, r.to(admin))
	}
	answer := map[string]any{"totalCount": len(matching), "nodes": nodes}
	if l.echoes {
		answer["limit"], answer["offset"] = q.Variables.Limit, q.Variables.Offset
	}
	data := map[string]any{l.root: answer}
	if l.others != nil {
		others := []json.RawMessage{}
		for _, r := range l.others(s) {
			others = append(others, r.to(admin))
		}
		data["others"] = map[string]any{"totalCount": len(others), "nodes": others}
	}
	if l.continued {
		data["grand"] = map[string]any{"totalCount": len(createdFrom(all, q.Variables.Since))}
	}
	return text(map[string]any{"data": data})
}

// createdFrom keeps the rows created at an instant or later; nil keeps all.
func createdFrom(rows []row, from *time.Time) []row {
	if from == nil {
		return rows
	}
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.Created.Before(*from) })
}

// accountByID answers query 40 from what the scene shows: the collective and
// its payers. Who is not there is deleted or merged: null.
func (s *scene) accountByID(id string, admin bool) string {
	found := s.findAccount(id)
	if found != nil && !admin {
		public := *found
		public.Emails = nil
		found = &public
	}
	return text(map[string]any{"data": map[string]any{"account": found}})
}

func (s *scene) findAccount(id string) *account {
	if id == "" {
		return nil
	}
	if s.collected.ID == id || s.collected.PublicID == id {
		return &s.collected
	}
	for _, r := range s.orders {
		if r.Payer != nil && (r.Payer.ID == id || r.Payer.PublicID == id) {
			return r.Payer
		}
	}
	return nil
}

// orderByID answers a look-up of one order; upstream has an error and not null
// for one that is not there.
func (s *scene) orderByID(id string, admin bool) string {
	for _, r := range s.orders {
		if id != "" && (r.ID == id || r.PublicID == id) {
			return text(map[string]any{"data": map[string]any{"order": r.to(admin)}})
		}
	}
	return text(map[string]any{
		"errors": failures("order", "NotFound", "Order Not Found"),
		"data":   map[string]any{"order": nil},
	})
}
