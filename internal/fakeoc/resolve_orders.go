package fakeoc

import (
	"cmp"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/arrange"
	"coopcloud.tech/goodstanding/internal/instant"
)

func (x *run) rootOrders(args given) (any, error) {
	ref := args.object("account")
	if ref == nil {
		return x.ordersOf(nil, args)
	}
	a, err := x.refer(ref)
	if err != nil {
		return nil, err
	}
	return x.ordersOf(a, args)
}

// ordersOf lists an account's orders, or everybody's, by upstream's rules
// (open-collective.md, section 2).
func (x *run) ordersOf(a *Account, args given) (any, error) {
	if err := tooMany(args, 1000, "1,000 orders"); err != nil {
		return nil, err
	}
	if s := args.text("searchTerm"); s != "" && len(s) < 3 {
		return nil, thrown("Search term must be at least 3 characters long")
	}
	f, err := x.orderFilter(a, args)
	if err != nil {
		return nil, err
	}
	var rows []*Order
	for _, o := range x.orders {
		if f.side(o) && f.matches(o) && f.recurs(o) {
			rows = append(rows, o)
		}
	}
	p := pageOf(rows, args)
	p.nodes = func() []any {
		by := args.object("orderBy")
		when := func(o *Order) instant.Instant { return o.Created }
		if by.text("field") == "LAST_CHARGED_AT" {
			when = func(o *Order) instant.Instant { return *o.charged() }
		}
		sorted(rows, by, args, when, func(o *Order) int64 { return o.LegacyID })
		return items(cut(rows, args))
	}
	return p, nil
}

// orderFilter is what is asked of each order.
type orderFilter struct {
	of                          []*Account // nil for everybody
	filter                      string
	status, pausedBy, frequency choice
	least, most                 *int64
	from, to                    instant.Instant
	search                      string
	subscriptions, activeOnes   bool
}

func (x *run) orderFilter(a *Account, args given) (f orderFilter, err error) {
	f = orderFilter{
		filter: args.text("filter"), status: args.choice("status"), pausedBy: args.choice("pausedBy"), frequency: args.choice("frequency"),
		least: args.bound("minAmount"), most: args.bound("maxAmount"), search: strings.ToLower(args.text("searchTerm")),
		subscriptions: args.yes("onlySubscriptions"), activeOnes: args.yes("onlyActiveSubscriptions"),
	}
	if a != nil {
		f.of = []*Account{a}
		if args.yes("includeChildrenAccounts") {
			f.of = append(f.of, x.children(a)...)
		}
	}
	if f.from, err = args.at("dateFrom"); err != nil {
		return f, err
	}
	f.to, err = args.at("dateTo")
	return f, err
}

// side says whether the order is on the asked side of the account. An order
// whose payer or payee is deleted is never listed.
func (f *orderFilter) side(o *Order) bool {
	if o.From.Deleted || o.To.Deleted {
		return false
	}
	if f.of == nil {
		return true
	}
	incoming, outgoing := slices.Contains(f.of, o.To), slices.Contains(f.of, o.From)
	switch f.filter {
	case "INCOMING":
		return incoming
	case "OUTGOING":
		return outgoing
	}
	return incoming || outgoing
}

func (f *orderFilter) matches(o *Order) bool {
	if len(f.status) == 0 && o.Status == "PENDING" {
		return false
	}
	if len(f.pausedBy) > 0 && o.PausedBy == "" {
		return false
	}
	if f.least != nil && o.Total < *f.least || f.most != nil && o.Total > *f.most {
		return false
	}
	return f.status.has(o.Status) && f.pausedBy.has(o.PausedBy) &&
		(f.from == 0 || o.Created >= f.from) && (f.to == 0 || o.Created <= f.to) && f.found(o)
}

func (f *orderFilter) found(o *Order) bool {
	if f.search == "" {
		return true
	}
	text := strings.ToLower(strings.Join([]string{o.Description, o.From.Slug, o.From.Name, o.To.Slug, o.To.Name}, "\n"))
	return strings.Contains(text, f.search)
}

// recurs is about subscriptions: what has not been paid has none yet, so it
// counts as given once (open-collective.md, fact 4).
func (f *orderFilter) recurs(o *Order) bool {
	s := o.Subscription
	if f.subscriptions && s == nil && (o.Status != "PROCESSING" || o.Interval == "") {
		return false
	}
	if f.activeOnes && (s == nil || !s.Active) {
		return false
	}
	return f.frequency.has(o.Frequency())
}

// sorted brings rows in the asked order. Rows of one instant keep the world's
// order where the answer holds them all; where it holds only a part, every
// (limit, offset) has its own order among them, the same each time, so that
// paging by offset loses rows as it does upstream (open-collective.md, 13.1).
// What has no date comes last when ascending, first when descending.
func sorted[T any](rows []T, by, args given, when func(T) instant.Instant, id func(T) int64) {
	descending := by.text("direction") != "ASC"
	whole := len(cut(rows, args)) == len(rows)
	limit, offset := args.number("limit"), args.number("offset")
	arrange.By(rows, func(a, b T) int {
		p, q := when(a), when(b)
		if p == 0 {
			p = instant.Max
		}
		if q == 0 {
			q = instant.Max
		}
		c := cmp.Compare(p, q)
		if descending {
			c = -c
		}
		if c == 0 && !whole {
			c = cmp.Compare(shuffle(id(a), limit, offset), shuffle(id(b), limit, offset))
		}
		return c
	})
}

// shuffle gives a row its place among equals for one page (splitmix64).
func shuffle(id, limit, offset int64) uint64 {
	z := uint64(id)*0x9e3779b97f4a7c15 ^ uint64(limit)<<32 ^ uint64(offset)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
