package fakeoc

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

var transactionFields = fields{
	"id":         plain(func(t *Transaction) any { return &t.ID }),
	"legacyId":   plain(func(t *Transaction) any { return t.LegacyID }),
	"group":      plain(func(t *Transaction) any { return &t.Group }),
	"type":       plain(func(t *Transaction) any { return &t.Type }),
	"kind":       plain(func(t *Transaction) any { return word(&t.Kind) }),
	"refundKind": plain(func(t *Transaction) any { return word(&t.RefundKind) }),
	"amount":     plain(func(t *Transaction) any { return &amount{t.Amount, false, t.Currency} }),
	"createdAt":  plain(func(t *Transaction) any { return moment(&t.Created) }),
	"clearedAt":  plain(func(t *Transaction) any { return moment(&t.Cleared) }),
	"isRefund":   plain(func(t *Transaction) any { return t.IsRefund }),
	"isRefunded": plain(func(t *Transaction) any { return !t.IsRefund && t.Refund != nil }),
	"isDisputed": plain(func(t *Transaction) any { return t.Disputed }),
	"isInReview": plain(func(t *Transaction) any { return t.InReview }),
	"order": plain(func(t *Transaction) any {
		if t.Order == nil {
			return nil
		}
		return t.Order
	}),
	"refundTransaction": plain(func(t *Transaction) any {
		if t.Refund == nil {
			return nil
		}
		return t.Refund
	}),
	"account":         of(func(x *run, t *Transaction, _ given) (any, error) { return x.shown(t.Account) }),
	"oppositeAccount": of(func(x *run, t *Transaction, _ given) (any, error) { return x.shown(t.Opposite) }),
	"fromAccount":     of(func(x *run, t *Transaction, _ given) (any, error) { return x.shown(t.side("DEBIT")) }),
	"toAccount":       of(func(x *run, t *Transaction, _ given) (any, error) { return x.shown(t.side("CREDIT")) }),
}

// side is whose money it was (DEBIT) or became (CREDIT).
func (t *Transaction) side(kind string) *Account {
	if t.Type == kind {
		return t.Account
	}
	return t.Opposite
}

// rootTransactions needs the scope of a token that is sent; the public needs
// none (open-collective.md, section 1.2).
func (x *run) rootTransactions(args given) (any, error) {
	var accounts []*Account
	for _, ref := range args.list("account") {
		m, _ := ref.(map[string]any)
		a, err := x.refer(m)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, a)
	}
	return x.transactionsOf(accounts, args)
}

// transactionsOf lists the ledger of accounts; of everybody where none is named.
func (x *run) transactionsOf(accounts []*Account, args given) (any, error) {
	if err := x.scoped("transactions"); err != nil {
		return nil, err
	}
	if err := tooMany(args, 10000, "10,000 transactions"); err != nil {
		return nil, err
	}
	if args.yes("includeChildrenTransactions") {
		for _, a := range slices.Clone(accounts) {
			accounts = append(accounts, x.children(a)...)
		}
	}
	f, err := x.transactionFilter(args)
	if err != nil {
		return nil, err
	}
	var rows []*Transaction
	for _, t := range x.transactions {
		if (len(accounts) == 0 || slices.Contains(accounts, t.Account)) && f.dated(t) && f.matches(t) {
			rows = append(rows, t)
		}
	}
	p := pageOf(rows, args)
	p.nodes = func() []any {
		sorted(rows, args.object("orderBy"), args, func(t *Transaction) instant.Instant { return t.Created },
			func(t *Transaction) int64 { return t.LegacyID })
		return items(cut(rows, args))
	}
	return p, nil
}

// transactionFilter is what is asked of each row.
type transactionFilter struct {
	args                      given
	kind                      string // "CREDIT" or "DEBIT"
	kinds                     choice
	order                     *Order
	edited                    bool
	from, to, clears, cleared instant.Instant
}

func (x *run) transactionFilter(args given) (f transactionFilter, err error) {
	f = transactionFilter{args: args, kind: args.text("type"), kinds: args.choice("kind"), edited: args.yes("includeEditedReversedTransactions")}
	for name, into := range map[string]*instant.Instant{
		"dateFrom": &f.from, "dateTo": &f.to, "clearedFrom": &f.clears, "clearedTo": &f.cleared,
	} {
		if *into, err = args.at(name); err != nil {
			return f, err
		}
	}
	if ref := args.object("order"); ref != nil {
		o, err := x.orderBy(ref)
		if err != nil {
			return f, err
		}
		f.order = o.(*Order)
	}
	return f, nil
}

func (f *transactionFilter) dated(t *Transaction) bool {
	return (f.from == 0 || t.Created >= f.from) && (f.to == 0 || t.Created <= f.to) &&
		(f.clears == 0 || t.Cleared >= f.clears) && (f.cleared == 0 || t.Cleared <= f.cleared)
}

func (f *transactionFilter) matches(t *Transaction) bool {
	if refund, asked := f.args["isRefund"].(bool); asked && t.IsRefund != refund {
		return false
	}
	if has, asked := f.args["hasOrder"].(bool); asked && (t.Order != nil) != has {
		return false
	}
	return (f.kind == "" || t.Type == f.kind) && f.kinds.has(t.Kind) && (f.order == nil || t.Order == f.order) &&
		(f.edited || t.RefundKind != "EDIT")
}
