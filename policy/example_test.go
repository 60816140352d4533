package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// withTests is base.yaml with other examples.
func withTests(t *testing.T, tests string) *File {
	t.Helper()
	before, _, _ := strings.Cut(golden(t, "base.yaml"), "tests:")
	f, err := Parse("told.yaml", []byte(before+"tests:\n"+tests))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func june(d int) instant.Instant { return instant.Date(2022, time.June, d) }

func pounds(n int64) money.Money { return money.Money{Minor: n * 100, Currency: gbp} }

// A story with everything in it becomes the facts that it tells.
func TestAStoryBecomesFacts(t *testing.T) {
	f := withTests(t, `
  - name: everything
    at: 2022-06-20T12:00:00Z
    member: individual
    membership: {applied: 2022-05-01, admitted: 2022-05-20}
    profile: [written, consent]
    charges:
      - {paid: 2022-06-18, amount: GBP 10.00, interval: monthly, paypal: true}
      - {paid: 2022-05-16, amount: GBP 10.00, interval: monthly}
      - {paid: 2022-06-03, amount: GBP 120.00, tax: GBP 20.00, interval: yearly, contribution: big, refunded: 2022-06-10}
      - {paid: 2022-06-04, amount: GBP 5.00, kind: added_funds}
      - {paid: 2022-06-05, amount: GBP 6.00, interval: once, contribution: gift}
    contributions:
      - {interval: monthly, status: error, since: 2022-06-19, next_charge: 2022-06-22}
      - {interval: monthly, status: pending, since: 2022-06-01, contribution: promise}
    waivers: [{from: 2022-01-01, until: 2022-03-01}, {from: 2022-09-01}]
    payments: [{amount: GBP 20.00, from: 2022-01-31, months: 1}]
    want: {state: current, listing: false, services: true, paid_through: 2022-06-20T00:00:00Z}
`)
	at := june(20).Add(12 * time.Hour)
	const acc = exampleAccount
	charge := func(id, contribution string, from instant.Instant, amount money.Money, i eligibility.Interval, due instant.Instant) eligibility.Charge {
		return eligibility.Charge{ID: id, Contribution: contribution, Account: acc, Kind: eligibility.ContributionCharge, Amount: amount, From: from,
			Known: at, FixedKnown: at, Interval: i, Due: due, OrderMinor: amount.Minor}
	}
	going := func(id string, i eligibility.Interval, from, next instant.Instant) eligibility.Contribution {
		return eligibility.Contribution{ID: id, Account: acc, Status: eligibility.StatusActive, Interval: i, ProcessedAt: from, NextCharge: next, Effective: from, Known: at}
	}
	taxed := charge("charge-3", "big", june(3), pounds(120), eligibility.Yearly, instant.Date(2023, time.June, 1))
	taxed.TaxMinor = 2000
	added := charge("charge-4", "once", june(4), pounds(5), eligibility.OneOff, 0)
	added.Kind = eligibility.AddedFunds
	may16 := instant.Date(2022, time.May, 16)
	want := &eligibility.Facts{
		Member: "example", Kind: member.Individual,
		Membership: []eligibility.MembershipFact{
			{ID: "applied", Kind: eligibility.Applied, At: instant.Date(2022, time.May, 1), Known: at},
			{ID: "admitted", Kind: eligibility.Admitted, At: instant.Date(2022, time.May, 20), Known: at}},
		Links: []eligibility.Link{{ID: "link", Account: acc, Known: at}},
		Contributions: []eligibility.Contribution{
			going("monthly", eligibility.Monthly, may16, instant.Date(2022, time.July, 18)),
			going("big", eligibility.Yearly, june(3), instant.Date(2023, time.June, 1)),
			going("once", eligibility.OneOff, june(4), 0),
			going("gift", eligibility.OneOff, june(5), 0),
			{ID: "monthly", Account: acc, Status: eligibility.StatusError, Interval: eligibility.Monthly, ProcessedAt: may16, NextCharge: june(22), Effective: june(19), Known: at},
			{ID: "promise", Account: acc, Status: eligibility.StatusPending, Interval: eligibility.Monthly, Effective: june(1), Known: at}},
		Charges: []eligibility.Charge{
			charge("charge-1", "monthly", june(18), pounds(10), eligibility.Monthly, instant.Date(2022, time.July, 18)),
			charge("charge-2", "monthly", may16, pounds(10), eligibility.Monthly, instant.Date(2022, time.July, 1)),
			taxed, added, charge("charge-5", "gift", june(5), pounds(6), eligibility.OneOff, 0)},
		Refunds: []eligibility.Refund{{ID: "refund-of-charge-3", Charge: "charge-3", At: june(10), Known: at}},
		Waivers: []eligibility.Waiver{
			{ID: "waiver-1", From: instant.Date(2022, time.January, 1), Until: instant.Date(2022, time.March, 1), Known: at},
			{ID: "waiver-2", From: instant.Date(2022, time.September, 1), Known: at}},
		Payments: []eligibility.Payment{{ID: "payment-1", Amount: pounds(20), Months: 1, From: instant.Date(2022, time.January, 31), Until: instant.Date(2022, time.February, 28), Known: at}},
		Profile: []eligibility.ProfileFact{
			{ID: "written", Kind: eligibility.HasProfile, On: true, At: always, Known: at},
			{ID: "consent", Kind: eligibility.Consents, On: true, At: always, Known: at}},
		Snapshots: eligibility.Snapshots{{Number: 1, Start: at, Known: at}},
	}
	e := f.Examples[0]
	if diff := cmp.Diff(want, e.Facts()); diff != "" {
		t.Error(diff)
	}
	wanted := Want{State: eligibility.StateCurrent, Rights: []WantRight{{eligibility.Listing, false}, {eligibility.Services, true}}, PaidThrough: &WantInstant{At: june(20)}}
	if diff := cmp.Diff(wanted, e.Want); diff != "" {
		t.Error(diff)
	}
	e.Facts().Charges[0].Amount.Minor = 1
	if e.Facts().Charges[0].Amount != pounds(10) {
		t.Error("a caller can change the example's story")
	}
}

// The least of a story: an admitted organisation with a profile, that has an
// account and paid nothing.
func TestAStoryWithoutWords(t *testing.T) {
	f := withTests(t, "  - {name: nothing, at: 2022-06-20, want: {paid_through: never}}\n")
	got := f.Examples[0].Facts()
	if got.Kind != member.Organisation || len(got.Membership) != 1 || got.Membership[0].Kind != eligibility.Admitted || got.Membership[0].At != always ||
		len(got.Profile) != 3 || len(got.Links) != 1 || len(got.Snapshots) != 1 || len(got.Charges)+len(got.Contributions) != 0 {
		t.Errorf("got %+v", got)
	}
	if fails := RunExamples(f, eligibility.Policies.Assess); len(fails) != 0 {
		t.Errorf("got %v", fails)
	}
}

// A failing example is told with its place, everything that is wrong, and why.
func TestFailuresAreTold(t *testing.T) {
	f := withTests(t, `
  - name: too little
    at: 2022-06-10
    charges: [{paid: 2022-06-01, amount: GBP 5.00, interval: monthly}]
    want: {state: current, vote: true, listing: true, services: false, paid_through: 2022-07-01}
  - name: right
    at: 2022-06-10
    charges: [{paid: 2022-06-01, amount: GBP 10.00, interval: monthly}]
    want: {state: current, paid_through: 2022-07-01}
  - name: to the minute
    at: 2022-06-10
    charges: [{paid: 2022-06-01, amount: GBP 10.00, interval: monthly}]
    want: {paid_through: 2022-07-01T09:00:00Z}
  - name: nothing
    at: 2022-06-10
    want: {state: unknown, paid_through: never}
`)
	asked := 0
	got := RunExamples(f, func(ps eligibility.Policies, facts *eligibility.Facts, at, known instant.Instant) eligibility.Standing {
		asked++
		if len(ps) != 1 || ps[0].ID != "base" || at != june(10) || known != at || facts.Snapshots[0].Start != at {
			t.Errorf("asked about %v at %s, known %s", ps, at, known)
		}
		s := eligibility.Standing{State: eligibility.StateShort, Reasons: []eligibility.Reason{
			{Code: eligibility.CodeShort, Since: june(1), Until: instant.Date(2022, time.July, 1)}, {Code: eligibility.CodeAdvisory}}}
		s.Verdicts[eligibility.Services].OK = true
		switch asked {
		case 2, 3:
			s = eligibility.Standing{State: eligibility.StateCurrent, PaidThrough: instant.Date(2022, time.July, 1)}
		case 4:
			s.State, s.Reasons = eligibility.StateUnknown, nil
			s.PaidThrough = june(3)
		}
		return s
	})
	var lines []string
	for _, x := range got {
		lines = append(lines, x.String())
	}
	want := []string{
		`told.yaml:32:5: "too little": state: wanted current, got short; vote: wanted true, got false; listing: wanted true, got false; ` +
			`services: wanted false, got true; paid_through: wanted 2022-07-01, got never (reasons: short since 2022-06-01 until 2022-07-01, advisory)`,
		`told.yaml:40:5: "to the minute": paid_through: wanted 2022-07-01T09:00:00Z, got 2022-07-01 (reasons: none)`,
		`told.yaml:44:5: "nothing": paid_through: wanted never, got 2022-06-03 (reasons: none)`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func TestStatusesAreUpstreams(t *testing.T) {
	want := map[string]eligibility.Status{"new": eligibility.StatusNew, "require_client_confirmation": eligibility.StatusRequireClientConfirmation,
		"paid": eligibility.StatusPaid, "error": eligibility.StatusError, "processing": eligibility.StatusProcessing, "rejected": eligibility.StatusRejected,
		"active": eligibility.StatusActive, "cancelled": eligibility.StatusCancelled, "pending": eligibility.StatusPending, "expired": eligibility.StatusExpired,
		"disputed": eligibility.StatusDisputed, "refunded": eligibility.StatusRefunded, "paused": eligibility.StatusPaused, "in_review": eligibility.StatusInReview}
	got := make(map[string]eligibility.Status)
	for _, s := range statuses {
		got[s.word] = s.means
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
