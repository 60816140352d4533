package roll

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/store"
)

// PaymentEntry is money that a treasurer enters (domain.md, section 2, "Entered
// payments"). What it pays for is the treasurer's word: so many Months from
// From (0: the day of Received), or the whole calendar months From to To.
type PaymentEntry struct {
	Member member.ID
	// Amount is weighed over the months; with Charge none is the charge's own.
	Amount money.Money
	// Received is when the money came; with Charge 0 is the charge's instant.
	Received instant.Instant
	Months   int
	From, To instant.Instant
	// Charge is the id of a charge that the rules ignore and that this entry
	// lets count as dues; "" for money from elsewhere.
	Charge string
	// Reference is the bank's or the list's own; one seen before is refused.
	Reference string
}

// Pay enters a payment and returns its id. It is for treasurers and the
// operator.
func (r *Roll) Pay(ctx context.Context, by By, p PaymentEntry) (string, Report, error) {
	id := r.newID("pay")
	report, err := r.enter(ctx, by, actionPay, "enter the payment", string(p.Member), func(a *act) error {
		if !a.keeper() {
			return nil
		}
		t, err := a.till(ctx)
		if err != nil {
			return err
		}
		row, err := t.check(ctx, p, &a.reasons)
		if err != nil || a.refused() {
			return err
		}
		row.ID, row.By = id, a.author
		a.own(p.Member)
		tellPayment(a.payload, row)
		return a.tx.AddPayments(ctx, row)
	})
	if err != nil {
		return "", Report{}, err
	}
	return id, report, nil
}

// tellPayment notes in the audit chain what was entered; the amount stands
// with the payment itself.
func tellPayment(payload map[string]any, p store.PaymentRow) {
	payload["payment"], payload["received"] = p.ID, p.Received
	payload["from"], payload["until"], payload["months"] = p.From, p.Until, p.Months
	if p.Charge != "" {
		payload["charge"] = p.Charge
	}
}

// UndoPayment reverses an entered payment: it is as if it had not been entered.
// It is for treasurers and the operator.
func (r *Roll) UndoPayment(ctx context.Context, by By, payment string) (Report, error) {
	return r.UndoPaymentOf(ctx, by, "", payment)
}

// UndoPaymentOf is UndoPayment for whoever has said whose payment it is: one that
// was entered for another member is refused. "" is whoever it was entered for.
func (r *Roll) UndoPaymentOf(ctx context.Context, by By, of member.ID, payment string) (Report, error) {
	return r.enter(ctx, by, actionUndoPayment, "undo the payment", payment, func(a *act) error {
		if !a.keeper() {
			return nil
		}
		entered, err := a.tx.Payments(ctx, "")
		if err != nil {
			return err
		}
		i := slices.IndexFunc(entered, func(p store.PaymentState) bool { return p.ID == payment })
		switch {
		case i < 0:
			a.refuse("there is no entered payment %q; explain MEMBER lists them", shorten(payment))
		case of != "" && entered[i].Member != of:
			a.refuse("that payment was entered for %s, not for %s", a.handle(entered[i].Member), a.handle(of))
		case entered[i].Undone:
			a.refuse("it was undone already")
		}
		if a.refused() {
			return nil
		}
		a.own(entered[i].Member)
		a.payload["member"] = entered[i].Member
		return a.tx.UndoPayments(ctx, store.PaymentUndo{Payment: payment, By: a.author})
	})
}

// till is what a payment is checked against. What one change enters before is
// part of it.
type till struct {
	a        *act
	payments []store.PaymentState
	charges  map[string]store.ChargeRow
	refunds  map[string]store.RefundRow // by charge
	rules    *rules
	seen     map[string]bool // references entered by this change
}

