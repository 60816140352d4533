package eligibility

import (
	"reflect"
	"testing"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
)

// A question that was answered and given back holds nothing of the member that it was
// about: neither in what it would show the next one, nor in the room of its lists.
func TestAQuestionGivenBackHoldsNothing(t *testing.T) {
	pounds := money.Money{Minor: 1000, Currency: money.Currency{'G', 'B', 'P'}}
	p := Policy{ID: "p", Minimums: []Minimum{{Amount: pounds, Interval: Monthly}}}
	p.Rules[Vote] = RightRule{Organisations: true, Individuals: true, Grace: 21 * day}
	from := instant.Date(2026, 1, 2)
	f := &Facts{Member: "m", Kind: "organisation", Membership: []MembershipFact{{ID: "e", Kind: Admitted}}, Links: []Link{{ID: "l", Account: "a"}},
		Snapshots: Snapshots{{Number: 1, Start: from, Known: from}}}
	for _, id := range []string{"c", "d"} {
		f.Charges = append(f.Charges, Charge{ID: id + "-1", Contribution: id, Account: "a", Kind: ContributionCharge, Amount: pounds, OrderMinor: 1000, From: from,
			FixedKnown: from, Interval: Monthly, Due: from.MonthStart(1)})
		f.Contributions = append(f.Contributions, Contribution{ID: id, Account: "a", Status: StatusActive, Interval: Monthly, ProcessedAt: from, Effective: from})
	}
	q := newQuestion(Policies{p}, f, instant.Max)
	if s := q.answer(plain(from+40*instant.Day), true); s.State != StateGrace {
		t.Fatalf("%s, and the test is about a grace", s.State)
	}
	if next := q.changesAt(&Standing{}, from+1); next == 0 {
		t.Fatal("nothing changes, and the test is about glances, too")
	}
	covs, givers, candidates, reasons := q.covs, q.givers, q.candidatesBuf[:cap(q.candidatesBuf)], q.reasonsBuf[:cap(q.reasonsBuf)]
	if len(covs) != 2 || len(givers) != 2 || len(candidates) == 0 || candidates[0].ref.ID == "" || len(reasons) == 0 || reasons[0].Code == 0 {
		t.Fatalf("not much was asked: %d coverages, %d contributions, %d candidates, %d reasons", len(covs), len(givers), len(candidates), len(reasons))
	}
	q.done()
	for what, list := range map[string]any{"coverages": covs, "contributions": givers, "candidates": candidates, "reasons": reasons} {
		for i, v := 0, reflect.ValueOf(list); i < v.Len(); i++ {
			if !v.Index(i).IsZero() {
				t.Errorf("the %s still hold %+v", what, v.Index(i))
			}
		}
	}
}
