package roll

import (
	"fmt"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/store"
)

// Money that went back, and money that came and does not count.

// aboutCharge begins an entry about one charge that counts for a member.
func (s *sorting) aboutCharge(kind DeskKind, m *standingEntry, c store.ChargeRow) finding {
	f := finding{DeskEntry: DeskEntry{Kind: kind, Member: m.ID, Account: s.ref(c.Account), Charges: []string{c.ID}, Since: c.Created, Amount: &c.Amount},
		subject: []string{c.ID}, rests: []any{m.ID}}
	if c.Contribution != "" {
		f.Contributions = []string{c.Contribution}
	}
	return f
}

// disputes finds charges that are disputed and were not given back: nothing
// happens until a refund comes (domain.md, section 2).
func (s *sorting) disputes() {
	for _, c := range s.charges {
		m, contribution := s.ownerOf(c), s.contributions[c.Contribution]
		ofOrder := eligibility.ParseStatus(contribution.Status) == eligibility.StatusDisputed && s.newest(c.Contribution).ID == c.ID
		if m == nil || s.refunds[c.ID] != nil || !s.flags[c.ID].Disputed && !ofOrder {
			continue
		}
		f := s.aboutCharge(DeskDisputed, m, c)
		if f.Since = s.flags[c.ID].Known; f.Since == 0 {
			f.Since = contribution.Effective
		}
		f.sentence = tell("The charge of %s by %s is disputed.", c.Created, memberWord(m))
		f.action = tell("Nothing changes until it is given back. Ask the member whether it was meant, before the bank decides.")
		f.because = "asked the member"
		s.add(f)
	}
}

// refunded finds every refund of a charge that still paid for dues (domain.md,
// section 2).
func (s *sorting) refunded() {
	for _, c := range s.charges {
		m, list := s.ownerOf(c), s.refunds[c.ID]
		if m == nil || len(list) == 0 || !s.stillPaid(m, c, list[0]) {
			continue
		}
		r := list[0]
		verb, then := tell("was given back"), tell("The dues end there, and the grace begins.")
		if r.Kind == refundRejected {
			verb, then = tell("was rejected and given back"), tell("The dues end there, without a grace.")
		}
		f := s.aboutCharge(DeskRefunded, m, c)
		f.Since, f.rests = r.At, append(f.rests, r.ID)
		f.sentence = tell("The charge of %s by %s %s on %s, while it still paid for dues.", c.Created, memberWord(m), verb, r.At)
		f.action = tell("%s Ask the member why; money that came another way is entered (goodstanding pay).", then)
		f.because = "asked the member"
		s.add(f)
	}
}

// refundRejected is upstream's word for a refund of money that was refused.
const refundRejected = "REJECT"

// stillPaid says that a charge counted when it was given back; of a refund that
// the store's first snapshot brought, that it would still count then.
func (s *sorting) stillPaid(m *standingEntry, c store.ChargeRow, r store.RefundRow) bool {
	at := max(c.Created, r.At-1)
	if r.Snapshot == s.snaps[0].Number {
		at = max(at, s.snaps[0].Start)
	}
	alone := s.alone(m, c, at)
	return !alone.Covered.Zero()
}

// moneyThatCountsNothing finds money of members that the rules give no weight,
// or not all of it: its currency has no minimum, it is one-off or added funds,
// or more than whole months.
func (s *sorting) moneyThatCountsNothing() {
	for _, c := range s.charges {
		m := s.ownerOf(c)
		cover, fixed := s.coverages[c.ID]
		version, ok := s.rules.inForce(c.Created, s.known)
		if m == nil || !fixed || !ok || s.refunds[c.ID] != nil || s.namedBy(c.ID) != nil {
			continue
		}
		p := &version.Eligibility
		switch {
		case !p.HasMinimum(c.Amount.Currency):
			s.wrongCurrency(m, c, cover, p)
		case cover.Interval != eligibility.OneOff && c.Kind != eligibility.AddedFunds:
		default:
			if alone := s.alone(m, c, c.Created); alone.Covered.Zero() {
				s.ignored(m, c, p)
			} else {
				s.leftover(m, c, cover, p)
			}
		}
	}
}

