package fakeoc

import "sync"

// private is World.seesPrivate for many accounts.
func (x *run) private(a *Account) bool {
	viewer := x.viewer()
	if viewer == nil {
		return false
	}
	s := x.sums()
	s.viewing.Lock()
	defer s.viewing.Unlock()
	backing := s.backing[viewer]
	if backing == nil {
		backing = x.backers(viewer)
		s.backing[viewer] = backing
	}
	return backing[a] || x.administers(viewer, a)
}

// backers are those who are a member, in any role but follower, of what the viewer
// administers.
func (w *World) backers(viewer *Account) map[*Account]bool {
	backing, ours := map[*Account]bool{}, map[*Account]bool{}
	for _, m := range w.members {
		mine, known := ours[m.Of]
		if !known {
			mine = w.administers(viewer, m.Of)
			ours[m.Of] = mine
		}
		if mine && m.Role != "FOLLOWER" {
			backing[m.Account] = true
		}
	}
	return backing
}

// sums are what answers need to know of the whole ledger and of all memberships.
// They are made by the first answer that needs them and hold until something
// happens in the world, which only World.changing lets happen.
type sums struct {
	rows map[*Order][]*Transaction
	paid map[[2]*Account]amount

	viewing sync.Mutex
	backing map[*Account]map[*Account]bool // by who asks
}

// sums are those of the world as it is; the caller holds its lock.
func (w *World) sums() *sums {
	w.summing.Lock() // several answers at once hold the world's lock for reading
	defer w.summing.Unlock()
	if w.summed == nil {
		w.summed = &sums{rows: map[*Order][]*Transaction{}, paid: map[[2]*Account]amount{}, backing: map[*Account]map[*Account]bool{}}
		for _, t := range w.transactions {
			w.summed.add(t)
		}
	}
	return w.summed
}

func (s *sums) add(t *Transaction) {
	s.rows[t.Order] = append(s.rows[t.Order], t)
	if t.counts() && t.Opposite != nil {
		pair := [2]*Account{t.Opposite, t.Account}
		s.paid[pair] = amount{cents: s.paid[pair].cents + t.Amount}
	}
}

// changing takes the world's lock for whoever changes something; what it returns
// gives it back.
func (w *World) changing() (done func()) {
	w.mu.Lock()
	w.summed = nil
	return w.mu.Unlock
}

// counts says whether a row is money that came and stayed.
func (t *Transaction) counts() bool {
	return t.Type == "CREDIT" && !t.IsRefund && t.Refund == nil && (t.Kind == "CONTRIBUTION" || t.Kind == "ADDED_FUNDS")
}

// contributed is what an order brought in; null when it never did.
func (w *World) contributed(o *Order) *amount {
	sum := &amount{none: true, currency: o.Currency}
	for _, t := range w.sums().rows[o] {
		if t.counts() {
			sum.cents, sum.none = sum.cents+t.Amount, false
		}
	}
	return sum
}

// donated is what a payer ever gave to an account, over all orders.
func (w *World) donated(from, to *Account) *amount {
	sum := w.sums().paid[[2]*Account{from, to}]
	sum.currency = currencyOf(to).(string)
	return &sum
}
