package eligibility_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// promised are the charges that recurring contributions promise before an instant: as
// texts, in order. A charge promises the one that is due when what it paid for ends. The
// last one of a contribution promises every one after that, too.
func (o *oracle) promised(before instant.Instant) []string {
	out := []string{}
	for _, c := range o.f.Charges {
		if !o.recurs(c) {
			continue
		}
		for n := 0; n == 0 || !o.followed(c); n++ {
			at := c.Due.AddMonths(n)
			if c.Interval == eligibility.Yearly {
				at = c.Due.AddMonths(12 * n)
			}
			if at >= before {
				break
			}
			if o.goesOn(c, at) {
				out = append(out, promiseOf(eligibility.Renewal{At: at, Amount: c.Amount}))
			}
		}
	}
	slices.Sort(out)
	return out
}

// recurs says that a charge, whoever's it was, is one of the dues of a contribution that
// asks again.
func (o *oracle) recurs(c eligibility.Charge) bool {
	named := slices.ContainsFunc(o.f.Payments, func(p eligibility.Payment) bool { return p.Charge == c.ID })
	return !named && c.FixedKnown != 0 && c.Kind == eligibility.ContributionCharge && c.Interval != eligibility.OneOff && c.Due > c.From &&
		minimum(o.policy(c.From), c.Interval, c.Amount.Currency) != nil
}

// followed says that the contribution was charged again.
func (o *oracle) followed(c eligibility.Charge) bool {
	return slices.ContainsFunc(o.f.Charges, func(x eligibility.Charge) bool {
		return x.Contribution == c.Contribution && x.From > c.From && o.recurs(x)
	})
}

// goesOn says that, as far as anybody had looked by the instant before, the contribution
// would charge then, and that whoever pays would be this member's.
func (o *oracle) goesOn(c eligibility.Charge, at instant.Instant) bool {
	v, shown := o.version(c.Contribution, min(at-1, o.lastSnapshot()))
	payer := c.Account
	if shown && o.everLinked(v.Account) {
		payer = v.Account
	}
	if !o.linked(payer, at) {
		return false
	}
	switch v.Status {
	case eligibility.StatusError:
		return v.ProcessedAt != 0
	case eligibility.StatusActive, eligibility.StatusProcessing, eligibility.StatusInReview:
		return true
	}
	return !shown
}

// The engine and the oracle agree on what is promised, in random histories.
func TestOracleAgreesOnWhatIsPromised(t *testing.T) {
	promising := 0
	checkOften(t, func(rt *rapid.T) {
		w := world{T: rt, policies: true, gaps: true, addedToRecurring: true}
		ps, f := w.history()
		when := moments(ps, f)
		for range 5 {
			_, known := w.query(when)
			before := w.near(when, "before")
			want := newOracle(ps, f, 0, known).promised(before)
			if got := promisesOf(ps.Renewals(f, known, before)); !slices.Equal(got, want) {
				rt.Fatalf("before %s, known %s\nengine: %s\noracle: %s\n%s", short(before), short(known), listed(got), listed(want), describe(ps, f))
			}
			if len(want) > 1 {
				promising++
			}
		}
	})
	if promising == 0 && !t.Failed() {
		t.Error("nothing was ever promised")
	}
}
