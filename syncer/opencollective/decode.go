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
// page, if any.
func decodePage[T any](r *reply, root string, continued bool, row func(*node) T, over []T) (page[T], error) {
	rd := &reader{op: r.op}
	top := r.top(rd, root)
	p := page[T]{total: top.count("totalCount"), rows: over[:0]}
	p.grand = p.total
	if continued {
		p.grand = r.top(rd, "grand").count("totalCount")
	}
	top.each("nodes", func(n *node) { p.rows = append(p.rows, row(n)) })
	return p, rd.err()
}

func decodeOrder(n *node) Order {
	o := Order{
		ID:          n.id("id"),
		PublicID:    n.id("publicId"),
		LegacyID:    n.whole("legacyId"),
		Status:      n.word("status"),
		Frequency:   n.word("frequency"),
		Description: n.word("description"),
		Created:     n.at("createdAt"),
		Updated:     n.atOrNever("updatedAt"),
		Processed:   n.atOrNever("processedAt"),
		LastCharged: n.atOrNever("lastChargedAt"),
		NextCharge:  n.atOrNever("nextChargeDate"),
		Amount:      n.amount("amount"),
		Total:       n.amount("totalAmount"),
		Tax:         n.amountOrNull("taxAmount"),
		Tip:         n.amountOrNull("platformTipAmount"),
		Contributed: n.amountOrNull("totalContributed"),
		Tier:        decodeTier(n.maybe("tier")),
		Payer:       decodePayer(n.maybe("fromAccount")),
	}
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

func decodeTier(n *node) Tier {
	if n == nil {
		return Tier{}
	}
	return Tier{
		ID:        n.commonID("id"),
		Slug:      n.word("slug"),
		Name:      n.word("name"),
		Type:      n.word("type"),
		Frequency: n.word("frequency"),
	}
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
	refundID   string
	refundedAt instant.Instant
}

func decodeCredit(n *node) credit {
	c := credit{
		Charge: Charge{
			ID:         n.id("id"),
			Group:      n.text("group"),
			Kind:       n.word("kind"),
			Created:    n.at("createdAt"),
			Cleared:    n.atOrNever("clearedAt"),
			Amount:     n.amount("amount"),
			Refunded:   n.flag("isRefunded"),
			Disputed:   n.flag("isDisputed"),
			InReview:   n.flag("isInReview"),
			RefundKind: n.word("refundKind"),
		},
		isRefund: n.flag("isRefund"),
	}
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
