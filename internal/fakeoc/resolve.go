package fakeoc

import (
	"fmt"

	"coopcloud.tech/goodstanding/internal/instant"
)

// amount is minor units of a currency; without cents the number is null.
type amount struct {
	cents    *int64
	currency string
}

func money(cents int64, currency string) *amount { return &amount{&cents, currency} }

// listed is a page of a list. A nil nodes is null.
type listed struct {
	total, limit, offset int
	nodes                []any
}

// paymentMethod is how an order is paid.
type paymentMethod struct{ service, kind string }

// resolve is the value of one field of an object.
func (e *execution) resolve(of any, field string, args map[string]any) (any, error) {
	switch v := of.(type) {
	case *Account:
		return e.ofAccount(v, field, args)
	case *Order:
		return e.ofOrder(v, field)
	case *Transaction:
		return e.ofTransaction(v, field)
	case *Tier:
		return e.ofTier(v, field), nil
	case *Membership:
		return e.ofMembership(v, field)
	case *Activity:
		return e.ofActivity(v, field)
	case *amount:
		return v.field(field), nil
	case *listed:
		return v.field(field), nil
	case *paymentMethod:
		if field == "service" {
			return v.service, nil
		}
		return v.kind, nil
	}
	return e.root(field, args)
}

func (a *amount) field(name string) any {
	switch {
	case name == "currency":
		return a.currency
	case a.cents == nil:
		return nil
	case name == "value":
		return float64(*a.cents) / 100
	}
	return *a.cents
}

func (l *listed) field(name string) any {
	switch name {
	case "totalCount":
		return l.total
	case "limit":
		return l.limit
	case "offset":
		return l.offset
	}
	return l.nodes
}

// root answers the fields of Query.
func (e *execution) root(field string, args map[string]any) (any, error) {
	switch field {
	case "me", "loggedInAccount":
		return e.viewer, nil
	case "account", "collective", "organization", "individual":
		return e.accountRoot(field, args)
	case "order":
		ref, _ := args["order"].(map[string]any)
		for _, o := range e.w.orders {
			if refers(ref, o.ID, o.PublicID, o.LegacyID, "") && !o.From.Deleted {
				return o, nil
			}
		}
		return nil, &fault{"NotFound", "Order Not Found"}
	case "orders":
		ref, given := args["account"].(map[string]any)
		var of *Account
		if given {
			if of = e.referred(ref); of == nil {
				return nil, &fault{"NotFound", "Account Not Found"}
			}
		}
		return e.orders(of, args)
	case "transactions":
		return e.transactionsRoot(args)
	case "activities":
		return e.activities(args)
	}
	return nil, internal("not known: " + field)
}

// accountRoot finds one account. A wrong type is as good as none.
func (e *execution) accountRoot(field string, args map[string]any) (any, error) {
	id, slug := text1(args, "id"), text1(args, "slug")
	var a *Account
	if id != "" {
		a = e.byID(id)
	} else if slug != "" {
		a = e.w.find(slug)
	} else {
		return nil, internal("Please provide an id or a slug")
	}
	wanted := map[string]string{"collective": "Collective", "organization": "Organization", "individual": "Individual"}[field]
	if a != nil && wanted != "" && typeName(a) != wanted {
		return nil, &fault{"NotFound", wanted + " Not Found"}
	}
	if a != nil {
		return a, nil
	}
	if args["throwIfMissing"] == false {
		return nil, nil
	}
	if id != "" {
		return nil, internal("No collective found with id " + id)
	}
	return nil, internal("No collective found with slug " + slug)
}

func (e *execution) byID(id string) *Account {
	for _, a := range e.w.accounts {
		if !a.Deleted && (a.ID == id || a.PublicID == id) {
			return a
		}
	}
	return nil
}

// refers says whether a reference input means the thing.
func refers(ref map[string]any, id, public string, legacy int64, slug string) bool {
	if want := text1(ref, "id"); want != "" {
		return want == id || want == public
	}
	if n, ok := whole(ref["legacyId"]); ok {
		return int64(n) == legacy
	}
	return slug != "" && text1(ref, "slug") == slug
}

func (e *execution) referred(ref map[string]any) *Account {
	if slug := text1(ref, "slug"); slug != "" {
		return e.w.find(slug)
	}
	for _, a := range e.w.accounts {
		if !a.Deleted && refers(ref, a.ID, a.PublicID, a.LegacyID, "") {
			return a
		}
	}
	return nil
}

// text1 is an argument that is a text.
func text1(args map[string]any, name string) string {
	s, _ := args[name].(string)
	return s
}

