package fakeoc

import (
	"slices"

	"coopcloud.tech/goodstanding/internal/instant"
)

var orderFields = fields{
	"id":          plain(func(o *Order) any { return &o.ID }),
	"publicId":    plain(func(o *Order) any { return &o.PublicID }),
	"legacyId":    plain(func(o *Order) any { return o.LegacyID }),
	"description": plain(func(o *Order) any { return word(&o.Description) }),
	"quantity":    plain(func(o *Order) any { return o.Quantity }),
	"amount":      plain(func(o *Order) any { return &amount{o.Amount(), false, o.Currency} }),
	"totalAmount": plain(func(o *Order) any { return &amount{o.Total, false, o.Currency} }),
	"taxAmount": plain(func(o *Order) any {
		if o.Tax == 0 {
			return nil
		}
		return &amount{o.Tax, false, o.Currency}
	}),
	"platformTipAmount": plain(func(o *Order) any { return &amount{o.Tip, o.NoTip, o.Currency} }),
	"status":            plain(func(o *Order) any { return &o.Status }),
	"frequency":         plain(func(o *Order) any { return o.Frequency() }),
	"nextChargeDate":    plain(func(o *Order) any { return moment(o.next()) }),
	"lastChargedAt":     plain(func(o *Order) any { return moment(o.charged()) }),
	"createdAt":         plain(func(o *Order) any { return moment(&o.Created) }),
	"updatedAt":         plain(func(o *Order) any { return moment(&o.Updated) }),
	"processedAt":       plain(func(o *Order) any { return moment(&o.Processed) }),
	"tier": plain(func(o *Order) any {
		if o.Tier == nil || o.Tier.Deleted {
			return nil
		}
		return o.Tier
	}),
	"fromAccount":      of(func(x *run, o *Order, _ given) (any, error) { return x.shown(o.From) }),
	"createdByAccount": of(func(x *run, o *Order, _ given) (any, error) { return x.shown(o.From) }),
	"toAccount":        of(func(x *run, o *Order, _ given) (any, error) { return x.shown(o.To) }),
	"transactions":     seeing(func(x *run, o *Order) any { return items(x.sums().rows[o]) }),
	"totalContributed": seeing(func(x *run, o *Order) any { return x.contributed(o) }),
	"totalDonations":   seeing(func(x *run, o *Order) any { return x.donated(o.From, o.To) }),
	"paymentMethod": plain(func(o *Order) any {
		if o.Service == "" {
			return nil
		}
		return o
	}),
	"membership": seeing(func(x *run, o *Order) any {
		for _, m := range x.members {
			if m.Role == "BACKER" && m.Account == o.From && m.Of == o.To && m.Tier == o.Tier {
				return listed{Membership: m, shown: m.Of}
			}
		}
		return nil
	}),
	"activities": seeing(func(x *run, o *Order) any {
		p := &page{limit: 100}
		if x.administers(x.viewer(), o.To) || x.administers(x.viewer(), o.From) {
			all := slices.DeleteFunc(slices.Clone(x.World.activities), func(a *Activity) bool { return a.Order != o })
			p.total, p.nodes = len(all), func() []any { return items(all) }
		}
		return p
	}),
}

// methodFields are of the payment method, which the world keeps in the order.
var methodFields = fields{
	"service": plain(func(o *Order) any { return &o.Service }),
	"type":    plain(func(o *Order) any { return word(&o.Method) }),
}

// never is no instant.
var never instant.Instant

// next is the next charge's date; 0 for none.
func (o *Order) next() *instant.Instant {
	if o.Subscription == nil {
		return &never
	}
	return &o.Subscription.NextCharge
}

// charged is when it was last charged; 0 for never, or for what does not recur.
func (o *Order) charged() *instant.Instant {
	if o.Subscription == nil {
		return &never
	}
	return &o.Subscription.LastCharged
}

// orderBy finds an order by reference; one whose payer is gone is still found.
func (x *run) orderBy(ref given) (any, error) {
	id, legacy := ref.text("id"), ref.number("legacyId")
	for _, o := range x.orders {
		if id != "" && (o.ID == id || o.PublicID == id) || id == "" && legacy != 0 && o.LegacyID == legacy {
			return o, nil
		}
	}
	return nil, notFound("Order")
}
