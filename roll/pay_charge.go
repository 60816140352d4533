package roll

import (
	"context"
	"slices"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// accept checks the charge that a payment lets count as dues (domain.md,
// section 2: one that the rules ignore, once, of the member's own accounts) and
// takes over from it what the entry leaves out.
func (t *till) accept(ctx context.Context, p *PaymentEntry, why *reasons) error {
	c, shown := t.charges[p.Charge]
	if !shown {
		why.refuse("Open Collective has never shown a charge %q", shorten(p.Charge))
		return nil
	}
	if p.Amount == (money.Money{}) {
		p.Amount = c.Amount
	}
	if p.Received == 0 {
		p.Received = c.Created
	}
	if p.Amount.Currency == c.Amount.Currency && p.Amount.Minor > c.Amount.Minor {
		why.refuse("the amount is more than that charge brought")
	}
	for _, other := range t.payments {
		if other.Charge == p.Charge && !other.Undone {
			why.refuse("another payment (%s) lets that charge count already", other.ID)
		}
	}
	if refund, given := t.refunds[p.Charge]; given {
		why.refuse("that charge was given back on %s", t.a.date(refund.At))
	}
	m, ok := t.a.info(p.Member)
	if !ok {
		return nil
	}
	if !slices.ContainsFunc(m.Links, func(l store.LinkState) bool { return l.Account == c.Account && c.Created.In(l.From, l.Until) }) {
		why.refuse("that charge was not paid by an account that was linked to %s then", t.a.handle(m.ID))
		return nil
	}
	return t.ignored(ctx, m.ID, c, why)
}

// ignored refuses a charge that counts by itself. What counts is for the rules
// alone to say, so they are asked about a member with this charge and no other.
func (t *till) ignored(ctx context.Context, id member.ID, c store.ChargeRow, why *reasons) error {
	facts, err := t.a.tx.Facts(ctx, id)
	if err != nil {
		return err
	}
	all := facts[0]
	i := slices.IndexFunc(all.Charges, func(f eligibility.Charge) bool { return f.ID == c.ID })
	if i < 0 || all.Charges[i].FixedKnown == 0 {
		why.refuse("no snapshot has shown yet what that charge belongs to: run sync first")
		return nil
	}
	alone := eligibility.Facts{
		Member: id, Kind: all.Kind, Links: all.Links, Charges: all.Charges[i : i+1], Snapshots: all.Snapshots,
		Membership: []eligibility.MembershipFact{{ID: "alone", Kind: eligibility.Admitted, At: 1}},
	}
	if s := t.rules.policies.Forecast(&alone, c.Created, instant.Max); !s.Covered.Zero() {
		why.refuse("the rules count that charge already")
	}
	return nil
}
