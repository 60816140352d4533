package eligibility_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// Assess and Forecast answer whatever they are asked, from whatever facts:
// they never panic, always name a state, and list reasons in their order.
func TestAlwaysAnswers(t *testing.T) { rapid.Check(t, answers) }

func FuzzAlwaysAnswers(f *testing.F) { f.Fuzz(rapid.MakeFuzz(answers)) }

func answers(rt *rapid.T) {
	ps, f := wildPolicies(rt), wildFacts(rt)
	at, known := wild(rt), wild(rt)
	for i, s := range []eligibility.Standing{ps.Assess(f, at, known), ps.Forecast(f, at, known)} {
		if forecast := i == 1 && at > s.AsOf; s.Forecast != forecast {
			rt.Fatalf("at %d, known %d: marked as a forecast: %t\n%s", at, known, s.Forecast, describe(ps, f))
		}
		if s.State.String() == "" {
			rt.Fatalf("no state at %d, known %d\n%s", at, known, describe(ps, f))
		}
		if s.ChangesAt != 0 && s.ChangesAt <= at {
			rt.Fatalf("changes at %d, not after %d", s.ChangesAt, at)
		}
		if !slices.IsSortedFunc(s.Reasons, func(a, b eligibility.Reason) int { return int(a.Code) - int(b.Code) }) {
			rt.Fatalf("reasons out of order: %s", codes(s))
		}
	}
}

// wild is any instant, mostly a strange one.
func wild(t *rapid.T) instant.Instant {
	return rapid.OneOf(
		rapid.SampledFrom([]instant.Instant{0, 1, -1, instant.Max, instant.Max - 1, -instant.Max, epoch, epoch + 31*instant.Day}),
		rapid.Custom(func(t *rapid.T) instant.Instant {
			return epoch + instant.Instant(rapid.Int64Range(-800, 800).Draw(t, "days"))*instant.Day
		}),
	).Draw(t, "instant")
}

func wildMoney(t *rapid.T) money.Money {
	return money.Money{Minor: rapid.SampledFrom([]int64{0, 1, -1, 1000, money.MaxMinor, -money.MaxMinor, 1<<63 - 1,
		-1 << 63}).Draw(t, "minor"),
		Currency: rapid.SampledFrom([]money.Currency{{}, gbp, eur}).Draw(t, "currency")}
}

func wildID(t *rapid.T) string { return rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "id") }

func some[E any](t *rapid.T, draw func(*rapid.T) E) []E {
	return rapid.SliceOfN(rapid.Custom(draw), 0, 3).Draw(t, "facts")
}

func wildPolicies(t *rapid.T) eligibility.Policies {
	return some(t, func(t *rapid.T) eligibility.Policy {
		days := func(what string) time.Duration {
			return time.Duration(rapid.SampledFrom([]int{0, -3, 5, 21, 90, 40000}).Draw(t, what)) * dayLong
		}
		p := eligibility.Policy{ID: wildID(t), From: wild(t), Known: wild(t), CountTax: rapid.Bool().Draw(t, "count tax"),
			OneOff: eligibility.OneOffRule(rapid.IntRange(0, 4).Draw(t,
				"one-off")), Late: days("late"), StaleAfter: days("stale"), Interrupted: days("interrupted"),
			Minimums: some(t, func(t *rapid.T) eligibility.Minimum {
				return eligibility.Minimum{Amount: wildMoney(t), Interval: eligibility.Interval(rapid.IntRange(0,
					4).Draw(t, "interval"))}
			})}
		for i := range p.Rules {
			p.Rules[i] = eligibility.RightRule{Dues: eligibility.DuesMode(rapid.IntRange(0, 4).Draw(t, "dues")),
				Organisations: rapid.Bool().Draw(t, "organisations"), Individuals: rapid.Bool().Draw(t,
					"individuals"), Grace: days("grace")}
		}
		return p
	})
}