func (a *act) till(ctx context.Context) (*till, error) {
	t := &till{a: a, refunds: map[string]store.RefundRow{}, seen: map[string]bool{}}
	var err error
	if t.payments, err = a.tx.Payments(ctx, ""); err != nil {
		return nil, err
	}
	if t.charges, err = a.tx.Charges(ctx); err != nil {
		return nil, err
	}
	refunds, err := a.tx.Refunds(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range refunds {
		t.refunds[f.Charge] = f
	}
	t.rules, err = a.r.rulesOf(ctx, a.tx)
	return t, err
}

// check says everything that is wrong with a payment, or gives its row.
func (t *till) check(ctx context.Context, p PaymentEntry, why *reasons) (store.PaymentRow, error) {
	t.checkMember(p, why)
	return t.checkRest(ctx, p, why)
}

// checkRest is check for a payment whose member is known, or known to be wrong.
func (t *till) checkRest(ctx context.Context, p PaymentEntry, why *reasons) (store.PaymentRow, error) {
	p.Charge, p.Reference = strings.TrimSpace(p.Charge), strings.TrimSpace(p.Reference)
	before := len(*why)
	if p.Charge != "" {
		if err := t.accept(ctx, &p, why); err != nil {
			return store.PaymentRow{}, err
		}
	}
	t.checkMoney(p, why)
	span := p.span(why)
	if err := t.checkReference(ctx, p.Reference, why); err != nil {
		return store.PaymentRow{}, err
	}
	row := store.PaymentRow{Member: p.Member, Amount: p.Amount, Months: span.months, From: span.from, Until: span.until,
		Received: p.Received, Charge: p.Charge, Reference: p.Reference}
	if len(*why) == before {
		t.checkTwin(row, why)
	}
	if len(*why) == before {
		t.payments = append(t.payments, store.PaymentState{PaymentRow: row})
		t.seen[p.Reference] = p.Reference != ""
	}
	return row, nil
}

func (t *till) checkMember(p PaymentEntry, why *reasons) {
	switch m, ok := t.a.info(p.Member); {
	case !ok:
		why.refuse("there is no member %q", p.Member)
	case m.MergedInto != "":
		why.refuse("%s was merged into %s: name that one", t.a.handle(p.Member), t.a.handle(m.MergedInto))
	case erased(m):
		why.refuse("%s was erased: who comes back is added anew (members add)", p.Member)
	}
}

func (t *till) checkMoney(p PaymentEntry, why *reasons) {
	switch {
	case p.Amount.Currency.IsZero():
		why.refuse("an amount is needed: write it as GBP 120.00")
	case p.Amount.Minor <= 0:
		why.refuse("the amount must be more than nothing")
	case p.Amount.Minor > money.MaxMinor:
		why.refuse("the amount is too large to be meant")
	}
	why.refuseAll(dateFaults("the day on which it was received", p.Received))
	switch {
	case p.Received == 0:
		why.refuse("the day on which it was received is needed")
	case p.Received > t.a.now:
		why.refuse("it is said to be received on %s, which is yet to come", t.a.date(p.Received))
	}
}

func (t *till) checkReference(ctx context.Context, reference string, why *reasons) error {
	why.refuseAll(nameFaults("the reference", reference))
	if reference == "" {
		return nil
	}
	was, seen, err := t.a.tx.PaymentByReference(ctx, reference)
	switch {
	case seen:
		why.refuse("%s", (&store.ReferenceSeen{Payment: was.ID, Undone: was.Undone}).Error())
	case t.seen[reference]:
		why.refuse("the same reference stands twice")
	}
	return err
}

// checkTwin refuses what looks like a payment entered twice; a reference tells
// two equal payments apart.
func (t *till) checkTwin(row store.PaymentRow, why *reasons) {
	if row.Reference != "" {
		return
	}
	for _, p := range t.payments {
		if !p.Undone && p.Member == row.Member && p.Amount == row.Amount && p.Received == row.Received && p.From == row.From && p.Until == row.Until {
			why.refuse("the same payment was entered already (%s): if it is another, give it a reference", cmp.Or(p.ID, "in this list"))
		}
	}
}
