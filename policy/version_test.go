package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/internal/tongue"
)

var (
	gbp = money.Currency{'G', 'B', 'P'}
	eur = money.Currency{'E', 'U', 'R'}
	usd = money.Currency{'U', 'S', 'D'}
)

func parseOne(t testing.TB, text string) Version {
	t.Helper()
	f, err := Parse("one.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Versions) != 1 {
		t.Fatalf("%d versions", len(f.Versions))
	}
	return f.Versions[0]
}

// What a file leaves out is what domain.md gives as the default.
func TestDefaults(t *testing.T) {
	short := `policies:
  - id: short
    from: 2022-05-15
    admission: treasurer
    dues: {minimums: [GBP 10.00 monthly]}
    rights:
      vote: {dues: enforced, members: [organisation, individual], grace: 21d}
      listing: {dues: enforced, members: [organisation, individual], grace: 21d}
      services: {dues: off, members: [organisation, individual]}
    decisions:
      ballots: public
      policy_changes: by_treasurer
      medium: {notice: 7d, answers: [favour, against, abstain], passes_if: [no objection], more_time: 7d}
      large: {notice: 7d, answers: [favour, against, abstain, block], passes_if: [turnout all, no block, favour > against, concerns answered]}
`
	got, seed := parseOne(t, short), mustPreset(t, "seed-2022").Versions[0]
	if diff := Compare(seed, got); !slices.Equal(diff, []string{"Services, grace: was 60 days; becomes 21 days"}) {
		t.Errorf("the defaults differ from the seed: %q", diff)
	}
}

func TestVersionsAreSortedAndKept(t *testing.T) {
	seed, fed := mustPreset(t, "seed-2022").Versions[0], mustPreset(t, "coopcloud-2023").Versions[0]
	text := fed.Text + strings.TrimPrefix(seed.Text, "policies:\n")
	f, err := Parse("two.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(f.Versions, []Version{seed, fed}) {
		t.Errorf("got %v", f.Versions)
	}
	ps := f.Policies()
	if v, _ := ps.InForce(instant.Date(2023, time.April, 12), 0); v.ID != "seed-2022" {
		t.Errorf("before the second: %s", v.ID)
	}
	if v, _ := ps.InForce(instant.Date(2023, time.April, 13), 0); v.ID != "coopcloud-2023" {
		t.Errorf("from the second on: %s", v.ID)
	}
}

func TestSameRulesLooksAtTheMeaning(t *testing.T) {
	base := golden(t, "base.yaml")
	a := parseOne(t, base)
	same := strings.NewReplacer(
		"share: 10%", "share: 1/10",
		"late: 5d", "late: \"5d\" # days",
		"stale_after: 24h", "stale_after: 1d",
		"2022-05-15", "2022-05-15T02:00:00+02:00",
		"dues: off", "dues: 'off'",
		"[turnout all, no block]", "[no block, turnout  all]",
		"[favour, against, abstain, block]", "[block, abstain, against, favour]",
		"[organisation, individual], grace", "[individual, organisation], grace",
		"GBP 10.00 monthly", "GBP  10 monthly",
		"      count_tax: false\n", "",
		"after: 1/3", "after: 2/6",
	).Replace(base)
	b := parseOne(t, same)
	if !SameRules(a, b) || a.Text != b.Text || a.SHA256 != b.SHA256 || !reflect.DeepEqual(a, b) {
		t.Errorf("other rules: %q", Compare(a, b))
	}
	sum := sha256.Sum256([]byte(a.Text))
	if a.SHA256 != hex.EncodeToString(sum[:]) {
		t.Error("the hash is not that of the text")
	}
}

