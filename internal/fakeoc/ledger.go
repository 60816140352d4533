package fakeoc

import "coopcloud.tech/goodstanding/internal/instant"

// Payment is money that really moved, as the world itself knows it, whatever it
// answered to whom: what an oracle is fed with. Amounts are minor units.
type Payment struct {
	ID, Order string
	// Payer is the account that pays the order now.
	Payer string
	Kind  string // "CONTRIBUTION" or "ADDED_FUNDS"
	// Interval is that of the order's subscription, "month" or "year"; "" without
	// one, as for a bank debit that came after its order was cancelled.
	Interval string
	// Service is the order's: "STRIPE", "PAYPAL"; "" without a payment method.
	Service  string
	Amount   int64
	Currency string
	At       instant.Instant
	// Until is up to when upstream asks for no more; 0 for what does not recur.
	Until instant.Instant
	// Back is when it was given back; 0 for never.
	Back instant.Instant
}

// Payments are all payments to the collective, in the order they were made.
func (w *World) Payments() []Payment {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []Payment
	c := w.collective()
	for _, t := range w.transactions {
		if t.Type != "CREDIT" || t.IsRefund || t.Account != c {
			continue
		}
		p := Payment{ID: t.ID, Order: t.Order.ID, Service: t.Order.Service, Payer: t.Opposite.ID, Kind: t.Kind,
			Amount: t.Amount, Currency: t.Currency, At: t.Created, Until: t.until}
		if s := t.Order.Subscription; s != nil {
			p.Interval = s.Interval
		}
		if t.Refund != nil {
			p.Back = t.Refund.Created
		}
		out = append(out, p)
	}
	return out
}

// Promise is a contribution as it stands at this moment.
type Promise struct {
	Order, Payer, Slug string
	Service            string
	Status, PausedBy   string
	Processed, Next    instant.Instant
}

// Promises are all contributions to the collective whose payer is there, in the
// order they were made.
func (w *World) Promises() []Promise {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var out []Promise
	c := w.collective()
	for _, o := range w.orders {
		if o.To != c || o.From.Deleted {
			continue
		}
		p := Promise{Order: o.ID, Service: o.Service, Payer: o.From.ID, Slug: o.From.Slug, Status: o.Status, PausedBy: o.PausedBy, Processed: o.Processed}
		if o.Subscription != nil {
			p.Next = o.Subscription.NextCharge
		}
		out = append(out, p)
	}
	return out
}

// AccountID is the id of the account with the slug; "" for none.
func (w *World) AccountID(slug string) string {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if a := w.find(slug); a != nil {
		return a.ID
	}
	return ""
}