// whole is an argument that is a whole number.
func whole(v any) (int, bool) {
	switch n := v.(type) {
	case int64:
		return int(n), true
	case int:
		return n, true
	case float64:
		return int(n), true
	case interface{ Int64() (int64, error) }:
		i, err := n.Int64()
		return int(i), err == nil
	}
	return 0, false
}

// shown is an account that may be private to the viewer.
func (e *execution) shown(a *Account) (any, error) {
	switch {
	case a == nil || a.Deleted:
		return nil, nil
	case !e.w.mayView(e.viewer, a):
		return nil, &fault{"Forbidden", "This account is private. You must be a member to view it."}
	}
	return a, nil
}

func (e *execution) ofAccount(a *Account, field string, args map[string]any) (any, error) {
	switch field {
	case "id":
		return a.ID, nil
	case "publicId":
		return a.PublicID, nil
	case "legacyId":
		return a.LegacyID, nil
	case "slug":
		return a.Slug, nil
	case "name":
		return a.Name, nil
	case "type":
		return a.Type, nil
	case "currency":
		return a.Currency, nil
	case "createdAt", "updatedAt":
		return a.Created, nil
	case "emails", "email":
		return e.emails(a, field), nil
	case "members":
		return e.members(a, args)
	case "orders":
		return e.orders(a, args)
	case "transactions":
		return e.transactions([]*Account{a}, args)
	case "tiers":
		return e.tiers(a), nil
	case "host":
		return a.Host, nil
	case "parent":
		return a.Parent, nil
	case "childrenAccounts":
		return e.children(a), nil
	case "legalName", "website", "imageUrl":
		return nil, nil
	}
	return e.flag(a, field)
}

func (e *execution) flag(a *Account, field string) (any, error) {
	switch field {
	case "isIncognito":
		return a.Incognito, nil
	case "isPrivate":
		return a.Private, nil
	case "isArchived":
		return a.Archived, nil
	case "isFrozen":
		return a.Frozen, nil
	case "isSuspended":
		return a.Suspended, nil
	case "isActive":
		return a.Active, nil
	case "isApproved":
		return a.Approved, nil
	case "isAdmin":
		return e.w.administers(e.viewer, a), nil
	case "isGuest":
		return a.Guest, nil
	case "isHost":
		for _, c := range e.w.accounts {
			if c.Host == a {
				return true, nil
			}
		}
		return false, nil
	}
	return nil, internal("not known: " + field)
}

// emails are null for who may not see them, and none for who has none.
func (e *execution) emails(a *Account, field string) any {
	if !e.w.seesPrivate(e.viewer, a) {
		return nil
	}
	if field == "email" {
		if len(a.Emails) == 0 {
			return nil
		}
		return a.Emails[0]
	}
	out := []any{}
	for _, m := range a.Emails {
		out = append(out, m)
	}
	return out
}

func (e *execution) ofOrder(o *Order, field string) (any, error) {
	switch field {
	case "id":
		return o.ID, nil
	case "publicId":
		return o.PublicID, nil
	case "legacyId":
		return o.LegacyID, nil
	case "status":
		return o.Status, nil
	case "frequency":
		return o.Frequency(), nil
	case "description":
		return o.Description, nil
	case "quantity":
		return o.Quantity, nil
	case "tier":
		return o.Tier, nil
	case "fromAccount", "createdByAccount":
		return e.shown(o.From)
	case "toAccount":
		return e.shown(o.To)
	case "paymentMethod":
		if o.Service == "" {
			return nil, nil
		}
		return &paymentMethod{o.Service, o.Method}, nil
	case "transactions":
		return e.transactionsOf(o), nil
	case "activities":
		return &listed{nodes: []any{}}, nil
	case "membership":
		return nil, nil
	}
	if v, ok := e.orderDate(o, field); ok {
		return v, nil
	}
	return e.orderMoney(o, field)
}

func (e *execution) orderDate(o *Order, field string) (any, bool) {
	var s Subscription
	if o.Subscription != nil {
		s = *o.Subscription
	}
	at, ok := map[string]instant.Instant{
		"createdAt": o.Created, "updatedAt": o.Updated, "processedAt": o.Processed,
		"nextChargeDate": s.NextCharge, "lastChargedAt": s.LastCharged,
	}[field]
	return at, ok
}