// Every rule of a version counts for SameRules and is told by Compare in one line.
func TestEachRuleIsCompared(t *testing.T) {
	base := golden(t, "base.yaml")
	a := parseOne(t, base)
	for change, want := range map[[2]string]string{
		{"from: 2022-05-15", "from: 2022-05-16T09:00:00Z"}:                                               "In force from: was 2022-05-15; becomes 2022-05-16T09:00:00Z",
		{`decided_by: "002"`, `decided_by: ""`}:                                                          "Made by: was decision 002; becomes no decision",
		{"admission: treasurer", "admission: open"}:                                                      "Who admits members: was a treasurer; becomes nobody, who applies is in",
		{"[GBP 10.00 monthly]", "[EUR 5.00 monthly, GBP 10.00 monthly]"}:                                 "Minimum dues: was £10.00 a month; becomes €5.00 a month or £10.00 a month",
		{"count_tax: false", "count_tax: true"}:                                                          "Tax in a payment: was not counted; becomes counted",
		{"one_off: ignore", "one_off: added_funds"}:                                                      "Single payments: was not counted; becomes counted when they are added funds",
		{"late: 5d", "late: 1d"}:                                                                         "A renewal is in time for: was 5 days; becomes 1 day",
		{"stale_after: 24h", "stale_after: 2d"}:                                                          "Answers are marked as old after: was 24 hours; becomes 2 days",
		{"interrupted: 90d", "interrupted: 30d"}:                                                         "Rights stay in a pause not made by the payer for: was 90 days; becomes 30 days",
		{"share: 10%", "share: 1/3"}:                                                                     "Brake: was more than 2 members and 10% within 7 days; becomes more than 2 members and 1/3 within 7 days",
		{"at_least: 2", "at_least: 1"}:                                                                   "Brake: was more than 2 members and 10% within 7 days; becomes more than 1 member and 10% within 7 days",
		{`review_by: ""`, "review_by: 2023-10-31"}:                                                       "Dues looked at again by: was no date; becomes 2023-10-31",
		{"vote: {dues: enforced", "vote: {dues: advisory"}:                                               "Vote, dues: was enforced; becomes advisory",
		{"services: {dues: off, members: [organisation]", "services: {dues: off, members: [individual]"}: "Services, open to: was organisations; becomes individuals",
		{"grace: 21d", "grace: 30d"}:                                                                     "Vote, grace: was 21 days; becomes 30 days",
		{"ballots: public", "ballots: members"}:                                                          "Ballots are read by: was everybody; becomes members",
		{"by_treasurer", "by_decision"}:                                                                  "These rules are changed by: was a treasurer; becomes a large decision",
		{"notice: 14d", "notice: 7d"}:                                                                    "Large decision, notice: was 14 days; becomes 7 days",
		{"[favour, against, abstain]", "[favour, against]"}:                                              "Medium decision, answers: was in favour, against, abstain; becomes in favour, against",
		{"[no objection]", "[favour >= 1, no against]"}:                                                  "Medium decision, passes if: was no objection stands; becomes at least one member is in favour and nobody is against",
		{", more_time: 7d", ""}:                                                                          "Medium decision, more time: was 7 days; becomes none",
		{"notice_too_short: warn", "notice_too_short: refuse"}:                                           "Too short a notice is: was pointed out; becomes refused",
		{"payment_late: 6d", "payment_late: 8d"}:                                                         "Mail after a payment ran out: was 6 days; becomes 8 days",
		{"before_grace_ends: 7d", "before_grace_ends: 5d"}:                                               "Mail before rights end: was 7 days; becomes 5 days",
		{"waiver_ends: 30d", "waiver_ends: 14d"}:                                                         "Mail before a waiver ends: was 30 days; becomes 14 days",
		{"after: 1/3", "after: 1/2"}:                                                                     "First reminder of a large decision after: was a third of the time; becomes half of the time",
		{"before_deadline: 3d", "before_deadline: 1d"}:                                                   "Reminder before its deadline: was 3 days; becomes 1 day",
		{"overdue_every: 7d", "overdue_every: 4d"}:                                                       "Reminders once it is overdue every: was 7 days; becomes 4 days",
	} {
		if !strings.Contains(base, change[0]) {
			t.Fatalf("%q does not stand in base.yaml", change[0])
		}
		b := parseOne(t, strings.Replace(base, change[0], change[1], 1))
		if SameRules(a, b) || a.SHA256 == b.SHA256 {
			t.Errorf("%v: taken for the same rules", change)
		}
		if got := Compare(a, b); !slices.Equal(got, []string{want}) {
			t.Errorf("%v: got %q, want %q", change, got, want)
		}
	}
	b := parseOne(t, strings.Replace(base, "id: base", "id: other", 1))
	if SameRules(a, b) || len(Compare(a, b)) != 0 {
		t.Errorf("another id alone: %q", Compare(a, b))
	}
}