// wrongCurrency tells of the newest charge of a contribution: what came before
// it is history.
func (s *sorting) wrongCurrency(m *standingEntry, c store.ChargeRow, cover store.CoverageRow, p *eligibility.Policy) {
	months := 1
	if cover.Interval == eligibility.Yearly {
		months = 12
	}
	least, ok := s.monthly(p)
	if !ok || c.Contribution != "" && s.newest(c.Contribution).ID != c.ID || !s.wanted(m, c, months) {
		return
	}
	f := s.aboutCharge(DeskWrongCurrency, m, c)
	f.sentence = tell("%s pays in %s, for which the policy names no minimum: it counts nothing.", memberWord(m), c.Amount.Currency)
	f.action = tell("If the charge is worth the dues, let it count for what they are. Else ask the member to pay in %s, or give the policy a minimum in %s.",
		least.Currency, c.Amount.Currency)
	whole := money.Money{Minor: least.Minor * int64(months), Currency: least.Currency}
	f.Remedy = command("pay", memberArg(m), "--charge", c.ID, "--amount", whole.String(), "--months", fmt.Sprint(months),
		"--reason", "paid in "+c.Amount.Currency.String()+", which is worth the dues")
	f.act(DeskAct{Deed: DeskPay, Member: m.ID, Payment: PaymentEntry{Member: m.ID, Charge: c.ID, Amount: whole, Months: months}, Why: "paid in " + c.Amount.Currency.String() + ", which is worth the dues"})
	s.add(f)
}

// ignored tells of money that is enough for a month or more, and that the rules
// ignore because it is one-off or added funds (domain.md, section 2).
func (s *sorting) ignored(m *standingEntry, c store.ChargeRow, p *eligibility.Policy) {
	months := enoughFor(p, c.Amount)
	if months < 1 || !s.wanted(m, c, months) {
		return
	}
	f := s.aboutCharge(DeskIgnored, m, c)
	f.sentence = tell("%s paid once, on %s, and the rules do not count one-off payments as dues.", memberWord(m), c.Created)
	reason := "a one-off payment meant as dues"
	if c.Kind == eligibility.AddedFunds {
		f.sentence = tell("Funds were added for %s on %s, and the rules do not count added funds as dues.", memberWord(m), c.Created)
		reason = "added funds meant as dues"
	}
	f.action = tell("If it was meant as dues, let it count for the months that it is enough for.")
	with := func(months string) string {
		return command("pay", memberArg(m), "--charge", c.ID, "--months", months, "--reason", reason)
	}
	f.Remedy, f.bare = with(fmt.Sprint(months)), with("N")
	f.act(DeskAct{Deed: DeskPay, Member: m.ID, Payment: PaymentEntry{Member: m.ID, Charge: c.ID, Months: months}, Why: reason})
	s.add(f)
}

// leftover tells of what a one-off leaves beside the whole months that it buys
// (domain.md, section 4, "one_off": the rest is on the desk), until a payment is
// entered with the reference that the remedy gives it.
func (s *sorting) leftover(m *standingEntry, c store.ChargeRow, cover store.CoverageRow, p *eligibility.Policy) {
	months, left := p.MonthsBought(c.Amount, cover.OrderMinor, cover.TaxMinor)
	reference := "rest of " + c.ID
	if left == 0 || s.references[store.ReferenceDigest(reference)] {
		return
	}
	rest := money.Money{Minor: left, Currency: c.Amount.Currency}
	f := s.aboutCharge(DeskLeftover, m, c)
	f.Amount = &rest
	f.sentence = tell("Of what %s paid once, on %s, a part is left beside the months that it bought.", memberWord(m), c.Created)
	f.action = tell("Enter the rest as paid for the month after: it is added to what is paid then. Or agree on what it was for, and dismiss this.")
	with := func(amount string) string {
		return command("pay", memberArg(m), "--amount", amount, "--received", c.Created.Day(), "--from", c.Created.AddMonths(months).Day(),
			"--months", "1", "--reference", reference, "--reason", "the rest of a one-off payment")
	}
	f.Remedy, f.bare = with(rest.String()), with("AMOUNT")
	f.act(DeskAct{Deed: DeskPay, Member: m.ID, Why: "the rest of a one-off payment", Payment: PaymentEntry{Member: m.ID, Amount: rest, Received: day(c.Created), From: day(c.Created.AddMonths(months)),
		Months: 1, Reference: reference}})
	s.add(f)
}