func (e *execution) orderMoney(o *Order, field string) (any, error) {
	switch field {
	case "amount":
		return money(o.Amount(), o.Currency), nil
	case "totalAmount":
		return money(o.Total, o.Currency), nil
	case "taxAmount":
		if o.Tax == 0 {
			return nil, nil
		}
		return money(o.Tax, o.Currency), nil
	case "platformTipAmount":
		if o.NoTip {
			return &amount{nil, o.Currency}, nil
		}
		return money(o.Tip, o.Currency), nil
	case "totalContributed":
		if n := e.contributed(o); n != 0 {
			return money(n, o.Currency), nil
		}
		return &amount{nil, o.Currency}, nil
	case "totalDonations":
		n := int64(0)
		for _, other := range e.w.orders {
			if other.From == o.From && other.To == o.To {
				n += e.contributed(other)
			}
		}
		return money(n, o.Currency), nil
	}
	return nil, internal("not known: " + field)
}

// contributed is what was paid on an order and not given back.
func (e *execution) contributed(o *Order) int64 {
	if e.sums == nil {
		e.sums = map[*Order]int64{}
		for _, t := range e.w.transactions {
			if t.Type == "CREDIT" && !t.IsRefund && t.Refund == nil {
				e.sums[t.Order] += t.Amount
			}
		}
	}
	return e.sums[o]
}

func (e *execution) ofTransaction(t *Transaction, field string) (any, error) {
	switch field {
	case "id":
		return t.ID, nil
	case "legacyId":
		return t.LegacyID, nil
	case "group":
		return t.Group, nil
	case "type":
		return t.Type, nil
	case "kind":
		return t.Kind, nil
	case "createdAt":
		return t.Created, nil
	case "clearedAt":
		return t.Cleared, nil
	case "isRefund":
		return t.IsRefund, nil
	case "isRefunded":
		return t.Refund != nil && !t.IsRefund, nil
	case "isDisputed":
		return t.Disputed, nil
	case "isInReview":
		return t.InReview, nil
	case "refundKind":
		if t.RefundKind == "" {
			return nil, nil
		}
		return t.RefundKind, nil
	case "refundTransaction":
		return t.Refund, nil
	case "amount":
		return money(t.Amount, t.Currency), nil
	case "order":
		return t.Order, nil
	case "account", "toAccount":
		return e.shown(t.Account)
	case "oppositeAccount", "fromAccount":
		return e.shown(t.Opposite)
	}
	return nil, internal("not known: " + field)
}

func (e *execution) ofTier(t *Tier, field string) any {
	switch field {
	case "id", "publicId":
		return t.ID
	case "legacyId":
		return t.LegacyID
	case "slug":
		return t.Slug
	case "name":
		return t.Name
	case "type":
		return t.Type
	case "frequency":
		return t.Frequency
	case "interval":
		return map[string]any{"MONTHLY": "month", "YEARLY": "year", "FLEXIBLE": "flexible"}[t.Frequency]
	case "amountType":
		if t.Frequency == "FLEXIBLE" {
			return "FLEXIBLE"
		}
		return "FIXED"
	}
	return money(t.Amount, t.Currency)
}

func (e *execution) ofMembership(m *Membership, field string) (any, error) {
	switch field {
	case "id":
		return m.ID, nil
	case "publicId":
		return m.PublicID, nil
	case "role":
		return m.Role, nil
	case "tier":
		return m.Tier, nil
	case "since", "createdAt", "updatedAt":
		return m.Since, nil
	case "isActive":
		return true, nil
	case "inherited":
		return false, nil
	case "publicMessage", "description":
		return nil, nil
	case "totalDonations":
		n := int64(0)
		for _, o := range e.w.orders {
			if o.From == m.Account && o.To == m.Of {
				n += e.contributed(o)
			}
		}
		return money(n, m.Of.Currency), nil
	case "account":
		if m.Account.Incognito && !e.w.administers(e.viewer, m.Of) {
			return nil, nil
		}
		return e.shown(m.Account)
	}
	return nil, internal("not known: " + field)
}

func (e *execution) ofActivity(a *Activity, field string) (any, error) {
	switch field {
	case "id":
		return a.ID, nil
	case "type":
		return a.Type, nil
	case "createdAt":
		return a.Created, nil
	case "isSystem":
		return a.System, nil
	case "fromAccount":
		return e.shown(a.From)
	case "account":
		return e.shown(a.Of)
	case "order":
		return a.Order, nil
	case "data":
		return map[string]any{}, nil
	}
	return nil, internal("not known: " + field)
}

// errorID names an error; it does not touch the world's own numbers.
func (w *World) errorID(n int) string {
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", uint32(w.now), uint16(w.now>>32), n&0xfff, len(w.orders)&0xfff, n)
}
