package eligibility_test

import (
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// visible is a copy of the facts as they were known (domain.md, section 2): a
// fact is there from its Known until its Gone, a coverage from its FixedKnown,
// an acknowledgement from its AckKnown.
func visible(f *eligibility.Facts, known instant.Instant) *eligibility.Facts {
	v := &eligibility.Facts{Member: f.Member, Kind: f.Kind}
	seen := func(from, gone instant.Instant) bool { return from <= known && (gone == 0 || known < gone) }
	v.Membership = keep(f.Membership, func(x eligibility.MembershipFact) bool { return seen(x.Known, x.Gone) })
	v.Links = keep(f.Links, func(x eligibility.Link) bool { return seen(x.Known, x.Gone) })
	v.Contributions = keep(f.Contributions, func(x eligibility.Contribution) bool { return seen(x.Known, 0) })
	v.Refunds = keep(f.Refunds, func(x eligibility.Refund) bool { return seen(x.Known, 0) })
	v.Waivers = keep(f.Waivers, func(x eligibility.Waiver) bool { return seen(x.Known, x.Gone) })
	v.Payments = keep(f.Payments, func(x eligibility.Payment) bool { return seen(x.Known, x.Gone) })
	v.Profile = keep(f.Profile, func(x eligibility.ProfileFact) bool { return seen(x.Known, 0) })
	v.Recorded = keep(f.Recorded, func(x eligibility.Recorded) bool { return seen(x.Known, 0) })
	v.Snapshots = keep(f.Snapshots, func(x eligibility.Snapshot) bool { return seen(x.Known, 0) })
	v.Charges = keep(f.Charges, func(x eligibility.Charge) bool { return seen(x.Known, 0) })
	for i, c := range v.Charges {
		if c.FixedKnown > known {
			v.Charges[i].FixedKnown = 0
		}
	}
	v.Holds = keep(f.Holds, func(x eligibility.Hold) bool { return seen(x.Known, 0) })
	for i, h := range v.Holds {
		if h.AckAt == 0 || h.AckKnown > known {
			v.Holds[i].AckAt = instant.Max
		}
	}
	return v
}

// keep copies the elements that pass.
func keep[S ~[]E, E any](in S, pass func(E) bool) S {
	var out S
	for _, e := range in {
		if pass(e) {
			out = append(out, e)
		}
	}
	return out
}