func wildFacts(t *rapid.T) *eligibility.Facts {
	byte8 := func(t *rapid.T, what string) uint8 { return uint8(rapid.IntRange(0, 20).Draw(t, what)) }
	f := &eligibility.Facts{Kind: member.Kind(wildID(t))}
	f.Membership = some(t, func(t *rapid.T) eligibility.MembershipFact {
		return eligibility.MembershipFact{ID: wildID(t), Kind: eligibility.MembershipKind(byte8(t, "kind")),
			At: wild(t), Until: wild(t), Known: wild(t), Gone: wild(t)}
	})
	f.Links = some(t, func(t *rapid.T) eligibility.Link {
		return eligibility.Link{ID: wildID(t), Account: member.AccountID(wildID(t)), From: wild(t), Until: wild(t),
			Known: wild(t), Gone: wild(t)}
	})
	f.Contributions = some(t, func(t *rapid.T) eligibility.Contribution {
		return eligibility.Contribution{ID: wildID(t), Account: member.AccountID(wildID(t)),
			Status: eligibility.Status(byte8(t, "status")),
			Interval: eligibility.Interval(byte8(t,
				"interval")), ProcessedAt: wild(t), NextCharge: wild(t), PausedByPayer: rapid.Bool().Draw(t, "by payer"), Effective: wild(t), Known: wild(t)}
	})
	f.Charges = some(t, wildCharge)
	f.Refunds = some(t, func(t *rapid.T) eligibility.Refund {
		return eligibility.Refund{ID: wildID(t), Charge: wildID(t), At: wild(t), Known: wild(t)}
	})
	f.Waivers = some(t, func(t *rapid.T) eligibility.Waiver {
		return eligibility.Waiver{ID: wildID(t), From: wild(t), Until: wild(t), Known: wild(t), Gone: wild(t)}
	})
	f.Payments = some(t, func(t *rapid.T) eligibility.Payment {
		return eligibility.Payment{ID: wildID(t), Amount: wildMoney(t), Months: rapid.SampledFrom([]int{0, 1, 12,
			-1, 1 << 40}).Draw(t, "months"),
			From: wild(t), Until: wild(t), Charge: wildID(t), Known: wild(t), Gone: wild(t)}
	})
	f.Profile = some(t, func(t *rapid.T) eligibility.ProfileFact {
		return eligibility.ProfileFact{ID: wildID(t), Kind: eligibility.ProfileKind(byte8(t, "profile")),
			On: rapid.Bool().Draw(t, "on"), At: wild(t), Known: wild(t)}
	})
	f.Holds = some(t, func(t *rapid.T) eligibility.Hold {
		return eligibility.Hold{ID: wildID(t), Cause: wildID(t), SetAt: wild(t), Since: wild(t), Known: wild(t),
			AckAt: wild(t), AckKnown: wild(t),
			Kept: eligibility.Kept{State: eligibility.StateCurrent, Vote: rapid.Bool().Draw(t, "vote"),
				Listing: true, Services: rapid.Bool().Draw(t, "services")}}
	})
	f.Recorded = some(t, func(t *rapid.T) eligibility.Recorded {
		return eligibility.Recorded{At: wild(t), Known: wild(t), State: eligibility.State(rapid.IntRange(0,
			12).Draw(t, "state")), Vote: rapid.Bool().Draw(t, "vote")}
	})
	f.Snapshots = wildSnapshots(t)
	return f
}

func wildCharge(t *rapid.T) eligibility.Charge {
	amounts := []int64{0, 1, -1, 1000, money.MaxMinor, 1<<63 - 1, -1 << 63}
	return eligibility.Charge{ID: wildID(t), Contribution: wildID(t), Account: member.AccountID(wildID(t)),
		Kind: eligibility.ChargeKind(rapid.IntRange(0, 4).Draw(t,
			"kind")), Amount: wildMoney(t), From: wild(t), Known: wild(t), FixedKnown: wild(t),
		Interval: eligibility.Interval(rapid.IntRange(0, 4).Draw(t, "interval")), Due: wild(t),
		OrderMinor: rapid.SampledFrom(amounts).Draw(t, "order"), TaxMinor: rapid.SampledFrom(amounts).Draw(t, "tax")}
}

// wildSnapshots are in ascending order, which is their contract.
func wildSnapshots(t *rapid.T) eligibility.Snapshots {
	var out eligibility.Snapshots
	starts := some(t, wild)
	slices.Sort(starts)
	for i, start := range slices.Compact(starts) {
		out = append(out, eligibility.Snapshot{Number: int64(i + 1), Start: start, Known: min(start, instant.Max-1) + 1})
	}
	return out
}
