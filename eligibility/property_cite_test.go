package eligibility_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
)

// The facts that the reasons cite are sufficient (the rest of the money may be
// forgotten) and minimal (none of them may), for what is assessed at one
// instant (domain.md, section 3).
func TestCitationsAreSufficientAndMinimal(t *testing.T) {
	checkOften(t, func(rt *rapid.T) {
		everything(rt).asked(15, nil, func(ps eligibility.Policies, f *eligibility.Facts, at, known instant.Instant) {
			if msg := citationFault(ps, f, ps.Forecast(f, at, known)); msg != "" {
				rt.Fatalf("at %s, known %s: %s\n%s", short(at), short(known), msg, describe(ps, f))
			}
		})
	})
}

// The stories' citations are sufficient and minimal, too.
func TestStoriesCiteWell(t *testing.T) {
	for _, s := range allStories(t) {
		for _, e := range s.expected {
			for _, at := range e.at {
				got := s.policies.Forecast(&s.facts, at, e.ask(s, at).Known)
				if msg := citationFault(s.policies, &s.facts, got); msg != "" {
					t.Errorf("%s (%s): on %s: %s", e.where, s.title, short(at), msg)
				}
			}
		}
	}
}

// citationFault says how the citations of a forecast fail, "" for not at all.
func citationFault(ps eligibility.Policies, f *eligibility.Facts, s eligibility.Standing) string {
	cited := map[eligibility.Ref]bool{}
	for _, r := range s.Reasons {
		for _, ref := range r.Facts {
			if cited[ref] {
				return fmt.Sprintf("%s is cited twice", ref)
			}
			cited[ref] = true
		}
	}
	alone := withOnly(f, cited)
	got := ps.Forecast(alone, s.At, s.Known)
	if core(got) != core(s) {
		return fmt.Sprintf("not sufficient\n  all facts: %s %s\n cited only: %s %s\n cited: %s", core(s), codes(s),
			core(got), codes(got), refs(cited))
	}
	for ref := range cited {
		if less := ps.Forecast(without(alone, ref), s.At, s.Known); core(less) == core(got) && (ref.Kind != eligibility.RefMembership || carries(less) == carries(got)) {
			return fmt.Sprintf("not minimal: without %s it is the same\n%s %s\n cited: %s", ref, core(s), codes(s), refs(cited))
		}
	}
	return ""
}

// core is what citations must carry: state, verdicts with their ends, and what
// is covered.
func core(s eligibility.Standing) string {
	out := s.State.String() + " covered " + s.Covered.String()
	for _, r := range eligibility.Rights {
		out += " " + yes(s.Has(r)) + " until " + shortOr(s.Verdict(r).Until, "no date")
	}
	return out
}

// carries is what a cited membership may be needed for beside the core: since
// when and until when its reason holds.
func carries(s eligibility.Standing) (out string) {
	for _, r := range s.Reasons {
		out += fmt.Sprintf(" %s since %s until %s", r.Code, r.Since, r.Until)
	}
	return out
}

func refs(set map[eligibility.Ref]bool) string {
	var out []string
	for r := range set {
		out = append(out, r.String())
	}
	return strings.Join(out, " ")
}

// withOnly keeps of money and holds only what is cited; membership, links,
// profile, records and snapshots are the frame.
func withOnly(f *eligibility.Facts, cited map[eligibility.Ref]bool) *eligibility.Facts {
	g := *f
	has := func(kind eligibility.RefKind, id string) bool { return cited[eligibility.Ref{Kind: kind, ID: id}] }
	g.Charges = keep(f.Charges, func(x eligibility.Charge) bool { return has(eligibility.RefCharge, x.ID) })
	g.Refunds = keep(f.Refunds, func(x eligibility.Refund) bool { return has(eligibility.RefRefund, x.ID) })
	g.Payments = keep(f.Payments, func(x eligibility.Payment) bool { return has(eligibility.RefPayment, x.ID) })
	g.Waivers = keep(f.Waivers, func(x eligibility.Waiver) bool { return has(eligibility.RefWaiver, x.ID) })
	g.Contributions = keep(f.Contributions, func(x eligibility.Contribution) bool { return has(eligibility.RefContribution, x.ID) })
	g.Holds = keep(f.Holds, func(x eligibility.Hold) bool { return has(eligibility.RefHold, x.ID) })
	return &g
}

// without removes one cited fact.
func without(f *eligibility.Facts, ref eligibility.Ref) *eligibility.Facts {
	g := *f
	not := func(kind eligibility.RefKind, id string) bool { return ref != eligibility.Ref{Kind: kind, ID: id} }
	g.Charges = keep(f.Charges, func(x eligibility.Charge) bool { return not(eligibility.RefCharge, x.ID) })
	g.Refunds = keep(f.Refunds, func(x eligibility.Refund) bool { return not(eligibility.RefRefund, x.ID) })
	g.Payments = keep(f.Payments, func(x eligibility.Payment) bool { return not(eligibility.RefPayment, x.ID) })
	g.Waivers = keep(f.Waivers, func(x eligibility.Waiver) bool { return not(eligibility.RefWaiver, x.ID) })
	g.Contributions = keep(f.Contributions, func(x eligibility.Contribution) bool { return not(eligibility.RefContribution, x.ID) })
	g.Membership = keep(f.Membership, func(x eligibility.MembershipFact) bool { return not(eligibility.RefMembership, x.ID) })
	g.Holds = keep(f.Holds, func(x eligibility.Hold) bool { return not(eligibility.RefHold, x.ID) })
	return &g
}
