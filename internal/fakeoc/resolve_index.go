package fakeoc

// index is what one answer needs to know of the whole world, found out at most
// once per answer.
type index struct {
	backing map[*Account]bool
	rows    map[*Order][]*Transaction
	paid    map[[2]*Account]amount
}

// private is World.seesPrivate for many accounts.
func (i *index) private(x *run, a *Account) bool {
	viewer := x.viewer()
	if viewer == nil {
		return false
	}
	if i.backing == nil {
		i.backing = map[*Account]bool{}
		ours := map[*Account]bool{}
		for _, m := range x.members {
			mine, known := ours[m.Of]
			if !known {
				mine = x.administers(viewer, m.Of)
				ours[m.Of] = mine
			}
			if mine && m.Role != "FOLLOWER" {
				i.backing[m.Account] = true
			}
		}
	}
	return i.backing[a] || x.administers(viewer, a)
}

// of are an order's transactions.
func (i *index) of(x *run, o *Order) []*Transaction {
	if i.rows == nil {
		i.rows = map[*Order][]*Transaction{}
		for _, t := range x.transactions {
			i.rows[t.Order] = append(i.rows[t.Order], t)
		}
	}
	return i.rows[o]
}

// counts says whether a row is money that came and stayed.
func (t *Transaction) counts() bool {
	return t.Type == "CREDIT" && !t.IsRefund && t.Refund == nil && (t.Kind == "CONTRIBUTION" || t.Kind == "ADDED_FUNDS")
}

// contributed is what an order brought in; null when it never did.
func (i *index) contributed(x *run, o *Order) *amount {
	sum := &amount{none: true, currency: o.Currency}
	for _, t := range i.of(x, o) {
		if t.counts() {
			sum.cents, sum.none = sum.cents+t.Amount, false
		}
	}
	return sum
}

// donated is what a payer ever gave to an account, over all orders.
func (i *index) donated(x *run, from, to *Account) *amount {
	if i.paid == nil {
		i.paid = map[[2]*Account]amount{}
		for _, t := range x.transactions {
			if t.counts() && t.Opposite != nil {
				pair := [2]*Account{t.Opposite, t.Account}
				i.paid[pair] = amount{cents: i.paid[pair].cents + t.Amount}
			}
		}
	}
	sum := i.paid[[2]*Account{from, to}]
	sum.currency = currencyOf(to).(string)
	return &sum
}
