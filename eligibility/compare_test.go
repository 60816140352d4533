package eligibility_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"coopcloud.tech/goodstanding/eligibility"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/internal/money"
	"coopcloud.tech/goodstanding/member"
)

// having is a standing with these rights, and a reason that touches one.
func having(state eligibility.State, rights string, reasons ...eligibility.Reason) *eligibility.Standing {
	s := &eligibility.Standing{State: state, Reasons: reasons}
	for _, r := range eligibility.Rights {
		s.Verdicts[r].OK = strings.Contains(rights, r.String())
	}
	return s
}

// What differs between two standings is listed, the state first, then the
// rights; a right that is lost is worse, and lost by dues only where neither a
// membership fact nor a condition of its own refuses it.
func TestWhatDiffersIsListed(t *testing.T) {
	noProfile := eligibility.Reason{Code: eligibility.CodeNoProfile, Rights: eligibility.Of(eligibility.Listing)}
	all := having(eligibility.StateCurrent, "vote listing services")
	for _, c := range []struct {
		what          string
		before, after *eligibility.Standing
		want          string
		worse         bool
	}{
		{"nothing", all, having(eligibility.StateCurrent, "vote listing services"), "", false},
		{"the state alone", all, having(eligibility.StateGrace, "vote listing services"), "state current grace", false},
		{"dues take all", all, having(eligibility.StateLapsed, ""), "state current lapsed; vote yes no worse by dues; " +
			"listing yes no worse by dues; services yes no worse by dues", true},
		{"dues take the vote", all, having(eligibility.StateGrace, "listing services"), "state current grace; vote yes no worse by dues", true},
		{"dues take the listing", all, having(eligibility.StateCurrent, "vote services"), "listing yes no worse by dues", true},
		{"dues take the services, which the brake does not count", all, having(eligibility.StateCurrent, "vote listing"),
			"services yes no worse by dues", false},
		{"a profile is missing", all, having(eligibility.StateCurrent, "vote services", noProfile), "listing yes no worse", false},
		{"a reason of another right", all, having(eligibility.StateShort, "services", noProfile),
			"state current short; vote yes no worse by dues; listing yes no worse", true},
		{"rights come back", having(eligibility.StateLapsed, ""), all, "state lapsed current; vote no yes; listing no yes; services no yes", false},
		{"the rights were not there", having(eligibility.StateShort, ""), having(eligibility.StateLapsed, ""), "state short lapsed", false},
	} {
		var got []string
		for _, x := range eligibility.Compare(c.before, c.after) {
			line := x.What + " " + x.Before + " " + x.After
			if x.Worse {
				line += " worse"
			}
			if x.ByDuesOnly {
				line += " by dues"
			}
			got = append(got, line)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
		if eligibility.Worse(c.before, c.after) != c.worse {
			t.Errorf("%s: the brake counts it: %t, want %t", c.what, !c.worse, c.worse)
		}
	}
	if eligibility.Compare(all, all) != nil {
		t.Error("no difference is not nil")
	}
}

// A membership fact, a kind that the policy does not name and the listing's own
// conditions take a right without the dues: the brake does not count them.
func TestWhatTakesARightWithoutTheDues(t *testing.T) {
	all := having(eligibility.StateCurrent, "vote listing services")
	for s := eligibility.StateLeft; s <= eligibility.StateUnpaid; s++ {
		outside := s <= eligibility.StatePaused
		if got := eligibility.Worse(all, having(s, "")); got == outside {
			t.Errorf("%s: by dues %t", s, got)
		}
	}
	for c := eligibility.CodeCovered; c.String() != ""; c++ {
		own := slices.Contains([]eligibility.Code{eligibility.CodeKindNotNamed, eligibility.CodeNoProfile,
			eligibility.CodeNoConsent, eligibility.CodeNotApproved}, c)
		after := having(eligibility.StateCurrent, "vote services", eligibility.Reason{Code: c, Rights: eligibility.Of(eligibility.Listing)})
		if got := eligibility.Worse(all, after); got == own {
			t.Errorf("%s: by dues %t", c, got)
		}
	}
}

// The words of a standing: in good standing, a reason by its code, the reasons
// of one right, a set of rights.
func TestStandingAnswersAboutItself(t *testing.T) {
	var good []string
	for s := eligibility.StateNone; s <= eligibility.StateUnpaid; s++ {
		if s.GoodStanding() {
			good = append(good, s.String())
		}
	}
	if got := strings.Join(good, " "); got != "waived current grace" {
		t.Errorf("in good standing: %s", got)
	}
	short := eligibility.Reason{Code: eligibility.CodeShort, Rights: eligibility.Of(eligibility.Vote), Since: 7}
	s := having(eligibility.StateShort, "services", short, eligibility.Reason{Code: eligibility.CodeGap})
	s.Verdicts[eligibility.Services].Until = 9
	if r, ok := s.Reason(eligibility.CodeShort); !ok || r.Since != 7 {
		t.Errorf("the reason is %v", r)
	}
	if r, ok := s.Reason(eligibility.CodeGrace); ok || r.Code != 0 {
		t.Errorf("a reason that is not there: %v", r)
	}
	if got := fmt.Sprint(len(s.ReasonsFor(eligibility.Vote)), len(s.ReasonsFor(eligibility.Services))); got != "1 0" {
		t.Errorf("reasons for vote and services: %s", got)
	}
	if v := s.Verdict(eligibility.Services); !v.OK || v.Until != 9 || s.Has(eligibility.Vote) {
		t.Errorf("services %v", v)
	}
	set := eligibility.Of(eligibility.Vote, eligibility.Services)
	if got := strings.Join(set.Names(), " "); got != "vote services" || len(eligibility.RightSet(0).Names()) != 0 {
		t.Errorf("the set is %s", got)
	}
}

// inForce checks which version counts, in whatever order they stand.
func inForce(t *testing.T, ps eligibility.Policies, at, known instant.Instant, want string) {
	t.Helper()
	mirrored := slices.Clone(ps)
	slices.Reverse(mirrored)
	for _, versions := range []eligibility.Policies{ps, mirrored} {
		if p, ok := versions.InForce(at, known); !ok || p.ID != want {
			t.Errorf("at %d, known %d: %q, want %q", at, known, p.ID, want)
		}
	}
}

// The policy in force is the newest that has begun, of those known; before the
// first one the earliest, before any was known those known first; of two that
// begin together the later known.
func TestWhichPolicyIsInForce(t *testing.T) {
	ps := eligibility.Policies{{ID: "second", From: 200, Known: 40}, {ID: "first", From: 100, Known: 50}, {ID: "late", From: 200, Known: 500}}
	for _, c := range []struct {
		t, known instant.Instant
		want     string
	}{
		{99, 60, "first"}, {100, 60, "first"}, {199, 60, "first"}, {200, 60, "second"}, {900, 60, "second"}, {100, 49, "second"},
		{100, 50, "first"}, {100, 10, "second"}, {900, 10, "second"},
	} {
		inForce(t, ps, c.t, c.known, c.want)
	}
	same := eligibility.Policies{{ID: "b", From: 100, Known: 60}, {ID: "a", From: 100, Known: 60}, {ID: "c", From: 100, Known: 50},
		{ID: "d", From: 200, Known: 50}}
	for _, at := range []instant.Instant{50, 100, 150} {
		inForce(t, same, at, 60, "b") // of those known together the last by name
		inForce(t, same, at, 59, "c") // not known yet
		inForce(t, same, at, 10, "c") // nothing was known: those known first
	}
	inForce(t, same, 200, 10, "d")
	if p, ok := (eligibility.Policies{}).InForce(1, 1); ok || p.ID != "" {
		t.Errorf("without any: %q", p.ID)
	}
	p := eligibility.Policy{Minimums: []eligibility.Minimum{{Amount: money.Money{Minor: 1000, Currency: gbp}}}}
	if !p.HasMinimum(gbp) || p.HasMinimum(eur) || (&eligibility.Policy{}).HasMinimum(gbp) {
		t.Error("a currency has a minimum where one is named, and only there")
	}
	rule := eligibility.RightRule{Individuals: true}
	if !rule.Named(member.Individual) || rule.Named(member.Organisation) {
		t.Error("a right for individuals is for individuals")
	}
}
