package chair

import (
	"maps"
	"strings"
	"testing"
	"time"

	"coopcloud.tech/goodstanding/decisions"
	"coopcloud.tech/goodstanding/internal/instant"
	"coopcloud.tech/goodstanding/member"
	"coopcloud.tech/goodstanding/roll"
)

// What a decision comes to does not rest on when it was closed: a policy that is passed
// by Monday's deadline holds for a decision that is due on Tuesday, also where nobody
// closed either of them before Wednesday. For one that was due on Sunday it does not hold.
func TestAPassedPolicyHoldsForTheNextDeadline(t *testing.T) {
	for name, days := range map[string][]int{"each at its deadline": {-1, 0, 1}, "all of them on Wednesday": {2}} {
		t.Run(name, func(t *testing.T) {
			eachRoom(t, 2, "coopcloud-2023", func(t *testing.T, r *room) {
				ctx := t.Context()
				var late []By // by the policy before they have a vote, by the next they have none
				for _, who := range []string{"Late", "Later"} {
					id, _, err := r.roll.Add(ctx, r.operator("joined"), roll.NewMember{Name: who, Kind: member.Organisation, Since: instant.Date(2026, 1, 1), Decision: "9"})
					r.ok(err)
					_, err = r.roll.NoAccount(ctx, r.operator("pays by transfer"), id, true)
					r.ok(err)
					late = append(late, By{Actor: r.person("Delegate of "+who, id), Member: id})
				}
				r.later(time.Minute)
				monday := decisions.Day{Year: 2026, Month: time.June, Date: 22}
				due := func(day int, p decisions.Proposal) ID {
					p.Deadline = monday.Add(day)
					id := r.opened(p)
					r.cast(id, 0, decisions.Favour, "")
					r.cast(id, 1, decisions.Favour, "")
					return id
				}
				_, next := attached(r)
				p := proposal(decisions.Large)
				p.Kind, p.Version = decisions.Policy, "coopcloud-2026"
				if p.Attachment = strings.Replace(next, "vote:     {dues: advisory", "vote:     {dues: enforced", 1); p.Attachment == next {
					t.Fatal("the preset has another line about the vote")
				}
				sunday, enacting, tuesday := due(-1, proposal(decisions.Large)), due(0, p), due(1, proposal(decisions.Large))
				_, err := r.c.Cast(ctx, enacting, late[0], decisions.Favour, "")
				r.ok(err)
				for _, day := range days {
					r.now = monday.Add(day).End(r.c.zone).Add(time.Hour)
					_, err := r.c.CloseDue(ctx)
					r.ok(err)
				}
				for id, want := range map[ID]struct {
					state   decisions.State
					waiting int
				}{sunday: {decisions.Overdue, 2}, enacting: {decisions.Passed, 1}, tuesday: {decisions.Passed, 0}} {
					v := r.read(id)
					if v.Head.State != string(want.state) {
						t.Errorf("decision %d is %s, want %s", v.Decision.Number, v.Head.State, want.state)
					}
					for _, ev := range v.Events {
						if ev.Kind != decisions.Close {
							continue
						}
						if ends := v.Decision.Ends(); ev.At != ends {
							t.Errorf("decision %d is closed at %s, want %s", v.Decision.Number, ev.At, ends)
						}
						if waiting := len(v.Decision.Count(ev.Roll).Waiting); waiting != want.waiting {
							t.Errorf("decision %d waited for %d, want %d", v.Decision.Number, waiting, want.waiting)
						}
					}
				}
				r.whole()
				// A count that was closed late by an older version of the program, by the policy
				// before, is not taken for one that was changed; one that fits neither is.
				past := r.hindsight()
				v := r.read(tuesday)
				ev := v.Events[len(v.Events)-1]
				ev.Roll = maps.Clone(ev.Roll)
				before := past.VotersBefore(ev.At, ev.At)
				for _, by := range late {
					ev.Roll[by.Member] = before[by.Member]
				}
				if len(days) == 1 && !ev.Roll[late[0].Member].Vote {
					t.Error("the policy before took the vote, too")
				}
				if wrong := votesFault(past, &ev); wrong != "" {
					t.Error(wrong)
				}
				changed := ev.Roll[r.ids[0]]
				changed.Vote = false
				ev.Roll[r.ids[0]] = changed
				if votesFault(past, &ev) == "" {
					t.Error("a changed count fits")
				}
			})
		})
	}
}
