package eligibility_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// More money never worsens: with one charge or payment more, or a larger
// charge, no right is lost, good standing stays and no less is covered. Holds
// and records are left out: money can end a hold, and what is recorded rests
// on the time when the money was unknown.
func TestMoreMoneyNeverWorsens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := world{T: rt, policies: true}
		ps, f := w.history()
		richer, what := w.richer(f)
		if richer == nil {
			rt.Skip("no charge to raise")
		}
		when := moments(ps, richer)
		for range 20 {
			at, known := w.query(when)
			if msg := worsens(ps.Assess(f, at, known), ps.Assess(richer, at, known)); msg != "" {
				rt.Fatalf("%s: Assess at %s, known %s: %s\n%s\nand with it\n%s", what, short(at), short(known),
					msg, describe(ps, f), describe(ps, richer))
			}
			before, after := ps.Forecast(f, at, known), ps.Forecast(richer, at, known)
			msg := worsens(before, after)
			if msg == "" && after.Covered.Cmp(before.Covered) < 0 && after.State != eligibility.StateWaived {
				msg = "less is covered"
			}
			if msg != "" {
				rt.Fatalf("%s: Forecast at %s, known %s: %s\n%s\nand with it\n%s", what, short(at), short(known),
					msg, describe(ps, f), describe(ps, richer))
			}
		}
	})
}

// One charge buys whole months, a hundred years of them at the most: a larger
// amount is broken data, and no calendar is asked for it.
func TestOneChargeBuysAHundredYearsAtMost(t *testing.T) {
	ps := eligibility.Policies{presets["seed-2022"]()}
	ps[0].OneOff = eligibility.OneOffBuysMonths
	from := instant.Date(2026, time.January, 10)
	for minor, years := range map[int64]int{1_199_000: 99, 1_200_000: 100, 1_201_000: 100, 1<<63 - 1: 100} {
		f := pays(from, true)
		f.Charges[0].Interval, f.Charges[0].Due = eligibility.OneOff, 0
		f.Charges[0].Amount.Minor, f.Charges[0].OrderMinor = minor, minor
		want := from.AddMonths(12 * years)
		if years == 99 {
			want = from.AddMonths(1199)
		}
		if s := ps.Assess(f, from, instant.Max); s.PaidThrough != want || s.Covered.String() != "1" {
			t.Errorf("%d minor units buy until %s, share %s; want %s", minor, s.PaidThrough, s.Covered, want)
		}
	}
}

// richer is a copy of the facts with more money in them, and what was done.
func (w world) richer(f *eligibility.Facts) (*eligibility.Facts, string) {
	g := *f
	g.Charges, g.Payments = slices.Clone(f.Charges), slices.Clone(f.Payments)
	switch w.int(0, 2, "what more") {
	case 0:
		at := w.day(-60, 250, "one payment more")
		g.Payments = append(g.Payments, eligibility.Payment{ID: "more", Months: 2, From: at, Until: at.AddMonths(2),
			Amount: money.Money{Minor: rapid.SampledFrom([]int64{1000, 2400}).Draw(w.T, "amount"), Currency: gbp}, Known: at})
		return &g, "one payment more"
	case 1:
		at := w.day(-60, 250, "one charge more")
		g.Charges = append(g.Charges, eligibility.Charge{ID: "more", Contribution: "of its own", Account: "a",
			Kind: eligibility.ContributionCharge, Interval: eligibility.Monthly, Amount: money.Money{Minor: 700, Currency: gbp},
			OrderMinor: 700, From: at, Due: at + 30*instant.Day, Known: at, FixedKnown: at})
		return &g, "one charge more"
	}
	if len(g.Charges) == 0 {
		return nil, ""
	}
	c := &g.Charges[w.int(0, len(g.Charges)-1, "raised")]
	c.Amount.Minor *= 2
	return &g, "charge " + c.ID + " doubled"
}

// worsens says what the second standing lacks, "" for nothing. A member about
// whom nothing could be said may well turn out to be lapsed.
func worsens(before, after eligibility.Standing) string {
	if before.State == eligibility.StateUnknown {
		return ""
	}
	for _, r := range eligibility.Rights {
		if before.Has(r) && !after.Has(r) {
			return "a right is lost: " + answerOf(before).String() + " became " + answerOf(after).String()
		}
	}
	if before.State.GoodStanding() && !after.State.GoodStanding() {
		return before.State.String() + " became " + after.State.String()
	}
	return ""
}
