package decisions

import (
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
)

// What a page may offer is what the table of events lets through, whatever is
// written into the form: a reason that is missing is told when it is sent.
func TestAgainst(t *testing.T) {
	now := instant.Date(2026, 6, 1).Add(12 * time.Hour)
	yes := Verdict{Vote: true, Membership: Admitted}
	roll := Roll{"m_1": yes, "m_2": yes, "m_3": {Membership: Admitted, Why: "no right to vote: not paid"}}
	party := func(id string, facilitator bool) Party {
		p := Party{Person: "p_1", Facilitator: facilitator}
		p.Member = member.ID("m_" + id)
		p.Verdict = roll[p.Member]
		return p
	}
	rules := Rules{Medium: SizeRules{Notice: 7, Answers: []Answer{Favour, Against}, PassesIf: []Condition{{Kind: NoObjection}}, MoreTime: 7}, NoticeTooShort: Refuse}
	d := New(time.UTC)
	apply := func(ev Event) {
		t.Helper()
		next, err := d.Apply(ev)
		if err != nil {
			t.Fatal(err)
		}
		d = next
	}
	apply(Event{Kind: Propose, At: now, By: party("1", false), Proposal: &Proposal{Text: Text{Title: "T", Changes: "C", Affects: "A", Channel: "R"}, Size: Medium, Kind: General, Visibility: Public}})
	check := func(kind EventKind, by Party, want string) {
		t.Helper()
		var got []string
		for _, r := range d.Against(kind, by, roll, now) {
			got = append(got, r.Text)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
	const proposer = "only delegates of the member that proposed it may do that"
	check(Edit, party("1", false), "")
	check(Edit, party("2", true), proposer)
	check(Withdraw, party("1", false), "")
	check(Log, party("1", false), "the decision is medium, not small")
	check(Cast, party("1", false), "the decision is draft; this is possible while it is open or overdue")
	apply(Event{Kind: Open, At: now, By: party("1", false), Number: 1, Rules: &rules, Electorate: roll.Electorate()})
	for _, kind := range []EventKind{Amend, Announce, Nudge, Withdraw, Cast, Object, MoreTime, Escalate} {
		check(kind, party("1", false), "")
	}
	check(AnswerConcern, party("1", false), "no concern with the number 0 stands")
	check(CallMaterial, party("1", false), "the newest text did not come by an editorial amendment")
	check(End, party("1", false), "its deadline is not past: until then everybody may answer")
	check(Stall, party("1", false), "only a facilitator may do that")
	check(Stall, party("2", true), "")
	check(Reopen, party("2", true), "the decision is open; this is possible while it is stalled or in progress elsewhere")
	check(Cast, party("3", false), "no right to vote: not paid")
	check(Nudge, party("2", false), "only a facilitator, or delegates of the member that proposed it, may do that")
	before := d.Last
	if after, reasons := d.Would(Event{Kind: Stall, At: now, By: party("1", false)}); after.State != Stalled || len(reasons) != 2 || d.State != Opened || d.Last != before {
		t.Errorf("%s, %v; %s", after.State, reasons, d.State)
	}
	if after, reasons := d.Would(Event{Kind: Log, At: now}); after.State != Opened || len(reasons) != 1 {
		t.Errorf("%s, %v", after.State, reasons)
	}
}

// A day too few is one too few: 1 June to 14 June are thirteen days.
func TestWeigh(t *testing.T) {
	rules, today := Rules{Large: SizeRules{Notice: 14}}, Day{2026, 6, 1}
	for _, x := range []struct {
		day         Day
		days        int
		short, past bool
	}{{Day{2026, 6, 14}, 13, true, false}, {Day{2026, 6, 15}, 14, false, false}, {Day{}, 14, false, false}, {today, 0, true, false}, {Day{2026, 5, 31}, -1, true, true}} {
		n := rules.Weigh(Large, today, x.day)
		if n.Days != x.days || n.Short() != x.short || n.Past() != x.past || n.First != (Day{2026, 6, 15}) || n.Needs != 14 {
			t.Errorf("%s: %+v", x.day, n)
		}
	}
	if got := Medium.Larger(); len(got) != 1 || got[0] != Large || len(Large.Larger()) != 0 || len(Size("x").Larger()) != 0 {
		t.Errorf("larger than medium: %v", got)
	}
}