func TestCheckCurrency(t *testing.T) {
	fed := mustPreset(t, "coopcloud-2023").Versions[0]
	if err := CheckCurrency(fed, eur); err != nil {
		t.Error(err)
	}
	err := CheckCurrency(fed, gbp)
	want := "policy coopcloud-2023: EUR is counted, but this collective is kept in GBP: no payment could count; add a minimum such as GBP 10.00 monthly"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	var fault *CurrencyFault
	if !errors.As(err, &fault) || !slices.Equal(fault.Counted, []money.Currency{eur}) || fault.Collective != gbp || fault.Policy != "coopcloud-2023" {
		t.Errorf("got %+v", fault)
	}
	two := parseOne(t, strings.Replace(golden(t, "base.yaml"), "[GBP 10.00 monthly]", "[USD 9.00 yearly, EUR 5.00 monthly, USD 1.00 monthly]", 1))
	err = CheckCurrency(two, gbp)
	want = "policy base: EUR and USD are counted, but this collective is kept in GBP: no payment could count; add a minimum such as GBP 10.00 monthly"
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

// Any version that can be said is written and read back unchanged.
func TestCanonicalTextReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, w := anyVersion(t, "v"), anyVersion(t, "w")
		f, err := Parse("again.yaml", []byte(v.Text))
		if err != nil {
			t.Fatalf("%v\n%s", err, v.Text)
		}
		if !reflect.DeepEqual(f.Versions, []Version{v}) {
			t.Errorf("got %+v, want %+v", f.Versions[0], v)
		}
		w.Eligibility.ID = v.Eligibility.ID
		if same := SameRules(v, w); same != (len(Compare(v, w)) == 0) {
			t.Errorf("same rules: %v, but these differ: %q", same, Compare(v, w))
		}
	})
}

func anyVersion(t *rapid.T, label string) (v Version) {
	days := func(name string, least, most int) time.Duration {
		return time.Duration(rapid.IntRange(least, most).Draw(t, label+name)) * day
	}
	p := &v.Eligibility
	p.ID = rapid.StringMatching(`[a-z0-9][a-z0-9.-]{0,20}[a-z0-9]`).Draw(t, label+"id")
	p.From = instant.Instant(rapid.Int64Range(int64(instant.Date(1971, 1, 1)), int64(instant.Date(2100, 1, 1))).Draw(t, label+"from"))
	if rapid.Bool().Draw(t, label+"day") {
		p.From = instant.Date(p.From.Time().Date())
	}
	v.DecidedBy = rapid.StringMatching(`[0-9]{0,4}`).Draw(t, label+"by")
	v.Admission = rapid.SampledFrom([]Admission{AdmissionOpen, AdmissionTreasurer, AdmissionDecision}).Draw(t, label+"admission")
	for _, c := range []money.Currency{eur, gbp, usd} {
		for _, i := range []eligibility.Interval{eligibility.Monthly, eligibility.Yearly} {
			if rapid.Bool().Draw(t, label+c.String()) || c == usd && len(p.Minimums) == 0 {
				amount := money.Money{Minor: rapid.Int64Range(1, 100_000).Draw(t, label+"amount"), Currency: c}
				p.Minimums = append(p.Minimums, eligibility.Minimum{Amount: amount, Interval: i})
			}
		}
	}
	p.CountTax = rapid.Bool().Draw(t, label+"tax")
	p.OneOff = rapid.SampledFrom([]eligibility.OneOffRule{eligibility.IgnoreOneOff, eligibility.AddedFundsCount, eligibility.OneOffBuysMonths}).Draw(t, label+"once")
	p.Late = days("late", 0, 9)
	p.StaleAfter = time.Duration(rapid.IntRange(1, 2160).Draw(t, label+"stale")) * time.Hour
	p.Interrupted = days("interrupted", 0, 400)
	share := anyFraction(t, label+"share", 0)
	p.Brake = eligibility.Brake{ShareNum: share.Num(), ShareDen: share.Den(), AtLeast: rapid.IntRange(0, 50).Draw(t, label+"least"), Within: days("within", 1, 60)}
	if rapid.Bool().Draw(t, label+"review") {
		v.ReviewBy = instant.Date(p.From.Time().Date()).AddMonths(rapid.IntRange(1, 30).Draw(t, label+"months"))
	}
	for i := range p.Rules {
		who := rapid.IntRange(1, 3).Draw(t, label+"who")
		p.Rules[i] = eligibility.RightRule{Dues: eligibility.DuesMode(rapid.IntRange(0, 2).Draw(t, label+"dues")),
			Organisations: who&1 != 0, Individuals: who&2 != 0, Grace: days("grace", 21, 90)}
	}
	v.Decisions = decisions.Rules{
		Ballots:       rapid.SampledFrom([]decisions.Ballots{decisions.BallotsPublic, decisions.BallotsMembers}).Draw(t, label+"ballots"),
		PolicyChanges: rapid.SampledFrom([]decisions.PolicyChanges{decisions.ByTreasurer, decisions.ByDecision}).Draw(t, label+"changes"),
		Medium:        anySize(t, label+"medium"), Large: anySize(t, label+"large"),
		NoticeTooShort: rapid.SampledFrom([]decisions.TooShort{decisions.Warn, decisions.Refuse}).Draw(t, label+"short"),
	}
	v.Notices = Notices{PaymentLate: days("paymentLate", 10, 20), BeforeGraceEnds: days("before", 1, 20), WaiverEnds: days("waiver", 1, 60),
		NotVoted: NotVoted{After: anyFraction(t, label+"after", 1), BeforeDeadline: days("deadline", 1, 9), OverdueEvery: days("every", 1, 9)}}
	v.seal()
	return v
}

