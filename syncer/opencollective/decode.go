package opencollective

import (
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// page is one answer of a list.
type page[T any] struct {
	total int // rows that match this request
	grand int // rows that match without its starting point
	rows  []T
}

// decodePage reads a list under root. A continuation also carries the number of
// all rows, under the alias "grand". The rows lie in the memory of those of an earlier
// page, if any; there are at most so many.
func decodePage[T any](r *reply, root string, continued bool, row func(*node) T, over []T, atMost int) (page[T], error) {
	rd := &reader{op: r.op}
	top := r.top(rd, root)
	p := page[T]{total: top.count("totalCount"), rows: over[:0]}
	p.grand = p.total
	if continued {
		p.grand = r.top(rd, "grand").count("totalCount")
	}
	if n := min(p.total, atMost); n > cap(p.rows) {
		p.rows = make([]T, 0, n)
	}
	top.each("nodes", func(n *node) { p.rows = append(p.rows, row(n)) })
	return p, rd.err()
}

// decodeOrder reads an order, its members in the order in which they are asked for.
func decodeOrder(n *node) Order {
	o := Order{
		ID:        n.id("id"),
		PublicID:  n.id("publicId"),
		LegacyID:  n.whole("legacyId"),
		Status:    n.word("status"),
		Frequency: n.word("frequency"),
	}
	n.mayBeText("description")
	o.Created = n.at("createdAt")
	o.Updated = n.atOrNever("updatedAt")
	o.Processed = n.atOrNever("processedAt")
	o.LastCharged = n.atOrNever("lastChargedAt")
	o.NextCharge = n.atOrNever("nextChargeDate")
	o.Amount = n.amount("amount")
	o.Total = n.amount("totalAmount")
	o.Tax = n.amountOrNull("taxAmount")
	o.Tip = n.amountOrNull("platformTipAmount")
	n.amountOrNull("totalContributed")
	o.Tier = decodeTier(n.maybe("tier"))
	o.Payer = decodePayer(n.maybe("fromAccount"))
	to := n.object("toAccount")
	o.ToAccount, o.ToSlug = member.AccountID(to.commonID("id")), to.word("slug")
	if o.Amount.Minor < 0 {
		n.object("amount").fail("valueInCents", "is negative on an order")
	}
	if !n.get("quantity").null() {
		o.Quantity = n.whole("quantity")
	}
	if p := n.maybe("paymentMethod"); p != nil {
		o.Service, o.Method = p.word("service"), p.word("type")
	}
	return o
}

// decodeTier reads a tier's id.
func decodeTier(n *node) string {
	if n == nil {
		return ""
	}
	id := n.commonID("id")
	for _, key := range []string{"slug", "name", "type", "frequency"} {
		n.mayBeText(key)
	}
	return id
}

func decodePayer(n *node) Account {
	if n == nil {
		return Account{}
	}
	return decodeAccount(n)
}

// decodeAccount reads a profile; isGuest is there for individuals only, and not
// in every query.
func decodeAccount(n *node) Account {
	a := Account{
		ID:        member.AccountID(n.id("id")),
		PublicID:  n.id("publicId"),
		LegacyID:  n.whole("legacyId"),
		Slug:      n.slug("slug"),
		Name:      n.text("name"),
		Type:      n.word("type"),
		Incognito: n.sure("isIncognito"),
		Archived:  n.sure("isArchived"),
		Suspended: n.sure("isSuspended"),
		Emails:    n.strings("emails"),
	}
	if n.has("isGuest") {
		a.Guest = n.flag("isGuest")
	}
	return a
}

// credit is a charge with what it says about its refund.
type credit struct {
	Charge
	isRefund   bool
	refundKind string
	refundID   string
	refundedAt instant.Instant
}

func decodeCredit(n *node) credit {
	var c credit
	c.ID = n.id("id")
	n.mayBeText("group")
	c.Kind = n.word("kind")
	c.Created = n.at("createdAt")
	n.atOrNever("clearedAt")
	c.Amount = n.amount("amount")
	c.Refunded = n.flag("isRefunded")
	c.Disputed = n.flag("isDisputed")
	c.InReview = n.flag("isInReview")
	c.refundKind = n.word("refundKind")
	c.isRefund = n.flag("isRefund")
	if n.word("type") != "CREDIT" {
		n.fail("type", "want CREDIT")
	}
	if c.Amount.Minor < 0 {
		n.object("amount").fail("valueInCents", "is negative on a CREDIT")
	}
	if r := n.maybe("refundTransaction"); r != nil {
		c.refundID, c.refundedAt = r.id("id"), r.at("createdAt")
	}
	if o := n.maybe("order"); o != nil {
		c.Order, c.OrderLegacyID = o.id("id"), o.whole("legacyId")
	}
	if a := n.maybe("oppositeAccount"); a != nil {
		c.Account, c.AccountSlug = member.AccountID(a.id("id")), a.slug("slug")
	}
	return c
}

func decodeRefund(n *node) Refund {
	r := Refund{
		ID:      n.id("id"),
		Created: n.at("createdAt"),
		Kind:    n.word("refundKind"),
		Amount:  Amount{Money: n.amount("amount"), Given: true},
	}
	if r.Amount.Minor > 0 {
		n.object("amount").fail("valueInCents", "is positive on a refund")
	}
	if c := n.maybe("refundTransaction"); c != nil {
		r.Charge = c.id("id")
	}
	if o := n.maybe("order"); o != nil {
		r.Order = o.id("id")
	}
	return r
}

// decodePreflight reads the first answer; mine says whether upstream knows who
// is asking, admin whether that somebody administers the collective.
func decodePreflight(r *reply) (c Collective, mine, admin bool, err error) {
	rd := &reader{op: r.op}
	me := r.node(rd).maybe("me")
	n := r.top(rd, "account")
	c = Collective{
		ID:        member.AccountID(n.id("id")),
		PublicID:  n.id("publicId"),
		LegacyID:  n.whole("legacyId"),
		Slug:      n.slug("slug"),
		Name:      n.text("name"),
		Type:      n.word("type"),
		Currency:  n.currency("currency"),
		Active:    n.flag("isActive"),
		Archived:  n.sure("isArchived"),
		Frozen:    n.sure("isFrozen"),
		Suspended: n.sure("isSuspended"),
	}
	if n.has("isApproved") {
		c.Approved = n.flag("isApproved")
	}
	if n.has("host") {
		h := n.object("host")
		c.HostID, c.HostSlug = member.AccountID(h.id("id")), h.slug("slug")
	}
	return c, me != nil, n.sure("isAdmin"), rd.err()
}
