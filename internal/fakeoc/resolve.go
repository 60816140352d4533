package fakeoc

import (
	"fmt"
	"sync"

	"coopcloud.tech/goodstanding/internal/instant"
)

// resolver finds a field's value of what it is asked of: nil, a leaf that
// appendScalar knows, an object of the model, or a list of these.
type resolver func(x *run, self any, args given) (any, error)

// fields are the resolvers of a type's fields.
type fields map[string]resolver

// of makes a resolver of a function of the model's own type.
func of[T any](f func(x *run, t T, args given) (any, error)) resolver {
	return func(x *run, self any, args given) (any, error) { return f(x, self.(T), args) }
}

// plain is a resolver that only reads.
func plain[T any](f func(t T) any) resolver {
	return func(_ *run, self any, _ given) (any, error) { return f(self.(T)), nil }
}

// seeing is a resolver that reads what depends on the rest of the world, or on
// who asks, and cannot fail.
func seeing[T any](f func(x *run, t T) any) resolver {
	return func(x *run, self any, _ given) (any, error) { return f(x, self.(T)), nil }
}

// offered are all resolvers, by type and field.
var offered = sync.OnceValue(func() map[string]fields {
	all := map[string]fields{
		"Query": queryFields, "Order": orderFields, "Credit": transactionFields, "Debit": transactionFields,
		"Tier": tierFields, "Member": memberFields, "MemberOf": memberFields, "Activity": activityFields,
		"Amount": amountFields, "PaymentMethod": methodFields,
	}
	for _, name := range []string{"Order", "Transaction", "Member", "Activity", "Tier", "Account"} {
		all[name+"Collection"] = pageFields
	}
	for _, name := range accountTypes {
		all[name] = accountFields
	}
	all["Host"] = accountFields
	return all
})

func resolverOf(typeName, field string) resolver {
	if r := offered()[typeName][field]; r != nil {
		return r
	}
	return func(*run, any, given) (any, error) { // __schema and __type
		return nil, fmt.Errorf("the fake does not offer %s.%s", typeName, field)
	}
}

// concrete is the type of an object where the schema names an interface.
func concrete(named string, v any) string {
	switch v := v.(type) {
	case *Account:
		if named == "Account" {
			return accountTypes[v.Type]
		}
	case *Transaction:
		if v.Type == "DEBIT" {
			return "Debit"
		}
		return "Credit"
	}
	return named
}

// amount is upstream's Amount; cents may be null.
type amount struct {
	cents    int64
	none     bool
	currency string
}

var amountFields = fields{
	"valueInCents": plain(func(a *amount) any {
		if a.none {
			return nil
		}
		return a.cents
	}),
	"value": plain(func(a *amount) any {
		if a.none {
			return nil
		}
		return float64(a.cents) / 100
	}),
	"currency": plain(func(a *amount) any { return &a.currency }),
}

// page is one of upstream's collections. limit and offset are echoed as asked.
type page struct {
	limit, offset int64
	total         int
	nodes         func() []any // nil for null
}

var pageFields = fields{
	"limit":      plain(func(p *page) any { return p.limit }),
	"offset":     plain(func(p *page) any { return p.offset }),
	"totalCount": plain(func(p *page) any { return p.total }),
	"nodes": plain(func(p *page) any {
		if p.nodes == nil {
			return nil
		}
		return p.nodes()
	}),
}

// cut takes the asked page of the rows, which are in order. 0 and less is 100
// rows, while the answer repeats what was asked (open-collective.md, section 1.5).
func cut[T any](rows []T, args given) []T {
	limit, offset := int(args.number("limit")), max(0, int(args.number("offset")))
	if limit <= 0 {
		limit = 100
	}
	offset = min(offset, len(rows))
	return rows[offset:min(len(rows), offset+limit)]
}

// pageOf is the asked page of rows.
func pageOf[T any](rows []T, args given) *page {
	return &page{limit: args.number("limit"), offset: args.number("offset"), total: len(rows), nodes: func() []any { return items(cut(rows, args)) }}
}

// tooMany is the error for a limit above the most.
func tooMany(args given, most int64, words string) error {
	if args.number("limit") > most {
		return thrownf("Cannot fetch more than %s at the same time, please adjust the limit", words)
	}
	return nil
}

func items[T any](rows []T) []any {
	out := make([]any, len(rows))
	for i, r := range rows {
		out[i] = r
	}
	return out
}

// moment is an instant or null.
func moment(t *instant.Instant) any {
	if *t == 0 {
		return nil
	}
	return t
}

// word is a text or null.
func word(s *string) any {
	if *s == "" {
		return nil
	}
	return s
}

// scoped is the error for a token that lacks a scope; the public needs none.
func (x *run) scoped(scope string) error {
	if x.token == nil {
		return nil
	}
	for _, s := range x.token.Scopes {
		if s == scope {
			return nil
		}
	}
	return forbidden(fmt.Sprintf(`The Personal Token is not allowed for operations in scope %q.`, scope))
}
