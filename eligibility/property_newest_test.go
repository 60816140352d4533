package eligibility_test

import (
	"fmt"
	"slices"
	"sort"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// aged is a fact that could be cited, and how new it is.
type aged struct {
	ref eligibility.Ref
	age instant.Instant
}

// citable are the charges, payments and waivers that a verdict at that instant
// could cite, the oldest first.
func citable(f *eligibility.Facts, at, known instant.Instant) []aged {
	v := visible(f, known)
	var out []aged
	add := func(kind eligibility.RefKind, id string, age instant.Instant) {
		if age <= at || kind == eligibility.RefPayment {
			out = append(out, aged{eligibility.Ref{Kind: kind, ID: id}, age})
		}
	}
	for _, c := range v.Charges {
		add(eligibility.RefCharge, c.ID, c.From)
	}
	for _, p := range v.Payments {
		add(eligibility.RefPayment, p.ID, p.From)
	}
	for _, w := range v.Waivers {
		add(eligibility.RefWaiver, w.ID, w.From)
	}
	sort.Slice(out, func(i, j int) bool { return older(out[i], out[j]) })
	return out
}

func older(a, b aged) bool {
	if a.age != b.age {
		return a.age < b.age
	}
	return a.ref.String() < b.ref.String()
}

// newerSet says that the oldest fact in which two sets differ is in the second:
// the first does without it. Both are sorted, the oldest first.
func newerSet(a, b []aged) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			return older(b[i], a[i])
		}
	}
	return len(a) < len(b)
}

// Of all sets of facts that are sufficient and minimal, tried one by one, the
// newest is cited (domain.md, section 3). Nothing takes back here: a set with a
// charge and without its refund, or with a promise and without the charge that
// kept it, would tell an untruth.
func TestTheNewestSetIsCited(t *testing.T) {
	several := 0
	checkOften(t, func(rt *rapid.T) {
		w := world{T: rt, policies: true} // a gap would give the graces of several charges the same end
		w.asked(6, takeNothingBack, func(ps eligibility.Policies, f *eligibility.Facts, at, known instant.Instant) {
			s := ps.Forecast(f, at, known)
			all := citable(f, at, known)
			if len(all) > 8 {
				return
			}
			sets := carrying(ps, f, s, all)
			cited := citedOf(s, all)
			for _, other := range sets {
				if newerSet(other, cited) {
					rt.Fatalf("at %s, known %s: cited %v, newer %v\n%s %s\n%s", short(at), short(known), cited, other,
						core(s), codes(s), describe(ps, f))
				}
			}
			if len(sets) > 1 {
				several++
			}
		})
	})
	if several == 0 && !t.Failed() {
		t.Error("no verdict had several sets to choose from")
	}
}

func takeNothingBack(f *eligibility.Facts) {
	f.Refunds, f.Contributions = nil, nil
	for i := range f.Payments {
		f.Payments[i].Charge = ""
	}
}

// citedOf are the facts, of all that could be, that the standing cites.
func citedOf(s eligibility.Standing, all []aged) []aged {
	return keep(all, func(a aged) bool {
		return slices.ContainsFunc(s.Reasons, func(r eligibility.Reason) bool { return slices.Contains(r.Facts, a.ref) })
	})
}

// told is the core and, where it has run out, when: of several coverages of
// which each alone would say "grace" or "lapsed" the one that ended last is cited.
func told(s eligibility.Standing) string {
	if s.State != eligibility.StateLapsed && s.State != eligibility.StateGrace {
		return core(s)
	}
	grace, _ := s.Reason(eligibility.CodeGrace)
	return core(s) + " until " + short(grace.Until)
}

// carrying are all sets of facts that alone give the verdict and of which none
// can be left out.
func carrying(ps eligibility.Policies, f *eligibility.Facts, s eligibility.Standing, all []aged) (out [][]aged) {
	enough := make([]bool, 1<<len(all))
	for set := range enough {
		in := map[eligibility.Ref]bool{}
		for i, a := range all {
			in[a.ref] = set&(1<<i) != 0
		}
		enough[set] = told(ps.Forecast(withOnly(f, in), s.At, s.Known)) == told(s)
	}
	for set, ok := range enough {
		var members []aged
		for i, a := range all {
			if set&(1<<i) != 0 {
				members = append(members, a)
				ok = ok && !enough[set&^(1<<i)]
			}
		}
		if ok {
			out = append(out, members)
		}
	}
	return out
}

// What is not cited could as well not be there: leaving out one charge, payment
// or waiver after another, in any order, changes nothing. (Refunds and statuses
// take back what charges gave, and money ends what statuses and holds gave: a
// verdict on them rests on what is not there, so that there are none here.)
func TestWhatIsNotCitedDoesNotMatter(t *testing.T) {
	checkOften(t, func(rt *rapid.T) {
		w := world{T: rt, policies: true, recorded: true} // a gap may make the grace of an older charge longer than that of a newer one
		w.asked(15, takeNothingBack, func(ps eligibility.Policies, f *eligibility.Facts, at, known instant.Instant) {
			s := ps.Forecast(f, at, known)
			all := citable(f, at, known)
			cited := citedOf(s, all)
			less := f
			for _, a := range shuffled(rt, all) {
				if slices.Contains(cited, a) {
					continue
				}
				less = without(less, a.ref)
				if got := ps.Forecast(less, at, known); core(got) != core(s) {
					rt.Fatalf("at %s, known %s: without %s, which is not cited\n%s\n%s\ncited %v\n%s", short(at), short(known),
						a.ref, core(s), core(got), cited, describe(ps, f))
				}
			}
		})
	})
}

// Since is the from of the oldest coverage that the reason cites.
func TestSinceIsTheOldestCoverageCited(t *testing.T) {
	checkOften(t, func(rt *rapid.T) {
		everything(rt).asked(15, nil, func(ps eligibility.Policies, f *eligibility.Facts, at, known instant.Instant) {
			for _, s := range []eligibility.Standing{ps.Forecast(f, at, known), ps.Assess(f, at, known)} {
				for _, r := range s.Reasons {
					if oldest := oldestCoverage(f, r.Facts); oldest != instant.Max && r.Since != oldest {
						rt.Fatalf("at %s, known %s: %s since %s, cites %v\n%s", short(at), short(known), r.Code, short(r.Since),
							r.Facts, describe(ps, f))
					}
				}
			}
		})
	})
}

// oldestCoverage is the least from of the charges and payments; instant.Max for none.
func oldestCoverage(f *eligibility.Facts, refs []eligibility.Ref) instant.Instant {
	oldest := instant.Max
	for _, c := range f.Charges {
		if slices.Contains(refs, eligibility.Ref{Kind: eligibility.RefCharge, ID: c.ID}) {
			oldest = min(oldest, c.From)
		}
	}
	for _, p := range f.Payments {
		if slices.Contains(refs, eligibility.Ref{Kind: eligibility.RefPayment, ID: p.ID}) {
			oldest = min(oldest, p.From)
		}
	}
	return oldest
}

func (a aged) String() string { return fmt.Sprintf("%s (%s)", a.ref, short(a.age)) }
