package fakeoc

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
)

// The sizes of pages (open-collective.md, section 1.5).
const (
	usualPage        = 100
	mostOrders       = 1000
	mostTransactions = 10_000
	mostMembers      = 1000
)

// within is the part of a list that is asked for. A limit below 1 counts as the
// usual one, and is echoed as it was asked.
func within[T any](rows []T, args map[string]any) *listed {
	limit, _ := whole(args["limit"])
	offset, _ := whole(args["offset"])
	l := &listed{total: len(rows), limit: limit, offset: offset, nodes: []any{}}
	if limit <= 0 {
		limit = usualPage
	}
	start := min(max(offset, 0), len(rows))
	for _, r := range rows[start:min(start+limit, len(rows))] {
		l.nodes = append(l.nodes, r)
	}
	return l
}

// tooMany refuses a page that is too large.
func tooMany(args map[string]any, most int, what string) error {
	if limit, _ := whole(args["limit"]); limit > most {
		return internal(fmt.Sprintf("Cannot fetch more than %s at the same time, please adjust the limit", what))
	}
	return nil
}

// sorted orders rows by an instant. Rows of one instant have no order of their
// own: upstream's database gives them as it likes, and otherwise for another
// page, so that paging by offset loses some (open-collective.md, section 13.1).
func sorted[T any](rows []T, args map[string]any, at func(T) instant.Instant, id func(T) string) {
	order, _ := args["orderBy"].(map[string]any)
	descending := text1(order, "direction") != "ASC"
	limit, _ := whole(args["limit"])
	salt := ""
	if limit < len(rows) {
		salt = fmt.Sprint(limit, " ", args["offset"])
	}
	slices.SortStableFunc(rows, func(a, b T) int {
		c := cmp.Compare(at(a), at(b))
		if descending {
			c = -c
		}
		if c == 0 && salt != "" {
			c = cmp.Compare(scatter(id(a)+salt), scatter(id(b)+salt))
		}
		return c
	})
}

func scatter(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // it cannot fail
	return h.Sum64()
}

// words1 are an argument that is a list of words; ok is false where it is absent.
func words1(args map[string]any, name string) (list []string, ok bool) {
	all, ok := args[name].([]any)
	if !ok {
		one, single := args[name].(string)
		if !single {
			return nil, false
		}
		return []string{one}, true
	}
	for _, v := range all {
		if s, is := v.(string); is {
			list = append(list, s)
		}
	}
	return list, true
}

// between reads dateFrom and dateTo.
func between(args map[string]any) (from, to instant.Instant) {
	read := func(name string) instant.Instant {
		t, err := time.Parse(time.RFC3339Nano, text1(args, name))
		if err != nil {
			return 0
		}
		return instant.Of(t)
	}
	return read("dateFrom"), read("dateTo")
}

func (e *execution) orders(of *Account, args map[string]any) (any, error) {
	if err := tooMany(args, mostOrders, "1,000 orders"); err != nil {
		return nil, err
	}
	if s := text1(args, "searchTerm"); s != "" && len(s) < 3 {
		return nil, internal("Search term must be at least 3 characters long")
	}
	var rows []*Order
	fits := e.orderFilter(of, args)
	for _, o := range e.w.orders {
		if fits(o) {
			rows = append(rows, o)
		}
	}
	by, _ := args["orderBy"].(map[string]any)
	at := func(o *Order) instant.Instant { return o.Created }
	if text1(by, "field") == "LAST_CHARGED_AT" {
		at = func(o *Order) instant.Instant {
			if o.Subscription != nil {
				return o.Subscription.LastCharged
			}
			return o.Processed
		}
	}
	sorted(rows, args, at, func(o *Order) string { return o.ID })
	return within(rows, args), nil
}

// orderFilter is which orders a query wants (open-collective.md, section 2).
func (e *execution) orderFilter(of *Account, args map[string]any) func(*Order) bool {
	direction := text1(args, "filter")
	statuses, byStatus := words1(args, "status")
	frequencies, byFrequency := words1(args, "frequency")
	pausedBy, byPause := words1(args, "pausedBy")
	from, to := between(args)
	least, hasLeast := whole(args["minAmount"])
	most, hasMost := whole(args["maxAmount"])
	return func(o *Order) bool {
		s := o.Subscription
		switch {
		case o.From.Deleted || o.To.Deleted, of != nil && !e.concerns(o, of, direction, args["includeChildrenAccounts"] == true):
			return false
		case byStatus && !slices.Contains(statuses, o.Status), !byStatus && o.Status == "PENDING":
			return false
		case byFrequency && !slices.Contains(frequencies, o.Frequency()), byPause && !slices.Contains(pausedBy, o.PausedBy):
			return false
		case args["onlySubscriptions"] == true && s == nil && !(o.Status == "PROCESSING" && o.Interval != ""):
			return false
		case args["onlyActiveSubscriptions"] == true && (s == nil || !s.Active || o.Status == "PAUSED"):
			return false
		case hasLeast && o.Total < int64(least), hasMost && o.Total > int64(most):
			return false
		}
		return o.Created >= from && (to == 0 || o.Created <= to)
	}
}