// anyFraction is between 0 and 1; inside leaves the ends out when 1.
func anyFraction(t *rapid.T, label string, inside int64) decisions.Fraction {
	den := rapid.Int64Range(2, 999).Draw(t, label)
	return fraction(rapid.Int64Range(inside, den-inside).Draw(t, label), den)
}

func anySize(t *rapid.T, label string) decisions.SizeRules {
	all := []decisions.Condition{
		{Kind: decisions.TurnoutAll}, {Kind: decisions.FavourAtLeast, N: rapid.IntRange(1, 30).Draw(t, label+"n")},
		{Kind: decisions.FavourOverAgainst}, {Kind: decisions.FavourOfElectorate, Of: anyFraction(t, label+"e", 1)},
		{Kind: decisions.FavourOfVoters, Of: anyFraction(t, label+"v", 1)}, {Kind: decisions.NoAgainst},
		{Kind: decisions.NoObjection}, {Kind: decisions.ConcernsAnswered},
	}
	s := decisions.SizeRules{Notice: rapid.IntRange(1, 90).Draw(t, label+"notice"), Answers: decisions.Answers(), MoreTime: rapid.IntRange(0, 30).Draw(t, label+"more")}
	s.PassesIf = append(s.PassesIf, decisions.Condition{Kind: decisions.NoBlock})
	for _, c := range all {
		if rapid.Bool().Draw(t, label+c.String()) {
			s.PassesIf = append(s.PassesIf, c)
		}
	}
	s.Normalise()
	return s
}

// A share that is no whole percent is said as it is.
func TestBrakeIn(t *testing.T) {
	b := eligibility.Brake{ShareNum: 1, ShareDen: 10, AtLeast: 2, Within: 7 * day}
	if got := BrakeIn(tongue.English(), b); got != "more than 2 members and more than 10% of those in good standing, counted over 7 days" {
		t.Error(got)
	}
	b.ShareDen, b.AtLeast, b.Within = 3, 1, day
	if got := BrakeIn(tongue.English(), b); got != "more than 1 member and more than 1/3 of those in good standing, counted over 1 day" {
		t.Error(got)
	}
}

// What a decision enacts can be read again, whenever it is closed.
func TestEnacted(t *testing.T) {
	for _, name := range PresetNames() {
		v := mustPreset(t, name).Versions[0]
		for _, at := range []instant.Instant{instant.Date(2020, 1, 1), instant.Date(2023, 10, 31), instant.Date(2026, 6, 15).Add(23 * time.Hour), instant.Date(2026, 6, 15) + 1} {
			e := v.Enacted("12", at)
			again, err := Parse("enacted", []byte(e.Text))
			if err != nil || len(again.Versions) != 1 || !SameRules(again.Versions[0], e) || again.Versions[0].SHA256 != e.SHA256 {
				t.Fatalf("%s at %s: %v", name, at, err)
			}
			if e.DecidedBy != "12" || e.From() != max(at, v.From()) || e.ID() != v.ID() {
				t.Errorf("%s at %s: from %s by %q", name, at, e.From(), e.DecidedBy)
			}
			if e.ReviewBy != 0 && (e.ReviewBy != v.ReviewBy || e.ReviewBy <= e.From()) {
				t.Errorf("%s at %s: reviewed by %s", name, at, e.ReviewBy)
			}
		}
	}
}