// yearly finds members who pay by the year, less than the dues of a year
// (domain.md, section 2, "Share"; open-collective.md, section 11, case 17).
func (s *sorting) yearly() {
	for _, c := range s.charges {
		m, cover := s.ownerOf(c), s.coverages[c.ID]
		if m == nil || cover.Interval != eligibility.Yearly || !s.now.In(c.Created, cover.Due) || s.refunds[c.ID] != nil || s.namedBy(c.ID) != nil {
			continue
		}
		alone, now := s.alone(m, c, c.Created), s.standing(m.ID)
		if alone.Covered.Zero() || alone.Covered.Full() || now.Covered.Full() || now.State == eligibility.StateWaived {
			continue
		}
		f := s.aboutCharge(DeskYearly, m, c)
		f.sentence = tell("%s pays by the year, and less than the dues of a year.", memberWord(m))
		f.action = tell("Ask the member to raise it; a payment of the difference is entered (goodstanding pay). If less was agreed, waive the dues until the year is over.")
		f.Remedy = command("waive", memberArg(m), "--until", (cover.Due + instant.Day - 1).Day(), "--reason", "less was agreed for this year")
		f.act(DeskAct{Deed: DeskWaive, Member: m.ID, Until: day(cover.Due + instant.Day - 1), Why: "less was agreed for this year"})
		s.add(f)
	}
}

// day is the midnight, UTC, at which the day of an instant begins, as commands write it.
func day(t instant.Instant) instant.Instant { return t - t%instant.Day }

// wanted says that a member's dues were not paid by anything else for all of the
// months that a charge is enough for, as far as they are past.
func (s *sorting) wanted(m *standingEntry, c store.ChargeRow, months int) bool {
	for k := 0; k < min(months, mostMonths); k++ {
		at := c.Created.AddMonths(k)
		if at > s.now {
			break
		}
		then := s.rules.policies.Assess(s.factsOf[m.ID], at, s.known)
		if then.State != eligibility.StateCurrent && then.State != eligibility.StateWaived {
			return true
		}
	}
	now := s.standing(m.ID).State
	return c.Created.AddMonths(months) > s.now && now != eligibility.StateCurrent && now != eligibility.StateWaived
}

// enoughFor is how many months an amount is enough for, by the month or by whole
// years, as an entered payment is weighed.
func enoughFor(p *eligibility.Policy, amount money.Money) int {
	months := int64(0)
	for _, m := range p.Minimums {
		switch {
		case m.Amount.Currency != amount.Currency:
		case m.Interval == eligibility.Yearly:
			months = max(months, 12*(amount.Minor/m.Amount.Minor))
		default:
			months = max(months, amount.Minor/m.Amount.Minor)
		}
	}
	return int(min(months, mostMonths))
}

// monthly is the least that counts for a month: in the collective's currency,
// else in the first of the policy.
func (s *sorting) monthly(p *eligibility.Policy) (money.Money, bool) {
	if least, ok := p.MonthlyMinimum(s.last.Currency); ok {
		return least, true
	}
	if len(p.Minimums) == 0 {
		return money.Money{}, false
	}
	return p.MonthlyMinimum(p.Minimums[0].Amount.Currency)
}