// concerns: without a direction both are meant.
func (e *execution) concerns(o *Order, of *Account, direction string, children bool) bool {
	incoming := o.To == of || children && o.To.Parent == of
	outgoing := o.From == of || children && o.From.Parent == of
	switch direction {
	case "INCOMING":
		return incoming
	case "OUTGOING":
		return outgoing
	}
	return incoming || outgoing
}

// transactionsRoot needs the scope where there is a token at all: the same query
// is answered to nobody.
func (e *execution) transactionsRoot(args map[string]any) (any, error) {
	var of []*Account
	refs, _ := args["account"].([]any)
	if one, ok := args["account"].(map[string]any); ok {
		refs = []any{one}
	}
	for _, r := range refs {
		ref, _ := r.(map[string]any)
		a := e.referred(ref)
		if a == nil {
			return nil, &fault{"NotFound", "Account Not Found"}
		}
		of = append(of, a)
	}
	return e.transactions(of, args)
}

func (e *execution) transactions(of []*Account, args map[string]any) (any, error) {
	if e.scopes != nil && !slices.Contains(e.scopes, "transactions") {
		return nil, &fault{"Forbidden", `The Personal Token is not allowed for operations in scope "transactions".`}
	}
	if err := tooMany(args, mostTransactions, "10,000 transactions"); err != nil {
		return nil, err
	}
	kinds, byKind := words1(args, "kind")
	from, to := between(args)
	kind, children := text1(args, "type"), args["includeChildrenTransactions"] == true
	ref, byOrder := args["order"].(map[string]any)
	var rows []*Transaction
	for _, t := range e.w.transactions {
		mine := slices.ContainsFunc(of, func(a *Account) bool { return t.Account == a || children && t.Account.Parent == a })
		switch {
		case !mine, kind != "" && t.Type != kind, byKind && !slices.Contains(kinds, t.Kind):
		case args["isRefund"] != nil && t.IsRefund != (args["isRefund"] == true):
		case args["includeEditedReversedTransactions"] == false && t.RefundKind == "EDIT":
		case byOrder && !refers(ref, t.Order.ID, t.Order.PublicID, t.Order.LegacyID, ""):
		case t.Created >= from && (to == 0 || t.Created <= to):
			rows = append(rows, t)
		}
	}
	sorted(rows, args, func(t *Transaction) instant.Instant { return t.Created }, func(t *Transaction) string { return t.ID })
	return within(rows, args), nil
}

func (e *execution) transactionsOf(o *Order) []any {
	out := []any{}
	for _, t := range e.w.transactions {
		if t.Order == o {
			out = append(out, t)
		}
	}
	return out
}

func (e *execution) members(of *Account, args map[string]any) (any, error) {
	if err := tooMany(args, mostMembers, "1,000 members"); err != nil {
		return nil, err
	}
	roles, byRole := words1(args, "role")
	address := text1(args, "email")
	if address != "" && !e.w.administers(e.viewer, of) {
		return nil, &fault{"Unauthorized", "Only admins can lookup for members using the \"email\" argument"}
	}
	var rows []*Membership
	for _, m := range e.w.members {
		switch {
		case m.Of != of, m.Account.Deleted, byRole && !slices.Contains(roles, m.Role):
		case address != "" && !slices.ContainsFunc(m.Account.Emails, func(s string) bool { return strings.EqualFold(s, address) }):
		default:
			rows = append(rows, m)
		}
	}
	sorted(rows, args, func(m *Membership) instant.Instant { return m.Since }, func(m *Membership) string { return m.ID })
	return within(rows, args), nil
}

func (e *execution) tiers(of *Account) any {
	var rows []*Tier
	for _, t := range e.w.tiers {
		if t.Of == of && !t.Deleted {
			rows = append(rows, t)
		}
	}
	return within(rows, map[string]any{"limit": usualPage})
}

func (e *execution) children(of *Account) any {
	var rows []*Account
	for _, a := range e.w.accounts {
		if a.Parent == of && !a.Deleted {
			rows = append(rows, a)
		}
	}
	return within(rows, map[string]any{"limit": usualPage})
}

// activities are for administrators: for everybody else the nodes are null.
func (e *execution) activities(args map[string]any) (any, error) {
	refs, _ := args["account"].([]any)
	if one, ok := args["account"].(map[string]any); ok {
		refs = []any{one}
	}
	kinds, byKind := words1(args, "type")
	from, to := between(args)
	var rows []*Activity
	for _, r := range refs {
		ref, _ := r.(map[string]any)
		of := e.referred(ref)
		if of == nil {
			return nil, &fault{"NotFound", "Account Not Found"}
		}
		if !e.w.administers(e.viewer, of) {
			limit, _ := whole(args["limit"])
			return &listed{limit: limit}, nil
		}
		for _, a := range e.w.activities {
			if a.Of == of && (!byKind || slices.Contains(kinds, a.Type)) && a.Created >= from && (to == 0 || a.Created <= to) {
				rows = append(rows, a)
			}
		}
	}
	sorted(rows, args, func(a *Activity) instant.Instant { return a.Created }, func(a *Activity) string { return a.ID })
	return within(rows, args), nil
}
